package import HTTP

/// Whether and when a call that may be repeated is sent again.
package struct ARMRetry: Sendable {
    /// How often a call is sent at most.
    package var attempts: Int
    /// The longest wait that the client accepts on its own, in seconds.
    package var longestWait: Double

    package init(attempts: Int = 6, longestWait: Double = 120) {
        self.attempts = attempts
        self.longestWait = longestWait
    }

    /// Seconds to wait before sending again; nil to give the outcome to the caller.
    ///
    /// - Parameter attempt: how often it has been sent, from 1.
    package func delay(after outcome: Result<HTTPResponse, TransportError>, attempt: Int) -> Double? {
        switch outcome {
        case .success(let answer): delay(after: answer, attempt: attempt)
        case .failure(let error): delay(after: error, attempt: attempt)
        }
    }

    private func delay(after answer: HTTPResponse, attempt: Int) -> Double? {
        guard [408, 429, 500, 502, 503, 504].contains(answer.status), attempt < attempts else { return nil }
        guard let asked = answer.retryAfter else { return backoff(attempt) }
        return asked <= longestWait ? max(asked, 0.5) : nil
    }

    private func delay(after error: TransportError, attempt: Int) -> Double? {
        guard attempt < attempts else { return nil }
        switch error.kind {
        case .couldNotResolve, .couldNotConnect, .timedOut, .connectionLost, .other: return backoff(attempt)
        case .badURL, .certificateRefused, .tlsFailed, .proxyFailed, .bodyTooLarge, .cancelled: return nil
        }
    }

    private func backoff(_ attempt: Int) -> Double {
        min(longestWait, Double(1 << min(attempt - 1, 10)))
    }
}
