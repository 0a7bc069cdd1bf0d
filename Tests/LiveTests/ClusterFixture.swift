import AzureAccount
import AzureResources
import HTTP
import JSON
import Synchronization
import Testing

let subscriptionID = "00000000-0000-4000-8000-000000000001"
let clusterPath =
    "/subscriptions/\(subscriptionID)/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
let keyText = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

/// A cluster's document with the members that decide about a change of its KMS.
func clusterText(
    eTag: String? = "1", uid: String = "uid", security: String = kmsOn, state: String = "Succeeded",
    more: String = #","tags":{"team":"a"}"#
) -> String {
    let tag = eTag.map { #","eTag":"\#($0)""# } ?? ""
    return #"{"id":"\#(clusterPath)","name":"c","location":"westeurope","properties":{"provisioningState":"\#(state)","#
        + #""resourceUID":"\#(uid)","securityProfile":{\#(security)}}\#(more)\#(tag)}"#
}

let kmsOn = #""azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Public"}"#
let kmsOff = #""azureKeyVaultKms":{"enabled":false}"#
let platformKey = #""kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"}"#

func managedCluster(_ text: String, version: String = "2026-07-01") throws -> ManagedCluster {
    try ManagedCluster(JSONValue(parsing: Array(text.utf8)), apiVersion: version)
}

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
