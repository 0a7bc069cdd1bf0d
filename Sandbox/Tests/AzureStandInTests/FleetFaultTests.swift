import AzureStandIn
import Foundation
import Testing

/// Faults of one cluster among several, and the limits of each.
struct FleetFaultTests {
    @Test func `a fault of one cluster does not strike another`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            await fleet.azure.fault(["name": "disable-fails", "cluster": "demo-2"])
            #expect(try await fleet.turnOff("demo") == "Succeeded")
            #expect(try await fleet.turnOff("demo-3") == "Succeeded")
            #expect(try await fleet.turnOff("demo-2") == "Failed")
            #expect(try await fleet.member("demo-2").profiles.count == 1)
            await fleet.azure.fault(["name": "get-503", "cluster": "demo-3"])
            #expect(try await fleet.get("demo")["name"] == "demo")
            #expect(try await fleet.get("demo-3")["error"] != nil)
        }
    }

    @Test func `a fault without a cluster strikes whichever comes first`() async throws {
        try await Fleet.run(Fleet.world(2)) { fleet async throws in
            await fleet.azure.fault(["name": "disable-fails"])
            #expect(try await fleet.turnOff("demo-2") == "Failed")
            #expect(try await fleet.turnOff("demo") == "Succeeded")
        }
    }

    @Test func `a moment of one cluster does not wake a fault that waits for another's`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            await fleet.azure.fault(["name": "api-server-restart", "at": "disable-succeeded", "cluster": "demo-3"])
            #expect(try await fleet.turnOff("demo-2") == "Succeeded")
            #expect(try await fleet.turnOff("demo-3") == "Succeeded")
            try await fleet.azure.eventually("demo-3 restarts") {
                try await fleet.member("demo-3").calls == ["restart"]
            }
            #expect(try await fleet.member("demo-2").calls == [])
            #expect(await fleet.azure.cluster.calls == [])
        }
    }

    @Test func `an action that names no cluster acts on the one whose moment it was`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            await fleet.azure.fault(["name": "api-server-restart", "at": "vault-closed"])
            _ = await fleet.azure.send(
                "PATCH", "\(fleet.azure.vaultPath("kv-demo-2"))?api-version=\(Azure.vaultVersion)",
                ["properties": ["publicNetworkAccess": "Disabled"]])
            try await fleet.azure.eventually("demo-2 restarts") {
                try await fleet.member("demo-2").calls == ["restart"]
            }
            #expect(await fleet.azure.cluster.calls == [])
        }
    }

    @Test func `a fault of one vault does not strike another`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            await fleet.azure.fault(["name": "vault-policy-denies", "vault": "kv-demo-2"])
            await fleet.azure.fault(["name": "key-disabled", "vault": "kv-demo-3"])
            let statuses = await ["kv-demo", "kv-demo-2"].asyncMap { name in
                await fleet.azure.send(
                    "PATCH", "\(fleet.azure.vaultPath(name))?api-version=\(Azure.vaultVersion)",
                    ["properties": ["publicNetworkAccess": "Enabled"]]
                ).status
            }
            #expect(statuses == [200, 403])
            for (name, isUsable) in [("demo-2", true), ("demo-3", false)] {
                let key = try #require(try await fleet.kms(name)["keyId"]?.string)
                let access = fleet.azure.standIn.access(of: name)
                let material = try? await access.keyMaterial(keyID: key, over: .publicEndpoint)
                #expect((material != nil) == isUsable, "\(name)")
            }
        }
    }

    @Test func `clusters and vaults can be locked each`() async throws {
        try await Fleet.run(Fleet.world(3)) { fleet async throws in
            await fleet.azure.fault(["name": "scope-locked", "on": "cluster", "cluster": "demo-2"])
            await fleet.azure.fault(["name": "scope-locked", "on": "vault", "vault": "kv-demo-3"])
            let target =
                "/subscriptions/\(fleet.azure.description.subscriptionID)/providers/Microsoft.Authorization/locks"
            let locks = try await fleet.azure.send("GET", "\(target)?api-version=2016-09-01").json()["value"]?.array
            let ids = (locks ?? []).compactMap { $0["id"]?.string }
            #expect(ids.count == 2)
            #expect(ids.contains { $0.contains("/managedClusters/demo-2/") })
            #expect(ids.contains { $0.contains("/vaults/kv-demo-3/") })
            #expect(try await fleet.put([:], of: "demo-2").status == 409)
            #expect(try await fleet.turnOff("demo-3") == "Succeeded")
        }
    }

    @Test(arguments: [
        (["name": "get-503", "cluster": "nobody"], 404), (["name": "vault-conflict", "vault": "nothing"], 404),
        (["name": "vault-conflict", "cluster": "demo"], 400), (["name": "get-503", "vault": "kv-demo"], 400),
        (["name": "sign-in-revoked", "cluster": "demo"], 400),
        (["name": "vault-deleted", "at": "disable-succeeded", "cluster": "demo"], 201),
        (["name": "other-cluster-on-vault", "cluster": "another"], 201),
        (["name": "disable-fails", "cluster": "DEMO-2"], 201),
    ])
    func `a place that is not there, or not the fault's, is refused`(fault: [String: String], status: Int) async throws
    {
        try await Fleet.run(Fleet.world(2)) { fleet async throws in
            let body = JSON.object(fault.mapValues { .string($0) })
            #expect(await fleet.azure.fault(body).status == status)
        }
    }

    @Test func `/sandbox acts on the cluster that it is told`() async throws {
        try await Fleet.run(Fleet.world(2)) { fleet async throws in
            #expect(await fleet.azure.send("POST", "/sandbox/cluster/settle?cluster=demo-2").status == 200)
            #expect(try await fleet.member("demo-2").calls == ["settle"])
            #expect(await fleet.azure.cluster.calls == [])
            #expect(await fleet.azure.send("POST", "/sandbox/cluster/settle?cluster=none").status == 404)
            #expect(await fleet.azure.send("GET", "/sandbox/state?cluster=none").status == 404)
            #expect(try await fleet.state("demo-2")["cluster"] == "demo-2")
            #expect(try await fleet.azure.send("GET", "/sandbox/state").json()["cluster"] == "demo")
        }
    }

    @Test func `limits of a cluster are its own, those of a subscription are shared, and refusals are counted`()
        async throws
    {
        let clock = Clock()
        try await Fleet.run(Fleet.world(2), throttles: true, now: { clock.now }) { fleet async throws in
            func statuses(_ count: Int, _ method: String, _ target: String) async -> [Int] {
                var all: [Int] = []
                for _ in 0..<count {
                    all.append(await fleet.azure.send(method, "\(target)?api-version=\(Azure.version)").status)
                }
                return all
            }
            #expect(await statuses(61, "GET", fleet.path("demo")).last == 429)
            #expect(await statuses(1, "GET", fleet.path("demo-2")) == [200])
            let users = "/listClusterUserCredential"
            #expect(await statuses(60, "POST", fleet.path("demo") + users).allSatisfy { $0 == 200 })
            #expect(await statuses(1, "POST", fleet.path("demo-2") + users) == [429])
            let subscription = "/subscriptions/\(fleet.azure.description.subscriptionID)"
            let clusters = "/providers/Microsoft.ContainerService/managedClusters"
            #expect(await statuses(61, "GET", "\(subscription)/resourceGroups/rg-demo\(clusters)").last == 429)
            let lists = await statuses(501, "GET", subscription + clusters)
            #expect(lists.prefix(500).allSatisfy { $0 == 200 })
            #expect(lists.last == 429)
            let requests = try await fleet.azure.send("GET", "/sandbox/requests?last=0").json()
            #expect(requests["byStatus"]?["429"] == 4)
            _ = await fleet.azure.send("DELETE", "/sandbox/requests")
            #expect(try await fleet.azure.send("GET", "/sandbox/requests").json()["byStatus"] == [:])
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
