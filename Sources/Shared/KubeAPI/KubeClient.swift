package import HTTP
package import JSON
import Text

/// Who the API server is to believe that we are.
package protocol RequestAuthorization: Sendable {
    /// The header fields that prove it: `Authorization`, and those of impersonation.
    func headers() async throws -> HTTPHeaders

    /// What to send instead of fields that were answered with 401; nil when there is nothing newer. Many requests may
    /// ask at once about the same fields: they are renewed once.
    func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders?
}

/// Sends requests to one API server: address, credential, and another attempt where that is harmless.
package struct KubeClient: Sendable {
    /// Scheme, host, port and path prefix of the API server, without a slash at the end.
    package let server: String
    package let transport: any HTTPTransport
    package let authorization: any RequestAuthorization
    private let retry: RetryPolicy
    private let requestTimeout: Double?
    private let sleep: @Sendable (Double) async throws -> Void

    /// Five attempts, which bridge the restart of an API server.
    package static let usualRetry = RetryPolicy(maximumAttempts: 5, longestDelay: 15, longestRetryAfter: 60)

    /// - Parameters:
    ///   - retry: how often a request is sent again where that does no harm.
    ///   - requestTimeout: seconds for one request, where shorter than what the request itself allows.
    ///   - sleep: waits for seconds; throws only when the task is cancelled.
    package init(
        server: String, transport: any HTTPTransport, authorization: any RequestAuthorization,
        retry: RetryPolicy = KubeClient.usualRetry,
        requestTimeout: Double? = nil,
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
        self.transport = transport
        self.authorization = authorization
        self.retry = retry
        self.requestTimeout = requestTimeout
        self.sleep = sleep
    }

    /// The same server and credential over one connection that nobody else uses, each request sent once.
    package func withNewConnection() -> KubeClient {
        KubeClient(
            server: server, transport: transport.withNewConnection(), authorization: authorization, retry: .once,
            requestTimeout: requestTimeout, sleep: sleep)
    }

    /// Sends a request and gives its successful answer.
    /// - Throws: whatever else came, statuses of 400 and more among it.
    package func send(_ request: KubeRequest) async throws(KubeError) -> HTTPResponse {
        let response = try await exchange(request, retry)
        guard (200..<300).contains(response.status) else {
            throw KubeError(request, .status(KubeStatus(response)))
        }
        return response
    }

    /// Sends a request and parses its successful answer.
    package func json(_ request: KubeRequest) async throws(KubeError) -> JSONValue {
        let response = try await send(request)
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw KubeError(request, .answer(error.description))
        }
    }

    /// Sends a request and gives its answer, whatever its status. A refused credential is renewed once.
    func exchange(_ request: KubeRequest, _ retry: RetryPolicy = .once) async throws(KubeError) -> HTTPResponse {
        let credential = try await credential(request) { try await authorization.headers() } ?? [:]
        let response = try await send(request, credential, retry)
        guard response.status == 401 else { return response }
        let renewed = try await self.credential(request) { try await authorization.renewed(rejected: credential) }
        guard let renewed else { return response }
        return try await send(request, renewed, retry)
    }

    private func send(
        _ request: KubeRequest, _ credential: HTTPHeaders, _ retry: RetryPolicy
    ) async throws(KubeError) -> HTTPResponse {
        do throws(TransportError) {
            return try await transport.send(prepared(request, credential), sleep: sleep) { outcome, attempt in
                let decision = retry.decide(
                    repeatability(of: request, after: outcome), attempt: attempt, outcome: outcome,
                    random: Double.random(in: 0..<1))
                guard case .retry(let delay) = decision else { return nil }
                return delay
            }
        } catch {
            throw KubeError(request, .transport(error))
        }
    }

    /// The API server answers 429 before it looks at a request, so that after it any request may come again.
    private func repeatability(
        of request: KubeRequest, after outcome: Result<HTTPResponse, TransportError>
    ) -> RetryPolicy.Repeatability {
        if case .success(let response) = outcome, response.status == 429 { return .repeatable }
        return request.isRepeatable ? .repeatable : .onlyIfUnsent
    }

    private func credential(
        _ request: KubeRequest, _ body: () async throws -> HTTPHeaders?
    ) async throws(KubeError) -> HTTPHeaders? {
        do {
            return try await body()
        } catch {
            throw KubeError(request, .credential("\(error)".onOneLine()))
        }
    }

    private func prepared(_ request: KubeRequest, _ credential: HTTPHeaders) -> HTTPRequest {
        var headers = credential
        headers.add("Accept", request.accept)
        if let contentType = request.contentType { headers.add("Content-Type", contentType) }
        return HTTPRequest(
            request.method, server + request.target, headers: headers, body: request.body,
            timeout: min(request.timeout, requestTimeout ?? .infinity),
            maximumBodyBytes: request.maximumBodyBytes)
    }
}

extension RetryPolicy {
    /// Never again: whoever sends decides what is repeated.
    static let once = RetryPolicy(maximumAttempts: 1)
}

extension KubeError {
    init(_ request: KubeRequest, _ cause: Cause) {
        let path = request.path.map { percentEncoded($0) }.joined(separator: "/")
        self.init(request: "\(request.method.rawValue) /\(path)", cause: cause)
    }
}
