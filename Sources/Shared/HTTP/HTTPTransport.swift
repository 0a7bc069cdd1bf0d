/// Sends requests. One transport has one set of trust, identity and proxy; those are fixed where it is made.
package protocol HTTPTransport: Sendable {
    /// Sends once, never again: who may be repeated is decided above (see `RetryPolicy`).
    ///
    /// Cancelling the task ends the transfer with `TransportError.Kind.cancelled`.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

    /// A transport of the same settings whose requests all travel over one connection that nobody else has used.
    ///
    /// The connection is closed when the transport is released.
    func withNewConnection() -> any HTTPTransport
}

/// A transfer that brought no complete answer.
package struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case badURL
        case couldNotResolve
        case couldNotConnect
        /// The server's certificate was not accepted; `detail` says why.
        case certificateRefused
        case tlsFailed
        case proxyFailed
        case timedOut
        /// The connection ended, was reset, or the stream was refused.
        case connectionLost
        case bodyTooLarge(limit: Int)
        case cancelled
        case other
    }

    package let kind: Kind
    /// Scheme, host and port only.
    package let origin: String
    /// What the library says; never holds a header, a body or a query.
    package let detail: String
    /// False only when it is certain that no byte of the request reached the server.
    package let mayHaveBeenSent: Bool

    package init(kind: Kind, origin: String, detail: String, mayHaveBeenSent: Bool) {
        self.kind = kind
        self.origin = origin
        self.detail = detail
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    package var description: String {
        let what: String
        switch kind {
        case .badURL: what = "the address is not a valid URL"
        case .couldNotResolve: what = "the name could not be resolved"
        case .couldNotConnect: what = "no connection could be made"
        case .certificateRefused: what = "the server's certificate was not accepted"
        case .tlsFailed: what = "the TLS handshake failed"
        case .proxyFailed: what = "the proxy could not be used"
        case .timedOut: what = "no answer came in time"
        case .connectionLost: what = "the connection was lost"
        case .bodyTooLarge(let limit): what = "the answer is larger than \(limit) bytes"
        case .cancelled: what = "the request was cancelled"
        case .other: what = "the transfer failed"
        }
        return detail.isEmpty ? "\(origin): \(what)" : "\(origin): \(what) (\(detail))"
    }
}

/// Which servers a transport believes.
package enum ServerTrust: Sendable, Hashable {
    /// The system's certificate authorities, or those of the bundle file at the path.
    case system(bundlePath: String?)
    /// Only chains that end at one of these PEM certificates.
    case authorities(pem: [UInt8])
    /// No verification at all; only where a kubeconfig says `insecure-skip-tls-verify` and the command changes nothing.
    case none
}

/// A client certificate and its key, PEM, kept in memory.
package struct ClientIdentity: Sendable, Hashable {
    package var certificatePEM: [UInt8]
    package var keyPEM: [UInt8]

    package init(certificatePEM: [UInt8], keyPEM: [UInt8]) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }
}

/// What is fixed for all requests of one transport.
package struct TransportSettings: Sendable {
    package var trust: ServerTrust
    package var identity: ClientIdentity?
    /// The name for SNI and verification when it is not the URL's host (kubeconfig's `tls-server-name`).
    package var serverName: String?
    /// `http://`, `https://` or `socks5://` proxy; nil for none.
    package var proxyURL: String?
    /// Hosts, suffixes and CIDRs that bypass the proxy, comma separated, as in `NO_PROXY`.
    package var noProxy: String
    /// The most connections to one host.
    package var connectionsPerHost: Int
    /// Seconds for name resolution, TCP and TLS together.
    package var connectTimeout: Double

    package init(
        trust: ServerTrust, identity: ClientIdentity? = nil, serverName: String? = nil, proxyURL: String? = nil,
        noProxy: String = "", connectionsPerHost: Int = 4, connectTimeout: Double = 20
    ) {
        self.trust = trust
        self.identity = identity
        self.serverName = serverName
        self.proxyURL = proxyURL
        self.noProxy = noProxy
        self.connectionsPerHost = connectionsPerHost
        self.connectTimeout = connectTimeout
    }
}
