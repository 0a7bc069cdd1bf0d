/// The methods that this project sends.
package enum HTTPMethod: String, Sendable, Hashable {
    case get = "GET"
    case put = "PUT"
    case patch = "PATCH"
    case post = "POST"
    case delete = "DELETE"
}

/// One request, as a value. It carries no effect and no TLS setting: those belong to the transport.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// The absolute URL, sent verbatim (Azure's signed operation URLs must not be rebuilt).
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Seconds from the start to the last byte of the answer; nil waits as long as the transport allows.
    package var timeout: Double?
    /// Bytes of an answer's body beyond which the transfer is ended with `TransportError.Kind.bodyTooLarge`.
    package var maximumBodyBytes: Int
    /// Whether the URL carries a signature, so that only its scheme and host may ever be shown.
    package var urlIsSecret: Bool
    /// Which try this is, from 1; only observers look at it.
    package var attempt = 1

    package init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        timeout: Double? = nil, maximumBodyBytes: Int = 16 << 20, urlIsSecret: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumBodyBytes = maximumBodyBytes
        self.urlIsSecret = urlIsSecret
    }
}

/// One answer, whatever its status: a status of 400 or more is not an error of the transport.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Seconds that a `Retry-After` header in delay form asks for; nil when absent or in another form.
    package var retryAfter: Double? {
        guard let value = headers["Retry-After"], let seconds = Double(value), seconds >= 0, seconds.isFinite else {
            return nil
        }
        return seconds
    }
}
