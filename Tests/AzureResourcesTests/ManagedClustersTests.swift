import Azure
import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

private let clusterURL = clusterText + "?api-version=2026-07-01"
private let operationURL =
    testBase + "/subscriptions/\(subscription)/operations/1?api-version=2025-03-01&t=1&c=CERT&s=SIG"

private func clusterWith(eTag: String?) throws -> ManagedCluster {
    var document = try clusterDocument()
    document["eTag"] = eTag.map { .string($0) }
    return try ManagedCluster(document, apiVersion: "2026-07-01")
}

@Test func `an update is sent with the quoted tag and gives the operation as it came`() async throws {
    let transport = ScriptedTransport([
        exchange(.get, clusterURL, 200, clusterFixture),
        exchange(.put, clusterURL, 200, headers: ["azure-asyncoperation": operationURL], clusterFixture),
    ])
    let clusters = ManagedClusters(arm: try client(transport))
    let cluster = try await clusters.get(try AzureResourceID(parsing: clusterText))
    let update = try await clusters.put(cluster, settingKMS: .off)
    #expect(update.operation?.verbatim == operationURL)
    #expect(await transport.requests.last?.headers["If-Match"] == "\"968f973e-087f\"")
    #expect(!"\(update)".contains("SIG") && !String(reflecting: update.operation).contains("SIG"))
}

@Test func `an operation on another host is not followed, and the update still counts as accepted`() async throws {
    let transport = ScriptedTransport([
        exchange(.put, clusterURL, 200, headers: ["azure-asyncoperation": "https://evil.example/op"], "garbage")
    ])
    let update = try await ManagedClusters(arm: try client(transport)).put(
        try clusterWith(eTag: nil), settingKMS: .off)
    #expect(update.operation == nil && update.cluster == nil)
    #expect(await transport.requests.last?.headers["If-Match"] == nil)
}

@Test func `a tag that would break the header is not sent`() async throws {
    let transport = ScriptedTransport([])
    let clusters = ManagedClusters(arm: try client(transport))
    for tag in ["a\r\nX: y", "a\"b", "a b"] {
        await #expect(throws: ARMError.self) {
            try await clusters.put(try clusterWith(eTag: tag), settingKMS: .off)
        }
    }
}

@Test func `an answer about another cluster is refused`() async throws {
    let other = clusterText.replacing("Clusters/c", with: "Clusters/d")
    let transport = ScriptedTransport([exchange(.get, other + "?api-version=2026-07-01", 200, clusterFixture)])
    let clusters = ManagedClusters(arm: try client(transport))
    await #expect(throws: ARMError.self) { try await clusters.get(try AzureResourceID(parsing: other)) }
}

@Test func `a user's kubeconfig is decoded and never shown`() async throws {
    let url = clusterText + "/listClusterUserCredential?api-version=2026-07-01"
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
    let list = "/providers/Microsoft.ContainerService/managedClusters?api-version=2026-07-01"
    let transport = ScriptedTransport([
        exchange(.get, "/subscriptions/\(subscription)\(list)", 200, #"{"value":[\#(clusterFixture)]}"#)
    ])
    let found = await ManagedClusters(arm: try client(transport)).all(in: [subscription])
    #expect(found.found.map(\.name) == ["c"])
    #expect(found.found.first?.apiServerHosts.contains("c-1234.hcp.westeurope.azmk8s.io") == true)
    let denied = ScriptedTransport([
        exchange(.get, "/subscriptions/\(subscription)\(list)", 403, #"{"error":{"code":"AuthorizationFailed"}}"#)
    ])
    let nothing = await ManagedClusters(arm: try client(denied)).all(in: [subscription])
    #expect(nothing.found.isEmpty && nothing.unreadable.first?.error.kind == .authorizationFailed)
}
