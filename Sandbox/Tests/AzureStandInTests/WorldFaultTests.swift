import AzureStandIn
import ClusterModel
import Foundation
import Testing

struct WorldFaultTests {
    @Test func `someone else's tool puts the old profile back at a named moment`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "terraform-revert", "at": "disable-succeeded"])
            #expect(try await azure.change(azure.off) == "Succeeded")
            try await azure.eventually("KMS is on again") {
                let cluster = try await azure.getCluster()
                return cluster[path: ["properties", "securityProfile", "azureKeyVaultKms", "enabled"]] == true
                    && cluster[path: ["properties", "provisioningState"]] == "Succeeded"
            }
            #expect(await azure.cluster.profiles.map(\.enabled) == [true, false, true])
        }
    }

    @Test func `someone else's tool opens the vault again`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "terraform-vault-revert", "at": "vault-closed"])
            _ = await azure.patchVault("Disabled")
            try await azure.eventually("the vault is open") { try await azure.vaultAccess() == "Enabled" }
        }
    }

    @Test func `a cluster made again under its name has another UID and eTag`() async throws {
        try await Azure.run { azure async throws in
            let before = try await azure.getCluster()
            await azure.fault(["name": "cluster-recreated"])
            try await azure.eventually("another cluster") {
                try await azure.getCluster()[path: ["properties", "resourceUID"]]
                    != before[path: ["properties", "resourceUID"]]
            }
            #expect(try await azure.getCluster()["eTag"] != before["eTag"])
        }
    }

    @Test func `another cluster on the vault is listed`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "other-cluster-on-vault"])
            let answer = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.ContainerService/managedClusters?api-version=\(Azure.version)"
            )
            let clusters = try answer.json()["value"]?.array ?? []
            #expect(clusters.map { $0["name"]?.string } == ["demo", "other"])
            let kms = clusters.last?[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
            #expect(kms?["keyVaultNetworkAccess"] == "Public")
            #expect(kms?["keyId"]?.string == azure.keyID())
        }
    }

    @Test func `someone else's operation makes the cluster busy`() async throws {
        try await Azure.run { azure async throws in
            await azure.gate.close()
            await azure.fault(["name": "operation-by-others"])
            await azure.gate.open()
            try await azure.eventually("a tag by others") {
                try await azure.getCluster()[path: ["tags", "by-others"]] == "true"
            }
            #expect(await azure.cluster.profiles.count == 1)
        }
    }

    @Test func `a rollout comes late, slow, or not to all replicas`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "rollout-late", "seconds": 60])
            #expect(try await azure.change(azure.off) == "Succeeded")
            try await azure.eventually("the rollout") { await azure.cluster.profiles.last?.enabled == false }
            await azure.fault(["name": "rollout-slow", "seconds": 7])
            await azure.fault(["name": "replica-lags", "replicas": [1, 2]])
            #expect(try await azure.change(azure.publicly) == "Succeeded")
            let rollout = await azure.cluster.rollouts.last
            #expect(rollout?.spacing == 7)
            #expect(rollout?.lagging == [1, 2])
        }
    }

    @Test func `replicas restart, settle and roll back when they are told to`() async throws {
        try await Azure.run { azure async throws in
            #expect(await azure.send("POST", "/sandbox/cluster/restart").status == 200)
            #expect(await azure.send("POST", "/sandbox/cluster/settle").status == 200)
            #expect(await azure.send("POST", "/sandbox/cluster/rollback", ["replica": 1]).status == 200)
            #expect(
                await azure.send("POST", "/sandbox/cluster/corrupt-secret", ["namespace": "a", "name": "b"]).status
                    == 200)
            #expect(await azure.send("POST", "/sandbox/cluster/corrupt-secret", [:]).status == 400)
            #expect(await azure.send("POST", "/sandbox/cluster/explode").status == 404)
            #expect(await azure.cluster.calls == ["restart", "settle", "rollback 1", "corrupt a/b"])
            await azure.fault(["name": "replica-rolls-back", "replica": 2])
            await azure.fault(["name": "api-server-restart"])
            try await azure.eventually("both are done") {
                let calls = await azure.cluster.calls
                return calls.contains("rollback 2") && calls.filter { $0 == "restart" }.count == 2
            }
        }
    }

    @Test func `the request log has paths and statuses and no token`() async throws {
        try await Azure.run { azure async throws in
            _ = try await azure.change(azure.off)
            let answer = await azure.send("GET", "/sandbox/requests")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("\"PUT\""))
            #expect(!text.contains(azure.token))
            #expect(!text.contains("MIIH"))
        }
    }

    @Test func `a world file changes what it names and leaves the rest`() throws {
        let text =
            #"{"cluster": "other", "vaults": [{"name": "kv1", "publicNetworkAccess": "Disabled"}], "mode": "Off"}"#
        let world = try JSONDecoder().decode(WorldDescription.self, from: Data(text.utf8))
        #expect(world.cluster == "other")
        #expect(world.vaults.map(\.name) == ["kv1"])
        #expect(world.vaults[0].keys == ["kms"])
        #expect(world.resourceGroup == "rg-demo")
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(WorldDescription.self, from: Data(#"{"cluster": 1}"#.utf8))
        }
    }
}
