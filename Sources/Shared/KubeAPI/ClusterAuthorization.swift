package import HTTP
package import Kubeconfig
import Synchronization

/// A kubeconfig user's credential as what requests carry.
package actor ClusterAuthorization: RequestAuthorization {
    private let credentials: KubeCredentials
    private let impersonation: HTTPHeaders
    private var last: KubeAuthorization?

    package init(_ access: ClusterAccess, _ credentials: KubeCredentials) {
        self.credentials = credentials
        impersonation = access.impersonationHeaders
    }

    package func headers() async throws -> HTTPHeaders {
        let current = try await credentials.authorization()
        last = current
        return fields(current)
    }

    package func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? {
        // Another request has met the refusal before, and there is something newer already.
        guard let refused = last, fields(refused) == rejected else { return try await headers() }
        let current = try await credentials.authorization(rejected: refused)
        last = current
        return current == refused ? nil : fields(current)
    }

    private func fields(_ authorization: KubeAuthorization) -> HTTPHeaders {
        var fields = impersonation
        if let header = authorization.header { fields.add("Authorization", header) }
        return fields
    }
}

/// A transport that uses the client certificate of the moment: a credential plugin may give another one during a run.
package final class CertificateTransport: HTTPTransport {
    private let credentials: KubeCredentials
    private let make: @Sendable (ClientIdentity?) -> any HTTPTransport
    private let current = Mutex<(identity: ClientIdentity?, transport: any HTTPTransport)?>(nil)

    /// - Parameter make: a transport with that certificate and all other settings fixed.
    package init(_ credentials: KubeCredentials, make: @escaping @Sendable (ClientIdentity?) -> any HTTPTransport) {
        self.credentials = credentials
        self.make = make
    }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let identity: ClientIdentity?
        do {
            identity = try await credentials.authorization().identity
        } catch {
            throw TransportError(kind: .other, origin: "", detail: "no credential: \(error)", mayHaveBeenSent: false)
        }
        let transport = current.withLock { current in
            // Connections that were opened with another certificate must not be used again.
            if let current, current.identity == identity { return current.transport }
            let made = make(identity)
            current = (identity, made)
            return made
        }
        return try await transport.send(request)
    }

    package func withNewConnection() -> any HTTPTransport {
        CertificateTransport(credentials) { [make] identity in make(identity).withNewConnection() }
    }
}

extension KubeClient {
    /// The client for a kubeconfig's cluster and user.
    /// - Parameter makeTransport: a transport with the cluster's trust and proxy, and that client certificate.
    package init(
        _ access: ClusterAccess, _ credentials: KubeCredentials, retry: RetryPolicy = KubeClient.usualRetry,
        makeTransport: @escaping @Sendable (ClientIdentity?) -> any HTTPTransport
    ) {
        self.init(
            server: access.server, transport: CertificateTransport(credentials, make: makeTransport),
            authorization: ClusterAuthorization(access, credentials), retry: retry,
            requestTimeout: access.requestTimeout)
    }
}
