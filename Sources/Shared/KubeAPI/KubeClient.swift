package import HTTP
package import JSON

/// Who the API server is to believe that we are.
package protocol KubeAuthorization: Sendable {
    /// The header fields that prove it: `Authorization`, and those of impersonation.
    /// - Parameter forceRefresh: the last credential was refused, so that a kept one must not be used again.
    func headers(forceRefresh: Bool) async throws -> HTTPHeaders
}

/// Sends requests to one API server: address, credential, and another attempt where that is harmless.
package struct KubeClient: Sendable {
    /// Scheme, host, port and path prefix of the API server, without a slash at the end.
    package let server: String
    package let transport: any HTTPTransport
    package let authorization: any KubeAuthorization
    private let attempts: Int
    private let sleep: @Sendable (Double) async throws -> Void

    /// - Parameters:
    ///   - attempts: how often a request is sent at most; 1 for never again.
    ///   - sleep: waits for seconds; throws only when the task is cancelled.
    package init(
        server: String, transport: any HTTPTransport, authorization: any KubeAuthorization, attempts: Int = 5,
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
        var attempt = 1
        var isRenewed = false
        while true {
            let prepared = try await prepared(request, forceRefresh: isRenewed)
            let delay: Double
            do throws(TransportError) {
                let response = try await transport.send(prepared)
                if response.status == 401, !isRenewed {
                    isRenewed = true
                    continue
                }
                guard attempt < attempts, let wait = Self.pause(after: response, request, attempt) else {
                    return response
                }
                delay = wait
            } catch {
                let isHarmless = request.isRepeatable || !error.mayHaveBeenSent
                guard attempt < attempts, isHarmless, Self.maySucceedLater(error) else {
                    throw KubeError(request, .transport(error))
                }
                delay = Self.backoff(attempt)
            }
            attempt += 1
            do {
                try await sleep(delay)
            } catch {
                throw KubeError(request, .transport(.cancelled(server)))
            }
        }
    }

    private func prepared(_ request: KubeRequest, forceRefresh: Bool) async throws(KubeError) -> HTTPRequest {
        var headers: HTTPHeaders
        do {
            headers = try await authorization.headers(forceRefresh: forceRefresh)
        } catch {
            throw KubeError(request, .credential("\(error)"))
        }
        headers.add("Accept", request.accept)
        if let contentType = request.contentType { headers.add("Content-Type", contentType) }
        return HTTPRequest(
            request.method, server + request.target, headers: headers, body: request.body, timeout: request.timeout,
            maximumBodyBytes: request.maximumBodyBytes)
    }

    private static func pause(after response: HTTPResponse, _ request: KubeRequest, _ attempt: Int) -> Double? {
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
