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
        // A preview that is offered is looked at beside it.
        let preview = "2026-06-02-preview"
        let isOffered = offered.contains(preview)
        let begin = [
            exchange(.get, url("2026-07-01"), status, refusal("2026-07-01", code, offered)),
            exchange(.get, url("2026-06-01"), 200, clusterFixture),
        ]
        let look = isOffered ? [exchange(.get, url(preview), 200, clusterFixture)] : []
        let rest = [
            exchange(.put, url("2026-06-01"), 200, clusterFixture),
            exchange(.get, list + "?api-version=2026-06-01", 200, #"{"value":[]}"#),
            exchange(
                .post, clusterText + "/listClusterUserCredential?api-version=2026-06-01", 200,
                #"{"kubeconfigs":[{"name":"u","value":"YQ=="}]}"#),
        ]
        let transport = ScriptedTransport(begin + look + rest)
        let clusters = ManagedClusters(arm: try client(transport, clusterVersion: ClusterAPIVersion.preferred))
        let cluster = try await clusters.get(try AzureResourceID(parsing: clusterText))
        #expect(cluster.apiVersion == "2026-06-01" && cluster.encryption.state == .legacyOn)
        #expect(cluster.encryption.doubt == (isOffered ? nil : .hidden(by: "2026-06-01")))
        _ = try await clusters.put(cluster, settingKMS: .off)
        // Another value made of the same client speaks the same version.
        _ = try await ManagedClusters(arm: clusters.arm).list(subscription: subscription)
        _ = try await clusters.userCredentials(cluster.id)
        #expect(await transport.isFinished)
    }

    private static let off = clusterFixture.replacing(#""enabled":true"#, with: #""enabled":false"#)
    private static let platform = off.replacing(
        #""securityProfile":{"#,
        with: #""securityProfile":{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"},"#
    )

    @Test(arguments: [
        (200, platform, ClusterEncryption.State.platformManaged), (200, off, .legacyOff), (403, "{}", .unknown),
        // It was changed between the two looks.
        (200, clusterFixture, .unknown),
    ])
    func `what the stable version hides is told by a preview that shows the same profile`(
        status: Int, look: String, state: ClusterEncryption.State
    ) async throws {
        let refused = refusal("2026-07-01", "NoRegisteredProviderFound", "2025-10-01, 2025-10-02-preview")
        let transport = ScriptedTransport([
            exchange(.get, url("2026-07-01"), 400, refused), exchange(.get, url("2025-10-01"), 200, Self.off),
            exchange(.get, url("2025-10-02-preview"), status, look),
        ])
        let arm = try client(transport, clusterVersion: ClusterAPIVersion.preferred)
        let cluster = try await ManagedClusters(arm: arm).get(try AzureResourceID(parsing: clusterText))
        // By the preview nothing is written.
        #expect(cluster.encryption.state == state && cluster.apiVersion == "2025-10-01")
    }

    @Test func `a list is told by a preview as well`() async throws {
        let list = "/subscriptions/\(subscription)/providers/Microsoft.ContainerService/managedClusters?api-version="
        let refused = refusal("2026-07-01", "InvalidResourceType", "2025-10-01,2025-10-02-preview")
        let transport = ScriptedTransport([
            exchange(.get, list + "2026-07-01", 404, refused),
            exchange(.get, list + "2025-10-01", 200, #"{"value":[\#(Self.off)]}"#),
            exchange(.get, list + "2025-10-02-preview", 200, #"{"value":[\#(Self.platform)]}"#),
        ])
        let arm = try client(transport, clusterVersion: ClusterAPIVersion.preferred)
        let found = try await ManagedClusters(arm: arm).list(subscription: subscription)
        #expect(found.map(\.encryption.state) == [.platformManaged])
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
