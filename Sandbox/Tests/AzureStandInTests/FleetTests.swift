import AzureStandIn
import ClusterModel
import Foundation
import Testing

/// Several clusters in one Azure.
struct FleetTests {
    @Test func `every cluster has its vault, its identity with roles there alone, its tags and its node group`()
        async throws
    {
        try await Fleet.run(Fleet.world(12, sharing: 3)) { fleet async throws in
            let azure = fleet.azure
            let list = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.ContainerService/managedClusters"
                    + "?api-version=\(Azure.version)")
            let all = try #require(try list.json()["value"]?.array)
            #expect(all.map { $0["name"]?.string } == ["demo"] + (2...12).map { "demo-\($0)" })
            #expect(all.map { $0[path: ["tags", "ring"]]?.string } == ["canary"] + (2...12).map { _ in "prod" })
            #expect(Set(all.map { $0[path: ["properties", "nodeResourceGroup"]]?.string }).count == 12)
            let keys = all.map {
                $0[path: ["properties", "securityProfile", "azureKeyVaultKms", "keyId"]]?.string ?? ""
            }
            #expect(
                keys.map { $0.prefix { $0 != "." } }
                    == (1...12).map { $0 < 4 ? "https://kv-demo" : "https://kv-demo-\($0)" })
            let identities = all.map { $0[path: ["identity", "userAssignedIdentities"]]?.object?.values.first ?? nil }
            #expect(Set(identities.map { $0["principalId"]?.string }).count == 12)
            let access = azure.standIn.access(of: "demo-5")
            _ = try await access.keyMaterial(keyID: keys[4], over: .publicEndpoint)
            await #expect(throws: VaultRefusal.self) {
                try await access.keyMaterial(keyID: keys[5], over: .publicEndpoint)
            }
        }
    }

    @Test func `an update of one cluster leaves the others alone`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            let before = try await fleet.get("demo-3")
            #expect(try await fleet.turnOff("demo-2") == "Succeeded")
            #expect(try await fleet.turnOn("demo-2", "Private", vault: "kv-demo-2") == "Succeeded")
            #expect(try await fleet.member("demo-2").profiles.map(\.enabled) == [true, false, true])
            #expect(try await fleet.member("demo-2").profiles.last?.networkPath == .privateEndpoint)
            #expect(await fleet.azure.cluster.profiles.count == 1)
            #expect(try await fleet.member("demo-3").profiles.count == 1)
            #expect(try await fleet.get("demo-3") == before)
            #expect(try await fleet.state("demo-2")[path: ["appliedProfile", "networkPath"]] == "Private")
            #expect(try await fleet.state("demo")[path: ["appliedProfile", "networkPath"]] == "Public")
            let connections = try await fleet.vaults().mapValues {
                $0[path: ["properties", "privateEndpointConnections"]]?.array?.count ?? 0
            }
            #expect(connections.filter { $0.value > 0 } == ["kv-demo-2": 1])
        }
    }

    @Test func `clusters on one vault need a private endpoint each`() async throws {
        try await Fleet.run(Fleet.world(2, sharing: 2)) { fleet async throws in
            let key = try #require(try await fleet.kms("demo")["keyId"]?.string)
            #expect(try await fleet.turnOff("demo") == "Succeeded")
            #expect(try await fleet.turnOn("demo", "Private", vault: "kv-demo") == "Succeeded")
            #expect(await fleet.azure.patchVault("Disabled").status == 200)
            _ = try await fleet.azure.standIn.access(of: "demo").keyMaterial(keyID: key, over: .privateEndpoint)
            for path in [NetworkPath.publicEndpoint, .privateEndpoint] {
                await #expect(throws: VaultRefusal.self, "\(path)") {
                    try await fleet.azure.standIn.access(of: "demo-2").keyMaterial(keyID: key, over: path)
                }
            }
        }
    }

    @Test func `clusters that start Private have each an approved private endpoint, and their vaults are closed`()
        async throws
    {
        var world = Fleet.world(3, sharing: 2, mode: "Private")
        world.vaults[0].publicNetworkAccess = "Disabled"
        try await Fleet.run(world) { fleet async throws in
            let vaults = try await fleet.vaults()
            #expect(vaults["kv-demo"]?[path: ["properties", "privateEndpointConnections"]]?.array?.count == 2)
            #expect(vaults["kv-demo-3"]?[path: ["properties", "privateEndpointConnections"]]?.array?.count == 1)
            #expect(vaults["kv-demo-3"]?[path: ["properties", "publicNetworkAccess"]] == "Disabled")
            for name in ["demo", "demo-2", "demo-3"] {
                #expect(try await fleet.member(name).profiles.last?.networkPath == .privateEndpoint)
            }
        }
    }

    @Test func `a world file describes further clusters`() async throws {
        let text = """
            {"cluster": "aks-a", "clusters": [
                {"name": "aks-b", "mode": "Private", "vault": "kv-b", "tags": {"ring": "late"}, "resourceGroup": "rg-b",
                 "seed": 7},
                {"name": "aks-c", "vault": "kv-demo", "isVNetIntegrated": false}, {"name": "aks-d", "vault": "kv-b"}]}
            """
        let world = try JSONDecoder().decode(WorldDescription.self, from: Data(text.utf8))
        #expect(world.refusal == nil)
        #expect(world.plans.map(\.seed) == [nil, 7, nil, nil])
        try await Fleet.run(world) { fleet async throws in
            let second = try await fleet.get("aks-b")
            #expect(second["id"]?.string?.contains("/resourcegroups/rg-b/") == true)
            #expect(second["tags"] == ["env": "sandbox", "ring": "late"])
            #expect(second[path: ["properties", "nodeResourceGroup"]] == "MC_rg-b_aks-b_westeurope")
            let access = try await fleet.get("aks-c")[path: ["properties", "apiServerAccessProfile"]]
            #expect(access?["enableVnetIntegration"] == nil)
            #expect(try await fleet.kms("aks-c")["keyId"] == fleet.kms("aks-a")["keyId"])
            // aks-d needs it open.
            let vaults = try await fleet.vaults()
            #expect(vaults["kv-b"]?[path: ["properties", "publicNetworkAccess"]] == "Enabled")
            let groups = await fleet.azure.send(
                "GET", "/subscriptions/\(world.subscriptionID)/resourceGroups?api-version=2021-04-01")
            #expect(
                try groups.json()["value"]?.array?.map { $0["name"]?.string } == [
                    "rg-demo", "MC_rg-demo_aks-a_westeurope", "rg-b", "MC_rg-b_aks-b_westeurope",
                    "MC_rg-demo_aks-c_westeurope", "MC_rg-demo_aks-d_westeurope",
                ])
        }
    }

    @Test(arguments: [
        (#"{"clusters": [{"name": "Demo"}]}"#, "two clusters are called 'demo'"),
        (#"{"clusters": [{"name": "../a"}]}"#, "'../a' is no name of a cluster"),
        (#"{"clusters": [{"name": "a", "mode": "Secret"}]}"#, "a cluster's mode is one of Off,"),
        (#"{"clusters": [{"name": "a", "seed": -1}]}"#, "a cluster's seed is at least 0"),
    ])
    func `clusters that cannot be are refused`(text: String, refusal: String) throws {
        let world = try JSONDecoder().decode(WorldDescription.self, from: Data(text.utf8))
        #expect(world.refusal?.hasPrefix(refusal) == true)
    }

    @Test func `--clusters keeps what the world file says of its own`() {
        var world = WorldDescription()
        var second = WorldDescription.FurtherCluster(name: "demo-2")
        second.vault = "kv-own"
        second.tags = ["ring": "special"]
        world.clusters = [second]
        world.addClusters(upTo: 3, sharing: 3)
        #expect(world.clusters.map(\.name) == ["demo-2", "demo-3"])
        #expect(world.clusters.map(\.vault) == ["kv-own", "kv-demo"])
        #expect(world.clusters.map { $0.tags?["ring"] } == ["special", "prod"])
    }
}
