import ClusterModel
import Testing

@testable import AzureStandIn

/// The newer experience of KMS: its states, and what clients of the older one may not do to it.
struct NewKMSTests {
    private static let newest = "2026-08-01"

    private func legacyPuts(_ azure: Azure) async throws -> Int? {
        try await azure.send("GET", "/sandbox/state").json()["legacyPutsOnNewExperience"]?.int
    }

    private func plainKey(_ azure: Azure) -> String {
        "https://kv-demo.vault.azure.net/keys/kms"
    }

    private func customerKey(_ azure: Azure, _ mode: JSON) -> JSON {
        [
            "enabled": true, "keyId": .string(plainKey(azure)), "keyVaultNetworkAccess": mode,
            "keyVaultResourceId": .string(azure.vaultPath),
        ]
    }

    @Test(arguments: KMSStart.allCases)
    func `a world begins in each state, and the cluster has its key`(_ start: KMSStart) async throws {
        var world = WorldDescription()
        world.mode = start.rawValue
        if start.closesVault { world.vaults[0].publicNetworkAccess = "Disabled" }
        try await Azure.run(world) { azure async throws in
            let cluster = try await azure.getCluster(Self.newest)
            #expect((cluster[path: Cluster.newKMSPath] != nil) == start.isNew)
            let kms = cluster[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
            let profile = try #require(await azure.cluster.profiles.last)
            switch start {
            case .legacyOff:
                #expect(kms == nil && !profile.enabled)
            case .legacyOffWithKey:
                #expect(kms?["enabled"] == false && kms?["keyId"]?.string == azure.keyID() && !profile.enabled)
            case .legacyPublic, .legacyPrivate:
                #expect(profile.enabled && profile.keyID == azure.keyID())
            case .platform:
                #expect(kms == nil && profile.enabled && profile.keyID == StandIn.platformKeyID)
            case .platformAfterLegacy:
                #expect(kms?["keyId"]?.string == azure.keyID() && profile.keyID == StandIn.platformKeyID)
            case .platformAfterCustomer:
                #expect(kms?["keyId"]?.string == plainKey(azure) && profile.keyID == StandIn.platformKeyID)
            case .customerPublic, .customerPrivate:
                #expect(profile.enabled && profile.keyID == azure.keyID() && profile.plugin == .plus)
                let path: NetworkPath = start == .customerPublic ? .publicEndpoint : .trustedServices
                #expect(profile.networkPath == path)
                #expect(kms?["keyVaultResourceId"]?.string == azure.vaultPath)
            }
            #expect(try await legacyPuts(azure) == 0)
        }
    }

    @Test func `the older KMS turned on there is refused and counted`() async throws {
        for mode in ["PlatformManaged", "PlatformManagedAfterLegacy", "CustomerPublic"] {
            var world = WorldDescription()
            world.mode = mode
            try await Azure.run(world) { azure async throws in
                let put = try await azure.putKMS(azure.publicly)
                #expect(put.status == 400, "\(mode)")
                #expect(try await legacyPuts(azure) == 1)
                #expect(await azure.cluster.profiles.count == 1)
            }
        }
    }

    @Test func `a version that hides the newer experience turns a customer's key off, and that is counted`()
        async throws
    {
        var world = WorldDescription()
        world.mode = "CustomerPublic"
        try await Azure.run(world) { azure async throws in
            #expect(try await azure.change(["enabled": false, "keyId": .string(plainKey(azure))]) == "Succeeded")
            #expect(try await legacyPuts(azure) == 1)
            #expect(await azure.cluster.profiles.last?.keyID == StandIn.platformKeyID)
        }
    }

    @Test func `a customer's key changes its mode in one PUT, and goes back to the platform's`() async throws {
        var world = WorldDescription()
        world.mode = "CustomerPublic"
        world.isVNetIntegrated = false
        try await Azure.run(world) { azure async throws in
            func change(_ kms: JSON) async throws -> JSON {
                let put = try await azure.putKMS(kms, version: Self.newest)
                #expect(put.status == 200, "\(String(decoding: put.body, as: UTF8.self))")
                return try await azure.finish(put)["status"] ?? nil
            }
            #expect(try await change(customerKey(azure, "Private")) == "Succeeded")
            #expect(await azure.cluster.profiles.last?.networkPath == .trustedServices)
            let vault = try await azure.send("GET", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)").json()
            #expect(vault[path: ["properties", "privateEndpointConnections"]] == nil)
            #expect(try await change(["enabled": false]) == "Succeeded")
            #expect(await azure.cluster.profiles.last?.keyID == StandIn.platformKeyID)
            #expect(try await legacyPuts(azure) == 0)
            let nameless = try await azure.putKMS(
                ["enabled": true, "keyId": .string(plainKey(azure)), "keyVaultNetworkAccess": "Public"],
                version: Self.newest)
            #expect(nameless.status == 400)
        }
    }

    @Test func `since 2026-07-01 the form of the key's id chooses, and off has none`() async throws {
        try await Azure.run { azure async throws in
            let kept = try await azure.putKMS(azure.off, version: "2026-07-01")
            #expect(kept.status == 400)
            #expect(String(decoding: kept.body, as: UTF8.self).contains("must be omitted"))
            let off = try await azure.putKMS(["enabled": false], version: "2026-07-01")
            #expect(try await azure.finish(off)["status"] == "Succeeded")
            #expect(try await azure.kms() == ["enabled": false])
            let legacy = try await azure.putKMS(azure.publicly, version: "2026-07-01")
            #expect(try await azure.finish(legacy)["status"] == "Succeeded")
            #expect(try await azure.getCluster(Self.newest)[path: Cluster.newKMSPath] == nil)
            #expect(try await azure.putKMS(customerKey(azure, "Public"), version: "2026-06-01").status == 400)
            let new = try await azure.putKMS(customerKey(azure, "Public"), version: "2026-07-01")
            #expect(try await azure.finish(new)["status"] == "Succeeded")
            #expect(try await azure.getCluster(Self.newest)[path: Cluster.newKMSPath] != nil)
        }
    }

    @Test func `off without a key is taken by every version`() async throws {
        for version in ["2026-08-01", "2026-06-01", "2024-09-01", "2023-01-01"] {
            try await Azure.run { azure async throws in
                #expect(try await azure.putKMS(["enabled": false], version: version).status == 200, "\(version)")
            }
        }
    }
}
