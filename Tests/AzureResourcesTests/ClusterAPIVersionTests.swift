import Azure
import HTTP
import JSON
import Testing

@testable import AzureResources

/// ARM's texts as people reported them, shortened lists: Azure/azure-cli#23985, #26827, Azure/azure-sdk-for-node#1684.
private func refusal(_ version: String, _ code: String, _ offered: String) -> String {
    let text =
        switch code {
        case "NoRegisteredProviderFound":
            "No registered resource provider found for location 'westeurope' and API version '\(version)' for type "
                + "'managedClusters'. The supported api-versions are '\(offered)'. The supported locations are 'westeurope'."
        case "InvalidResourceType":
            "The resource type 'managedClusters' could not be found in the namespace 'Microsoft.ContainerService' for "
                + "api version '\(version)'. The supported api-versions are '\(offered)'."
        default: "The api-version '\(version)' is invalid. The supported versions are '\(offered)'."
        }
    return #"{"error":{"code":"\#(code)","message":"\#(text)"}}"#
}

private let old = (2017...2025).map { "\($0)-01-01, \($0)-01-02-preview" }.joined(separator: ", ")

private func url(_ version: String) -> String { clusterText + "?api-version=" + version }

@Suite struct ClusterAPIVersionTests {
    @Test(arguments: [
        ("NoRegisteredProviderFound", 400, old + ", 2026-06-01, 2026-06-02-preview"),
        ("InvalidResourceType", 404, old.replacing(", ", with: ",") + ",2026-06-02-preview,2026-06-01"),
        ("InvalidApiVersionParameter", 400, "2026-06-01,2014-04-01,2014-04"),
    ])
    func `the newest stable version that ARM names is used for everything from then on`(
        code: String, status: Int, offered: String
    ) async throws {
        let list = "/subscriptions/\(subscription)/providers/Microsoft.ContainerService/managedClusters"
        let transport = ScriptedTransport([
            exchange(.get, url("2026-07-01"), status, refusal("2026-07-01", code, offered)),
            exchange(.get, url("2026-06-01"), 200, clusterFixture),
            exchange(.put, url("2026-06-01"), 200, clusterFixture),
            exchange(.get, list + "?api-version=2026-06-01", 200, #"{"value":[]}"#),
            exchange(
                .post, clusterText + "/listClusterUserCredential?api-version=2026-06-01", 200,
                #"{"kubeconfigs":[{"name":"u","value":"YQ=="}]}"#),
        ])
        let clusters = ManagedClusters(arm: try client(transport, clusterVersion: ClusterAPIVersion.preferred))
        let cluster = try await clusters.get(try AzureResourceID(parsing: clusterText))
        #expect(cluster.apiVersion == "2026-06-01" && cluster.encryption.hiddenBy == "2026-06-01")
        _ = try await clusters.put(cluster, settingKMS: .off)
        // Another value made of the same client speaks the same version.
        _ = try await ManagedClusters(arm: clusters.arm).list(subscription: subscription)
        _ = try await clusters.userCredentials(cluster.id)
        #expect(await transport.isFinished)
    }

    @Test func `a version of ARM itself that the provider does not have leads on to one that it has`() async throws {
        let transport = ScriptedTransport([
            exchange(
                .get, url("2026-07-01"), 400,
                refusal("2026-07-01", "InvalidApiVersionParameter", "2025-04-01,2016-06-01")),
            exchange(.get, url("2025-04-01"), 400, refusal("2025-04-01", "NoRegisteredProviderFound", "2024-09-01")),
            exchange(.get, url("2024-09-01"), 200, clusterFixture),
        ])
        let clusters = ManagedClusters(arm: try client(transport, clusterVersion: ClusterAPIVersion.preferred))
        #expect(try await clusters.get(try AzureResourceID(parsing: clusterText)).apiVersion == "2024-09-01")
    }

    @Test(arguments: [
        "2026-08-02-preview", "9999-99-99, 2026-13-01, 2026-1-1, 2026-07-01&x=1", "", "2026-07-01",
        "２０２６-06-01, 2026-06-01x, x2026-06-01, 2026-06-01-", "1999-01-01",
    ])
    func `without a stable version that is new the refusal stands`(offered: String) async throws {
        let transport = ScriptedTransport([
            exchange(.get, url("2026-07-01"), 400, refusal("2026-07-01", "NoRegisteredProviderFound", offered))
        ])
        let clusters = ManagedClusters(arm: try client(transport, clusterVersion: ClusterAPIVersion.preferred))
        let error = await #expect(throws: ARMError.self) {
            try await clusters.get(try AzureResourceID(parsing: clusterText))
        }
        guard case .apiVersionUnknown = error?.kind else {
            Issue.record("\(error.map(String.init(describing:)) ?? "nothing")")
            return
        }
        #expect(await clusters.apiVersion == "2026-07-01")
    }

    @Test func `a server that offers ever other versions is not followed for ever`() async throws {
        let transport = ScriptedTransport(
            ["2026-07-01", "2026-06-01", "2026-05-01", "2026-04-01"].map {
                exchange(.get, url($0), 400, refusal($0, "NoRegisteredProviderFound", Self.next[$0] ?? ""))
            })
        let clusters = ManagedClusters(arm: try client(transport, clusterVersion: ClusterAPIVersion.preferred))
        await #expect(throws: ARMError.self) { try await clusters.get(try AzureResourceID(parsing: clusterText)) }
        #expect(await transport.isFinished)
    }

    private static let next = [
        "2026-07-01": "2026-06-01", "2026-06-01": "2026-05-01", "2026-05-01": "2026-04-01",
        "2026-04-01": "2026-03-01",
    ]

    @Test func `a long list is read beyond what is kept of the text`() {
        let many = (2014...2025).flatMap { year in (1...12).map { "\(year)-\($0 < 10 ? "0" : "")\($0)-01" } }
        let text = "The supported api-versions are '\(many.joined(separator: ", ")), 2026-06-01'."
        #expect(newestStableVersion(offeredIn: text) == "2026-06-01")
        #expect(newestStableVersion(offeredIn: "API version '2026-07-01' is not supported") == nil)
    }
}
