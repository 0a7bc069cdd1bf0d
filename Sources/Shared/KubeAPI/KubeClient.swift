package import HTTP
package import JSON

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
    private let attempts: Int
    private let sleep: @Sendable (Double) async throws -> Void

    /// - Parameters:
    ///   - attempts: how often a request is sent at most; 1 for never again.
    ///   - sleep: waits for seconds; throws only when the task is cancelled.
    package init(
        server: String, transport: any HTTPTransport, authorization: any RequestAuthorization, attempts: Int = 5,
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
        self.transport = transport
        self.authorization = authorization
        self.attempts = attempts
        self.sleep = sleep
    }

    /// The same server and credential over one connection that nobody else uses, each request sent once.
    package func withNewConnection() -> KubeClient {
        KubeClient(
            server: server, transport: transport.withNewConnection(), authorization: authorization, attempts: 1,
            sleep: sleep)
    }

    /// Sends a request and gives its successful answer.
    /// - Throws: whatever else came, statuses of 400 and more among it.
    package func send(_ request: KubeRequest) async throws(KubeError) -> HTTPResponse {
        let response = try await exchange(request, attempts: attempts)
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
    func exchange(_ request: KubeRequest, attempts: Int = 1) async throws(KubeError) -> HTTPResponse {
        let credential = try await credential(request) { try await authorization.headers() } ?? [:]
        let response = try await send(request, credential, attempts: attempts)
        guard response.status == 401 else { return response }
        let renewed = try await self.credential(request) { try await authorization.renewed(rejected: credential) }
        guard let renewed else { return response }
        return try await send(request, renewed, attempts: attempts)
    }

    private func send(
        _ request: KubeRequest, _ credential: HTTPHeaders, attempts: Int
    ) async throws(KubeError) -> HTTPResponse {
        let prepared = prepared(request, credential)
        var attempt = 1
        while true {
            let outcome: Result<HTTPResponse, TransportError>
            do throws(TransportError) {
                outcome = .success(try await transport.send(prepared))
            } catch {
                outcome = .failure(error)
            }
            guard attempt < attempts, let delay = Self.pause(after: outcome, request, attempt) else {
                switch outcome {
                case .success(let response): return response
                case .failure(let error): throw KubeError(request, .transport(error))
                }
            }
            attempt += 1
            do {
                try await sleep(delay)
            } catch {
                throw KubeError(request, .transport(.cancelled(server)))
            }
        }
    }

    private func credential(
        _ request: KubeRequest, _ body: () async throws -> HTTPHeaders?
    ) async throws(KubeError) -> HTTPHeaders? {
        do {
            return try await body()
        } catch {
            throw KubeError(request, .credential(KubeStatus.cut("\(error)")))
        }
    }

    private func prepared(_ request: KubeRequest, _ credential: HTTPHeaders) -> HTTPRequest {
        var headers = credential
        headers.add("Accept", request.accept)
        if let contentType = request.contentType { headers.add("Content-Type", contentType) }
        return HTTPRequest(
            request.method, server + request.target, headers: headers, body: request.body, timeout: request.timeout,
            maximumBodyBytes: request.maximumBodyBytes)
    }

    /// Seconds to wait before the request is sent again; nil when what came is final.
    private static func pause(
        after outcome: Result<HTTPResponse, TransportError>, _ request: KubeRequest, _ attempt: Int
    ) -> Double? {
        switch outcome {
        case .failure(let error):
            let isHarmless = request.isRepeatable || !error.mayHaveBeenSent
            return isHarmless && maySucceedLater(error) ? backoff(attempt) : nil
        case .success(let response):
            switch response.status {
            // The API server answers 429 before it looks at a request, so that any request may come again.
            case 429: break
            case 408, 502, 503, 504: guard request.isRepeatable else { return nil }
            case 500: guard request.isRepeatable, response.retryAfter != nil else { return nil }
            default: return nil
            }
            guard let asked = response.retryAfter else { return backoff(attempt) }
            return asked > 60 ? nil : max(asked, backoff(attempt))
        }
    }

    private static func backoff(_ attempt: Int) -> Double { min(15, 0.5 * Double(1 << min(attempt - 1, 6))) }

    private static func maySucceedLater(_ error: TransportError) -> Bool {
        switch error.kind {
        case .couldNotResolve, .couldNotConnect, .tlsFailed, .proxyFailed, .timedOut, .connectionLost: true
        case .badURL, .certificateRefused, .bodyTooLarge, .cancelled, .other: false
        }
    }
}

extension KubeError {
    init(_ request: KubeRequest, _ cause: Cause) {
        let path = request.path.map(percentEncoded).joined(separator: "/")
        self.init(request: "\(request.method.rawValue) /\(path)", cause: cause)
    }
}

extension TransportError {
    static func cancelled(_ server: String) -> TransportError {
        TransportError(kind: .cancelled, origin: server, detail: "while waiting", mayHaveBeenSent: true)
    }
}
