/// Told of every exchange when it has ended, for logs and measurements. Called on the sender's task; must not block.
package protocol HTTPObserver: Sendable {
    func exchangeEnded(_ exchange: HTTPExchange)
}

/// What may be known about one exchange. It holds no header, no body and no secret part of a URL.
package struct HTTPExchange: Sendable, Hashable, CustomStringConvertible {
    package let method: HTTPMethod
    /// As `RedactedURL` shows it.
    package let url: String
    /// Which try this was, from 1.
    package let attempt: Int
    /// The answer's status, or how the transfer failed.
    package let outcome: Result<Int, TransportError>
    /// Header and body bytes, before HTTP/2 compresses headers and TLS adds its own.
    package let bytesSent: Int
    package let bytesReceived: Int
    /// From the call to the end, waiting for a free connection included.
    package let seconds: Double

    package init(
        method: HTTPMethod, url: String, attempt: Int, outcome: Result<Int, TransportError>, bytesSent: Int,
        bytesReceived: Int, seconds: Double
    ) {
        self.method = method
        self.url = url
        self.attempt = attempt
        self.outcome = outcome
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.seconds = seconds
    }

    package var description: String {
        let result =
            switch outcome {
            case .success(let status): "\(status)"
            case .failure(let error): "failed: \(error)"
            }
        let milliseconds = Int((seconds * 1000).rounded())
        let again = attempt > 1 ? ", attempt \(attempt)" : ""
        return
            "\(method.rawValue) \(url) \(result) in \(milliseconds) ms, \(bytesSent) B out, \(bytesReceived) B in\(again)"
    }
}
