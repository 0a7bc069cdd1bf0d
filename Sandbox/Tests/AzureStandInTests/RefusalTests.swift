import AzureStandIn
import Foundation
import Testing

/// What Azure refuses without looking at KMS: too many requests, locks, policies, preconditions.
struct RefusalTests {
    private func statuses(_ count: Int, _ send: () async -> Answer) async -> [Int] {
        var all: [Int] = []
        for _ in 0..<count { all.append(await send().status) }
        return all
    }

    @Test func `an operation that is polled too often is throttled, and then answers again`() async throws {
        let clock = Clock()
        try await Azure.run(throttles: true, now: { clock.now }) { azure async throws in
            await azure.gate.close()
            let target = try azure.operationTarget(try await azure.putKMS(azure.off))
            let polls = await statuses(202) { await azure.send("GET", target) }
            #expect(polls.prefix(200).allSatisfy { $0 == 200 })
            #expect(polls.suffix(2) == [429, 429])
            let refused = await azure.send("GET", target)
            #expect(refused.header("retry-after") == "1")
            #expect(try azure.code(refused) == "Throttled")
            clock.advance(1)
            #expect(await statuses(3) { await azure.send("GET", target) } == [200, 200, 429])
        }
    }

    @Test func `a cluster takes twenty PUTs, then one a minute`() async throws {
        let clock = Clock()
        try await Azure.run(throttles: true, now: { clock.now }) { azure async throws in
            let body = try await azure.getCluster()
            let target = "\(azure.clusterPath)?api-version=\(Azure.version)"
            let stale = ["If-Match": "\"stale\""]
            let puts = await statuses(21) { await azure.send("PUT", target, body, headers: stale) }
            #expect(puts.prefix(20).allSatisfy { $0 == 412 })
            #expect(puts.last == 429)
            clock.advance(59)
            #expect(await azure.send("PUT", target, body, headers: stale).status == 429)
            clock.advance(61)
            #expect(await azure.send("PUT", target, body, headers: stale).status == 412)
        }
    }

    @Test func `a lock on the cluster, or on what is above it, stops the PUT and the credentials`() async throws {
        try await Azure.run { azure async throws in
            let group =
                "/subscriptions/\(azure.description.subscriptionID)/resourceGroups/\(azure.description.resourceGroup)"
            for scope in [azure.clusterPath, group] {
                let lock = "\(scope)/providers/Microsoft.Authorization/locks/frozen?api-version=2016-09-01"
                #expect(await azure.send("PUT", lock, ["properties": ["level": "ReadOnly"]]).status == 201)
                let put = try await azure.putKMS(azure.off)
                #expect(put.status == 409)
                #expect(try azure.code(put) == "ScopeLocked")
                let credential = await azure.send(
                    "POST", "\(azure.clusterPath)/listClusterUserCredential?api-version=\(Azure.version)")
                #expect(try azure.code(credential) == "ScopeLocked")
                #expect(await azure.send("DELETE", lock).status == 200)
            }
            let lock = "\(group)/providers/Microsoft.Authorization/locks/kept?api-version=2016-09-01"
            #expect(await azure.send("PUT", lock, ["properties": ["level": "CanNotDelete"]]).status == 201)
            #expect(try await azure.putKMS(azure.off).status == 200)
        }
    }

    @Test func `policies refuse the cluster's and the vault's change by name and are listed`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "cluster-policy-denies"])
            let cluster = try await azure.putKMS(azure.off)
            #expect(cluster.status == 403)
            #expect(try azure.code(cluster) == "RequestDisallowedByPolicy")
            await azure.fault(["name": "vault-policy-denies"])
            #expect(await azure.patchVault("Disabled").status == 200)
            let vault = await azure.patchVault("Enabled")
            #expect(try azure.code(vault) == "RequestDisallowedByPolicy")
            let listed = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.Authorization/policyAssignments?api-version=2025-11-01"
            )
            let names = try listed.json()["value"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(names.sorted() == ["sandbox-deny-kms-change", "sandbox-deny-public"])
        }
    }

    @Test func `firewall rules are completed, and with Deny the data plane refuses`() async throws {
        try await Azure.run { azure async throws in
            let target = "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)"
            let set = await azure.send(
                "PATCH", target, ["properties": ["networkAcls": ["defaultAction": "Deny", "bypass": nil]]])
            #expect(
                try set.json()[path: ["properties", "networkAcls"]] == [
                    "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [],
                ])
            let refused = try await azure.data("GET", "/keys/kms")
            #expect(try refused.json()[path: ["error", "innererror", "code"]] == "ForbiddenByFirewall")
        }
    }

    @Test func `another subscription is there and empty`() async throws {
        let world = #"{"otherSubscriptions": [{"id": "6a1d3e62-8b4d-4e1f-8d4a-1b7b3a2e1c22", "name": "Empty"}]}"#
        let description = try JSONDecoder().decode(WorldDescription.self, from: Data(world.utf8))
        try await Azure.run(description) { azure async throws in
            let all = try await azure.send("GET", "/subscriptions?api-version=2022-12-01").json()["value"]?.array
            #expect(all?.compactMap { $0["displayName"]?.string } == ["Sandbox", "Empty"])
            let base = "/subscriptions/6a1d3e62-8b4d-4e1f-8d4a-1b7b3a2e1c22"
            for list in ["resourceGroups", "resources", "providers/Microsoft.KeyVault/vaults"] {
                #expect(try await azure.send("GET", "\(base)/\(list)?api-version=2024-11-01").json() == ["value": []])
            }
            let none = await azure.send("GET", "\(base)/resourceGroups/rg-demo?api-version=2024-11-01")
            #expect(try azure.code(none) == "ResourceGroupNotFound")
        }
    }

    @Test func `pools are shown by name, and no upgrade is offered`() async throws {
        try await Azure.run { azure async throws in
            let version = "?api-version=\(Azure.version)"
            let pool = try await azure.send("GET", "\(azure.clusterPath)/agentPools/nodepool1\(version)").json()
            #expect(pool["name"] == "nodepool1")
            #expect(await azure.send("GET", "\(azure.clusterPath)/agentPools/none\(version)").status == 404)
            let upgrades = try await azure.send("GET", "\(azure.clusterPath)/upgradeProfiles/default\(version)").json()
            #expect(upgrades[path: ["properties", "controlPlaneProfile", "upgrades"]] == nil)
            #expect(upgrades[path: ["properties", "agentPoolProfiles"]]?.array?.count == 4)
        }
    }
}
