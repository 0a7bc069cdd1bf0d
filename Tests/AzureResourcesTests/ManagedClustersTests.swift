import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

private let clusterURL = clusterText + "?api-version=2026-06-01"
private let operationURL =
    testBase + "/subscriptions/\(subscription)/operations/1?api-version=2025-03-01&t=1&c=CERT&s=SIG"

@Test func `an update is sent with the quoted tag and gives the operation as it came`() async throws {
    let transport = ScriptedTransport([
        exchange(.get, clusterURL, 200, clusterFixture),
        exchange(.put, clusterURL, 200, headers: ["azure-asyncoperation": operationURL], clusterFixture),
    ])
    let clusters = ManagedClusters(arm: try client(transport))
    let cluster = try await clusters.get(try AzureResourceID(parsing: clusterText))
    let update = try await clusters.put(
        cluster.id, body: cluster.updateBody(settingKMS: .off), ifMatch: cluster.eTag)
    #expect(update.operation?.verbatim == operationURL)
    #expect(await transport.requests.last?.headers["If-Match"] == "\"968f973e-087f\"")
    #expect(!"\(update)".contains("SIG") && !String(reflecting: update.operation).contains("SIG"))
}

@Test func `an operation on another host is not followed, and the update still counts as accepted`() async throws {
    let transport = ScriptedTransport([
        exchange(.put, clusterURL, 200, headers: ["azure-asyncoperation": "https://evil.example/op"], "garbage")
    ])
    let update = try await ManagedClusters(arm: try client(transport)).put(
        try AzureResourceID(parsing: clusterText), body: .object([:]), ifMatch: nil)
    #expect(update.operation == nil && update.cluster == nil)
    #expect(await transport.requests.last?.headers["If-Match"] == nil)
}

@Test func `a tag that would break the header is not sent`() async throws {
    let transport = ScriptedTransport([])
    let clusters = ManagedClusters(arm: try client(transport))
    for tag in ["a\r\nX: y", "a\"b", "a b"] {
        await #expect(throws: ARMError.self) {
            try await clusters.put(try AzureResourceID(parsing: clusterText), body: .object([:]), ifMatch: tag)
        }
    }
}

@Test func `an answer about another cluster is refused`() async throws {
    let other = clusterText.replacing("Clusters/c", with: "Clusters/d")
    let transport = ScriptedTransport([exchange(.get, other + "?api-version=2026-06-01", 200, clusterFixture)])
    let clusters = ManagedClusters(arm: try client(transport))
    await #expect(throws: ARMError.self) { try await clusters.get(try AzureResourceID(parsing: other)) }
}

@Test func `the newest preview version is found among the provider's`() async throws {
    let transport = ScriptedTransport([
        exchange(
            .get, "/subscriptions/\(subscription)/providers/Microsoft.ContainerService?api-version=2024-11-01", 200,
            #"{"registrationState":"Registered","resourceTypes":[{"resourceType":"ManagedClusters","apiVersions":["#
                + #""2026-06-01","2025-09-02-preview","2026-07-02-preview","9999&x=1-preview",7]}]}"#)
    ])
    let clusters = ManagedClusters(arm: try client(transport))
    #expect(try await clusters.newestPreviewVersion(subscription: subscription) == "2026-07-02-preview")
}

@Test func `a user's kubeconfig is decoded and never shown`() async throws {
    let url = clusterText + "/listClusterUserCredential?api-version=2026-06-01"
    let transport = ScriptedTransport([
        exchange(.post, url, 200, #"{"kubeconfigs":[{"name":"clusterUser","value":"a2luZDogQ29uZmln"}]}"#),
        exchange(.post, url, 200, #"{"kubeconfigs":[{"name":"clusterUser","value":"!!"}]}"#),
    ])
    let clusters = ManagedClusters(arm: try client(transport))
    let id = try AzureResourceID(parsing: clusterText)
    let credential = try #require(try await clusters.userCredentials(id).first)
    #expect(credential.kubeconfig == Array("kind: Config".utf8))
    #expect("\(credential)" == "ClusterCredential(12 bytes)")
    await #expect(throws: ARMError.self) { try await clusters.userCredentials(id) }
}

@Test func `a host finds its cluster, and unreadable subscriptions are told`() async throws {
    let list = "/providers/Microsoft.ContainerService/managedClusters?api-version=2026-06-01"
    let transport = ScriptedTransport([
        exchange(.get, "/subscriptions/\(subscription)\(list)", 200, #"{"value":[\#(clusterFixture)]}"#)
    ])
    let found = await ManagedClusters(arm: try client(transport)).find(
        apiServerHost: "c-1234.HCP.westeurope.azmk8s.io", in: [subscription])
    #expect(found.found.map(\.name) == ["c"])
    let denied = ScriptedTransport([
        exchange(.get, "/subscriptions/\(subscription)\(list)", 403, #"{"error":{"code":"AuthorizationFailed"}}"#)
    ])
    let nothing = await ManagedClusters(arm: try client(denied)).find(apiServerHost: "x", in: [subscription])
    #expect(nothing.found.isEmpty && nothing.unreadable.first?.error.kind == .authorizationFailed)
}
