import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

/// Answers in the order of a script and fails the test on every request that is not the next of it.
actor ScriptedTransport: HTTPTransport {
    struct Exchange: Sendable {
        let method: HTTPMethod
        /// What the URL must be, after the endpoint where it begins with `/`.
        let url: String
        let result: Result<HTTPResponse, TransportError>
    }

    private var script: [Exchange]
    private(set) var requests: [HTTPRequest] = []

    init(_ script: [Exchange]) { self.script = script }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.append(request)
        guard !script.isEmpty else {
            Issue.record("unexpected \(request.method.rawValue) \(request.url)")
            throw TransportError(kind: .badURL, origin: "test", detail: "unexpected", mayHaveBeenSent: false)
        }
        let next = script.removeFirst()
        #expect(next.method == request.method)
        #expect(request.url == (next.url.hasPrefix("/") ? testBase + next.url : next.url))
        return try next.result.get()
    }

    nonisolated func withNewConnection() -> any HTTPTransport { self }

    var isFinished: Bool { script.isEmpty }
}

let testBase = "https://management.azure.com"

func exchange(
    _ method: HTTPMethod, _ url: String, _ status: Int = 200, headers: HTTPHeaders = [:], _ body: String = "{}"
) -> ScriptedTransport.Exchange {
    .init(
        method: method, url: url,
        result: .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8))))
}

func failure(_ method: HTTPMethod, _ url: String, _ error: TransportError) -> ScriptedTransport.Exchange {
    .init(method: method, url: url, result: .failure(error))
}

let lost = TransportError(kind: .timedOut, origin: testBase, detail: "", mayHaveBeenSent: true)

/// Gives `token-1`, and the next number whenever a refresh is forced.
actor CountingTokens: AzureTokenSource {
    private var number = 1
    private(set) var claims: [String?] = []

    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken {
        #expect(resource == "https://management.core.windows.net/")
        if forceRefresh {
            number += 1
            self.claims.append(claims)
        }
        return AzureToken(secret: "token-\(number)", expiresAt: 4_000_000_000)
    }
}

/// Time that passes only by sleeping.
actor TestTime {
    nonisolated let sleeps = Recorder()

    nonisolated var time: Clocks {
        let sleeps = sleeps
        return Clocks(
            wall: { 1_700_000_000 + sleeps.sum }, monotonic: { sleeps.sum },
            sleep: { seconds throws(CancellationError) in sleeps.add(seconds) })
    }
}

func client(
    _ transport: ScriptedTransport, tokens: any AzureTokenSource = CountingTokens(), time: TestTime = TestTime(),
    clusterVersion: String = ClusterAPIVersion.preferred
) throws -> ARMClient {
    ARMClient(
        transport: transport, tokens: tokens,
        endpoint: try #require(ARMEndpoint(base: testBase + "/", audience: "https://management.core.windows.net/")),
        tenant: nil, correlationID: "run-1", time: time.time, clusterVersion: ClusterAPIVersion(clusterVersion))
}

let subscription = "00000000-0000-0000-0000-000000000001"
let clusterText =
    "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
let vaultText = "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"
let keyText = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }
