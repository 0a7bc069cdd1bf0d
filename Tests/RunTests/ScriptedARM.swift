import AzureAccount
import AzureResources
import HTTP
import JSON
import Synchronization
import Testing

/// ARM that answers in the order of a script, and keeps what it was sent.
final class ScriptedARM: HTTPTransport {
    private let state: Mutex<(answers: [HTTPResponse], requests: [HTTPRequest])>

    /// Bodies of answers with 200.
    init(_ bodies: [String]) {
        state = Mutex((bodies.map { HTTPResponse(status: 200, body: Array($0.utf8)) }, []))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let answer = state.withLock { state -> HTTPResponse? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        if let answer { return answer }
        Issue.record("unexpected \(request.method.rawValue) \(request.url)")
        throw TransportError(kind: .other, origin: "test", detail: "unexpected", mayHaveBeenSent: false)
    }

    func withNewConnection() -> any HTTPTransport { self }

    func client() throws -> ARMClient {
        ARMClient(
            transport: self, tokens: FixedToken(),
            endpoint: try #require(ARMEndpoint(base: "https://management.azure.com", audience: "a")), tenant: nil,
            correlationID: "run",
            time: Clocks(wall: { 0 }, monotonic: { 0 }, sleep: { _ throws(CancellationError) in }))
    }
}

private struct FixedToken: AzureTokenSource {
    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken { AzureToken(secret: "token", expiresAt: 4_000_000_000) }
}
