import Azure
import JSON
import Testing

@testable import AzureResources

private func cluster(_ security: String, _ version: String = "2026-07-01") throws -> ManagedCluster {
    try ManagedCluster(
        json(#"{"id":"\#(clusterText)","properties":{"securityProfile":\#(security)}}"#), apiVersion: version)
}

private let platform = #""kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"}"#
private let versionless = "https://kv1.vault.azure.net/keys/kms"

/// The table of states: Azure's documentation of KMS data encryption, and aks-preview's live tests of what GET shows.
@Suite struct ClusterEncryptionTests {
    @Test(arguments: [
        ("{}", ClusterEncryption.State.legacyOff),
        (#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#, .legacyOff),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Private"}}"#, .legacyOn),
        (#"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Disabled"}}"#, .legacyOff),
        (#"{"kubernetesResourceObjectEncryptionProfile":{}}"#, .legacyOff),
        ("{\(platform)}", .platformManaged),
        // After a customer's key or the legacy KMS the member stays, with the key that it had.
        (#"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#, .platformManaged),
        (#"{\#(platform),"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)"}}"#, .customerKeyPublic),
        (
            #"{\#(platform),"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Private"}}"#,
            .customerKeyPrivate
        ),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)/"}}"#, .customerKeyPublic),
        (#"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Later"}}"#, .platformManaged),
    ])
    func `each state is told by the profile and the key id`(security: String, state: ClusterEncryption.State) throws {
        let found = try cluster(security).encryption
        #expect(found.state == state && found.doubt == nil)
    }

    @Test(arguments: [
        ("{}", ClusterEncryption.State.legacyOff, true),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)"}}"#, .legacyOn, true),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)"}}"#, .customerKeyPublic, false),
        // The legacy KMS has never kept a key without a version.
        (#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(versionless)"}}"#, .platformManaged, false),
    ])
    func `a version that hides platform encryption leaves it to the key id, and that is said`(
        security: String, state: ClusterEncryption.State, isInDoubt: Bool
    ) throws {
        let found = try cluster(security, "2026-06-01").encryption
        #expect(found.state == state && (found.hiddenBy == "2026-06-01") == isInDoubt)
        #expect(found.doubt?.contains("API version 2026-06-01") ?? false == isInDoubt)
    }

    @Test func `the five states have five words`() {
        let words = ClusterEncryption.State.allCases.map { "\(ClusterEncryption(state: $0, hiddenBy: nil))" }
        #expect(Set(words).count == 5)
    }

    /// Nothing is on the wire: the transport fails the test on any request.
    @Test(arguments: [
        "{\(platform)}", #"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#,
        #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)"}}"#,
        #"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(versionless)"}}"#,
    ])
    func `no update of the legacy KMS is made for a cluster on the new experience`(security: String) async throws {
        let key = try KeyIdentifier(parsingVersioned: keyText)
        let vault = try AzureResourceID(parsing: vaultText)
        let clusters = ManagedClusters(arm: try client(ScriptedTransport([])))
        for setting in [KMSSetting.off, .onPublic(key: key), .onPrivate(key: key, vault: vault)] {
            let error = await #expect(throws: ARMError.self) {
                try await clusters.put(try cluster(security), settingKMS: setting)
            }
            guard case .newKMSExperience = error?.kind else {
                Issue.record("\(error.map(String.init(describing:)) ?? "nothing")")
                continue
            }
            #expect(
                error?.description.contains("nothing was changed: the cluster is on the new KMS experience") == true)
        }
    }
}
