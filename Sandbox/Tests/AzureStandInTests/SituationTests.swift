import ClusterModel
import Foundation
import Testing

@testable import AzureStandIn

/// What others do around a switch.
struct SituationTests {
    @Test func `a pool upgrades for a long time, and only the cluster's own PUT waits for it`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "node-pool-operation", "state": "Upgrading", "at": "enable-succeeded"])
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.publicly) == "Succeeded")
            let cluster = try await azure.getCluster()
            #expect(cluster[path: ["properties", "provisioningState"]] == "Succeeded")
            let pools = cluster[path: ["properties", "agentPoolProfiles"]]?.array ?? []
            #expect(pools.map { $0["provisioningState"] } == ["Upgrading", "Succeeded", "Succeeded", "Succeeded"])
            let put = try await azure.putKMS(azure.off)
            #expect(put.status == 409)
            #expect(try azure.code(put) == "OperationNotAllowed")
            #expect(String(decoding: put.body, as: UTF8.self).contains("nodepool1 - Upgrading"))
            #expect(await azure.patchVault("Disabled").status == 200)
        }
    }

    @Test func `others' endpoints stay approved while the cluster's own is pending`() async throws {
        try await Azure.run { azure async throws in
            let node = "MC_rg-demo_demo_westeurope"
            let answer = await azure.send(
                "POST", "/sandbox/vaults",
                [
                    "name": "kv-demo",
                    "connections": [
                        ["name": "app-endpoint", "resourceGroup": "rg-app", "status": "Approved"],
                        ["name": "kms-earlier", "resourceGroup": .string(node), "status": "Approved"],
                    ],
                ])
            #expect(answer.status == 200)
            await azure.fault(["name": "private-endpoint-pending"])
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.privately) == "Failed")
            let vault = try await azure.send("GET", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)").json()
            let all = vault[path: ["properties", "privateEndpointConnections"]]?.array ?? []
            let states = all.map { connection in
                let id = connection[path: ["properties", "privateEndpoint", "id"]]?.string ?? ""
                let state = connection[path: ["properties", "privateLinkServiceConnectionState", "status"]]
                return "\(id.split(separator: "/")[3]) \(state?.string ?? "")"
            }
            #expect(states == ["rg-app Approved", "\(node) Approved", "\(node) Pending"])
        }
    }

    @Test func `others turn KMS off, and on`() async throws {
        try await Azure.run { azure async throws in
            for isOn in [false, true] {
                await azure.fault(["name": "terraform-revert", "enabled": .bool(isOn)])
                try await azure.eventually("KMS is \(isOn)") {
                    let state = try await azure.getCluster()[path: ["properties", "provisioningState"]]
                    return await azure.cluster.profiles.last?.enabled == isOn && state == "Succeeded"
                }
                #expect(try await azure.kms()?["keyId"]?.string == azure.keyID())
            }
        }
    }

    @Test func `a policy closes the vault as soon as KMS is on again`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "terraform-vault-revert", "value": "Disabled", "at": "enable-succeeded"])
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.privately) == "Succeeded")
            try await azure.eventually("the vault is closed") { try await azure.vaultAccess() == "Disabled" }
        }
    }

    @Test func `an order reaches the cluster at its moment, and one that it does not know is told of`() async throws {
        try await Azure.run { azure async throws in
            let taken = Taken()
            await azure.standIn.giveOrders { order in
                await taken.add("\(order.method) \(order.path) \(String(decoding: order.body, as: UTF8.self))")
                return order.path.hasSuffix("unknown") ? nil : Answer(200)
            }
            await azure.fault([
                "name": "cluster-order", "path": "silence", "body": ["seconds": 2], "at": "disable-succeeded",
            ])
            #expect(await taken.all.isEmpty)
            #expect(try await azure.change(azure.off) == "Succeeded")
            try await azure.eventually("the order") { await !taken.all.isEmpty }
            #expect(await taken.all == ["POST /sandbox/cluster/silence {\"seconds\":2}"])
            await azure.fault(["name": "cluster-order", "path": "unknown"])
            try await azure.eventually("it is told of") {
                let errors = try await azure.send("GET", "/sandbox/state").json()["rolloutErrors"]?.array
                return errors?.contains("the order 'unknown' was not taken") == true
            }
        }
    }
}

private actor Taken {
    private(set) var all: [String] = []
    func add(_ text: String) { all.append(text) }
}
