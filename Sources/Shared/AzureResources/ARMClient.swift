import Azure
package import AzureAccount
package import HTTP
package import JSON

/// Calls ARM: adds the token, repeats what may be repeated, and turns everything but success into an `ARMError`.
///
/// PUT and PATCH are never sent twice, except after a 401, which says that nothing was done. After a lost answer the
/// caller observes anew.
package struct ARMClient: Sendable {
    /// What carries the calls.
    package let transport: any HTTPTransport
    /// Where tokens come from.
    package let tokens: any AzureTokenSource
    /// The ARM that is called.
    package let endpoint: ARMEndpoint
    /// The tenant whose tokens are used; nil for that of the active subscription.
    package let tenant: String?
    /// Sent with every call, so that Azure's activity log shows the run.
    package let correlationID: String
    /// When calls that may be repeated are.
    package let retry: ARMRetry
    /// Clocks and waiting.
    package let time: Clocks
    /// The API version of managed clusters that this client, and every copy of it, has found to be known to Azure.
    package let clusterVersion: ClusterAPIVersion

    package init(
        transport: any HTTPTransport, tokens: any AzureTokenSource, endpoint: ARMEndpoint, tenant: String?,
        correlationID: String, retry: ARMRetry = ARMRetry(), time: Clocks,
        clusterVersion: ClusterAPIVersion = ClusterAPIVersion()
    ) {
        self.transport = transport
        self.tokens = tokens
        self.endpoint = endpoint
        self.tenant = tenant
        self.correlationID = correlationID
        self.retry = retry
        self.time = time
        self.clusterVersion = clusterVersion
    }

    /// The same client for another run, over another transport.
    package func with(correlationID: String, transport: any HTTPTransport) -> ARMClient {
        ARMClient(
            transport: transport, tokens: tokens, endpoint: endpoint, tenant: tenant, correlationID: correlationID,
            retry: retry, time: time, clusterVersion: clusterVersion)
    }

    /// GETs a document.
    package func get(
        _ path: String, apiVersion: String, query: [(name: String, value: String)] = []
    ) async throws(ARMError) -> JSONValue {
        let call = ARMCall(.get, .path(path, apiVersion: apiVersion, query: query))
        return try document(of: try await send(call), call)
    }

    /// The answer's body as an object.
    package func document(of answer: HTTPResponse, _ call: ARMCall) throws(ARMError) -> JSONValue {
        do {
            let value = try JSONValue(parsing: answer.body)
            guard value.object != nil else { throw JSONError("the document is not an object") }
            return value
        } catch {
            throw ARMError(kind: .unreadableAnswer("\(error)"), action: call.action, status: answer.status)
        }
    }

    /// Sends a call; an answer of 300 or more is thrown.
    package func send(_ call: ARMCall) async throws(ARMError) -> HTTPResponse {
        let answer = try await answer(to: call)
        guard (200..<300).contains(answer.status) else { throw ARMError(answer: answer, action: call.action) }
        return answer
    }

    /// Sends a call and gives whatever answer came in the end.
    package func answer(to call: ARMCall) async throws(ARMError) -> HTTPResponse {
        if case .verbatim(let url, _) = call.address, Origin(ofHTTPS: url) != endpoint.origin {
            throw ARMError(
                kind: .unreadableAnswer("ARM named an address that is not its own, which gets no token"),
                action: call.action)
        }
        let token = try await token(for: call, claims: nil, forceRefresh: false)
        let answer = try await exchange(call, token)
        guard answer.status == 401 else { return answer }
        let renewed = try await self.token(for: call, claims: claimsChallenge(in: answer), forceRefresh: true)
        return try await exchange(call, renewed)
    }

    private func exchange(_ call: ARMCall, _ token: AzureToken) async throws(ARMError) -> HTTPResponse {
        do throws(TransportError) {
            return try await transport.send(request(call, token: token), sleep: time.sleep) { outcome, attempt in
                call.repeatable ? retry.delay(after: outcome, attempt: attempt) : nil
            }
        } catch {
            throw ARMError(error, action: call.action, changesNothing: call.changesNothing)
        }
    }

    private func token(for call: ARMCall, claims: String?, forceRefresh: Bool) async throws(ARMError) -> AzureToken {
        do {
            return try await tokens.token(
                resource: endpoint.audience, tenant: tenant, claims: claims, forceRefresh: forceRefresh)
        } catch {
            throw ARMError(kind: error.kind == .cancelled ? .cancelled : .noToken(error), action: call.action)
        }
    }

    private func request(_ call: ARMCall, token: AzureToken) -> HTTPRequest {
        var headers = call.headers
        headers["Authorization"] = "Bearer \(token.secret)"
        headers["Accept"] = "application/json"
        headers["x-ms-correlation-request-id"] = correlationID
        var body: [UInt8] = []
        if let document = call.body {
            headers["Content-Type"] = "application/json"
            body = document.bytes()
        }
        return HTTPRequest(
            call.method, call.url(at: endpoint), headers: headers, body: body, timeout: call.timeout,
            urlIsSecret: call.urlIsSecret)
    }
}
