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
        (
            #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)","keyVaultNetworkAccess":"private"}}"#,
            .customerKeyPrivate
        ),
        (#"{"kubernetesResourceObjectEncryptionProfile":null,"azureKeyVaultKms":null}"#, .legacyOff),
        // Off, what is kept of the mode says nothing.
        (#"{"azureKeyVaultKms":{"enabled":false,"keyVaultNetworkAccess":"Tunnel"}}"#, .legacyOff),
    ])
    func `each state is told by the profile and the key id`(security: String, state: ClusterEncryption.State) throws {
        let found = try cluster(security).encryption
        #expect(found.state == state && found.doubt == nil)
    }

    @Test(arguments: [
        "[]", #""off""#, #"{"azureKeyVaultKms":[]}"#, #"{"azureKeyVaultKms":{}}"#,
        #"{"azureKeyVaultKms":{"enabled":null}}"#, #"{"azureKeyVaultKms":{"enabled":"false"}}"#,
        #"{"azureKeyVaultKms":{"enabled":false,"keyId":7}}"#, #"{"azureKeyVaultKms":{"enabled":true}}"#,
        #"{"azureKeyVaultKms":{"enabled":true,"keyId":"https://elsewhere/keys"}}"#,
        #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Tunnel"}}"#,
        #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":true}}"#,
        #"{\#(platform),"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)","keyVaultNetworkAccess":"Tunnel"}}"#,
        #"{"kubernetesResourceObjectEncryptionProfile":true}"#,
        #"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Later"}}"#,
        #"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":false},"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)"}}"#,
    ])
    func `what is not documented cannot be told, and is never taken for off`(security: String) throws {
        for version in ["2026-07-01", "2026-06-01", "2025-10-02-preview"] {
            let found = try cluster(security, version).encryption
            #expect(found.state == .unknown && !found.isLegacy && !found.isNewExperience && !found.isHidden)
            #expect(found.note?.hasPrefix("Azure shows what this program does not know: ") == true)
        }
    }

    @Test(arguments: [
        ("{}", ClusterEncryption.State.unknown, true),
        (#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#, .unknown, true),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)"}}"#, .legacyOn, true),
        (#"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)"}}"#, .customerKeyPublic, false),
        // The legacy KMS has never kept a key without a version.
        (#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(versionless)"}}"#, .platformManaged, false),
    ])
    func `a version that hides platform encryption leaves it to the key id, and that is said`(
        security: String, state: ClusterEncryption.State, isInDoubt: Bool
    ) throws {
        let found = try cluster(security, "2026-06-01").encryption
        #expect(found.state == state && found.isHidden == isInDoubt)
        #expect(found.note?.contains("API version 2026-06-01") ?? false == isInDoubt)
        // Previews show it since 2025-08-02.
        #expect(try cluster(security, "2025-08-01-preview").encryption.isHidden == isInDoubt)
        #expect(try !cluster(security, "2025-08-02-preview").encryption.isHidden)
    }

    @Test func `the five states and none of them have words of their own`() {
        let words = ClusterEncryption.State.allCases.map { "\(ClusterEncryption(state: $0))" }
        #expect(Set(words).count == 6)
    }

    private static let settings: [KMSSetting] = {
        guard let key = try? KeyIdentifier(parsingVersioned: keyText),
            let vault = try? AzureResourceID(parsing: vaultText)
        else { return [] }
        return [.off, .onPublic(key: key), .onPrivate(key: key, vault: vault)]
    }()

    /// Nothing is on the wire: the transport fails the test on any request.
    private func refusal(_ cluster: ManagedCluster, _ setting: KMSSetting, hadLegacyKMS: Bool) async throws -> ARMError?
    {
        let clusters = ManagedClusters(arm: try client(ScriptedTransport([])))
        return await #expect(throws: ARMError.self) {
            try await clusters.put(cluster, settingKMS: setting, hadLegacyKMS: hadLegacyKMS)
        }
    }

    @Test(arguments: [
        "{\(platform)}", #"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#,
        #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(versionless)"}}"#,
        #"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(versionless)"}}"#,
    ])
    func `no update of the legacy KMS is made for a cluster on the new experience`(security: String) async throws {
        for setting in Self.settings {
            let error = try await refusal(try cluster(security), setting, hadLegacyKMS: true)
            guard case .newKMSExperience = error?.kind else {
                Issue.record("\(error.map(String.init(describing:)) ?? "nothing")")
                continue
            }
            #expect(
                error?.description.contains("nothing was changed: the cluster is on the new KMS experience") == true)
        }
    }

    @Test(arguments: [true, false])
    func `none is made for a cluster of which it cannot be told`(hadLegacyKMS: Bool) async throws {
        let later = #"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Later"}}"#
        for setting in Self.settings {
            let error = try await refusal(try cluster(later), setting, hadLegacyKMS: hadLegacyKMS)
            #expect(error?.description.contains("nothing was changed: Azure shows what this program does not") == true)
        }
    }

    @Test func `where a version hides it, only a run that saw the legacy KMS on may turn it on again`() async throws {
        let off = try cluster(#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}}"#, "2026-06-01")
        #expect(Self.settings.count == 3)
        for setting in Self.settings {
            let error = try await refusal(off, setting, hadLegacyKMS: false)
            #expect(error?.description.contains("API version 2026-06-01") == true)
            let body = try off.updateBody(settingKMS: setting, hadLegacyKMS: true)
            #expect(body[path: "properties", "securityProfile", "azureKeyVaultKms", "enabled"] != nil)
        }
    }

    @Test func `a key id without a version, which would migrate the cluster, is never sent`() async throws {
        let plain = try KeyIdentifier(parsing: versionless)
        let vault = try AzureResourceID(parsing: vaultText)
        let legacy = try cluster(#"{"azureKeyVaultKms":{"enabled":false}}"#)
        for setting in [KMSSetting.onPublic(key: plain), .onPrivate(key: plain, vault: vault)] {
            let error = try await refusal(legacy, setting, hadLegacyKMS: true)
            #expect(error?.description.contains("has no version") == true)
        }
    }

    /// Whatever members ARM may show together: a body is made for the two legacy states alone, it turns on nothing but
    /// a versioned key, and since 2026-07-01 off is `{"enabled": false}`.
    @Test func `of all profiles that can be shown, only the legacy ones get a body`() throws {
        let profiles = [
            "", "null", "{}", #"{"infrastructureEncryption":"Enabled"}"#,
            #"{"infrastructureEncryption":"Disabled"}"#, #"{"infrastructureEncryption":"X"}"#, "3",
        ]
        let enabled = ["", #""enabled":true"#, #""enabled":false"#, #""enabled":"true""#]
        let keys = ["", #""keyId":"\#(keyText)""#, #""keyId":"\#(versionless)""#, #""keyId":"x""#, #""keyId":null"#]
        let modes = ["", #""keyVaultNetworkAccess":"Private""#, #""keyVaultNetworkAccess":"X""#]
        var made = 0
        for version in ["2026-08-01", "2026-07-01", "2026-06-01"] {
            for profile in profiles {
                for parts in enabled.flatMap({ e in keys.flatMap { k in modes.map { [e, k, $0] } } }) {
                    let kms = "{" + parts.filter { !$0.isEmpty }.joined(separator: ",") + "}"
                    let members = [
                        profile.isEmpty ? nil : #""kubernetesResourceObjectEncryptionProfile":\#(profile)"#,
                        #""azureKeyVaultKms":\#(kms)"#,
                    ]
                    let found = try cluster("{" + members.compactMap { $0 }.joined(separator: ",") + "}", version)
                    made += try bodies(of: found)
                }
            }
        }
        #expect(made > 0)
    }

    private func bodies(of cluster: ManagedCluster) throws -> Int {
        var made = 0
        for setting in Self.settings {
            guard let body = try? cluster.updateBody(settingKMS: setting) else {
                #expect(!cluster.encryption.isLegacy, "\(cluster.document)")
                continue
            }
            made += 1
            #expect(cluster.encryption.isLegacy, "\(cluster.document)")
            let kms = try #require(body[path: "properties", "securityProfile", "azureKeyVaultKms"])
            if kms["enabled"]?.bool == true {
                #expect(try KeyIdentifier(parsing: kms["keyId"]?.string ?? "").version != nil)
            } else if cluster.apiVersion >= "2026-07-01" {
                #expect(kms == .object(["enabled": .bool(false)]))
            }
        }
        return made
    }
}
