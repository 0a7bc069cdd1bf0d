import AzureStandIn
import ClusterModel
import Foundation
import Testing

struct VaultTests {
    @Test func `PATCH changes one member, PUT replaces them all`() async throws {
        try await Azure.run { azure async throws in
            let target = "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)"
            let before = try await azure.send("GET", target).json()
            let patched = await azure.patchVault("Disabled")
            #expect(patched.status == 200)
            #expect(patched.header("azure-asyncoperation") == nil)
            #expect(patched.header("x-ms-keyvault-service-version") != nil)
            let after = try await azure.send("GET", target).json()
            #expect(after[path: ["properties", "publicNetworkAccess"]] == "Disabled")
            #expect(
                after[path: ["properties", "enableRbacAuthorization"]]
                    == before[path: ["properties", "enableRbacAuthorization"]])
            var body = before
            body[path: ["properties", "publicNetworkAccess"]] = "Enabled"
            body[path: ["properties", "enableRbacAuthorization"]] = nil
            #expect(await azure.send("PUT", target, body).status == 200)
            let put = try await azure.send("GET", target).json()
            #expect(put[path: ["properties", "enableRbacAuthorization"]] == nil)
            #expect(put[path: ["properties", "vaultUri"]] == before[path: ["properties", "vaultUri"]])
        }
    }

    @Test func `default firewall rules vanish from answers and others stay`() async throws {
        try await Azure.run { azure async throws in
            let target = "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)"
            let allow: JSON = [
                "bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": [],
            ]
            let first = await azure.send("PATCH", target, ["properties": ["networkAcls": allow]])
            #expect(try first.json()[path: ["properties", "networkAcls"]] == nil)
            let deny = allow.merging(["defaultAction": "Deny"])
            let second = await azure.send("PATCH", target, ["properties": ["networkAcls": deny]])
            #expect(try second.json()[path: ["properties", "networkAcls"]] == deny)
        }
    }

    @Test func `mistyped values are refused`() async throws {
        try await Azure.run { azure async throws in
            #expect(await azure.patchVault("Sometimes").status == 400)
            let target = "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)"
            #expect(await azure.send("PATCH", target, ["properties": ["publicNetworkAccess": 1]]).status == 400)
            #expect(await azure.send("PATCH", target, ["properties": "x"]).status == 400)
            #expect(await azure.send("PUT", target, ["properties": [:]]).status == 400)
            #expect(try await azure.vaultAccess() == "Enabled")
        }
    }

    @Test func `a policy keeps the vault closed and answers 200`() async throws {
        try await Azure.run { azure async throws in
            _ = await azure.patchVault("Disabled")
            await azure.fault(["name": "vault-policy-keeps-closed"])
            let answer = await azure.patchVault("Enabled")
            #expect(answer.status == 200)
            #expect(try answer.json()[path: ["properties", "publicNetworkAccess"]] == "Disabled")
            await azure.endFaults()
            _ = await azure.patchVault("Enabled")
            #expect(try await azure.vaultAccess() == "Enabled")
        }
    }

    @Test(arguments: [
        ("vault-policy-denies", 403, "RequestDisallowedByPolicy"), ("vault-conflict", 409, "ConflictError"),
    ])
    func `opening is refused`(name: String, status: Int, code: String) async throws {
        try await Azure.run { azure async throws in
            _ = await azure.patchVault("Disabled")
            await azure.fault(["name": .string(name)])
            let answer = await azure.patchVault("Enabled")
            #expect(answer.status == status)
            #expect(try azure.code(answer) == code)
            #expect(try await azure.vaultAccess() == "Disabled")
        }
    }

    @Test func `a lock stops the vault's changes, not its reads, and is listed`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "scope-locked", "on": "vault"])
            let answer = await azure.patchVault("Disabled")
            #expect(answer.status == 409)
            #expect(try azure.code(answer) == "ScopeLocked")
            #expect(try await azure.vaultAccess() == "Enabled")
            let locks = await azure.send(
                "GET", "\(azure.vaultPath)/providers/Microsoft.Authorization/locks?api-version=2020-05-01")
            #expect(try locks.json()["value"]?.array?.count == 1)
        }
    }

    @Test func `answers are lost before or after, and changes ignored`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "lost-vault-answer-before"])
            #expect(await azure.patchVault("Disabled").isLost)
            #expect(try await azure.vaultAccess() == "Enabled")
            await azure.fault(["name": "vault-change-ignored"])
            #expect(await azure.patchVault("Disabled").status == 200)
            #expect(try await azure.vaultAccess() == "Enabled")
            await azure.fault(["name": "lost-vault-answer"])
            #expect(await azure.patchVault("Disabled").isLost)
            #expect(try await azure.vaultAccess() == "Disabled")
        }
    }

    @Test func `the history of the network setting is kept`() async throws {
        try await Azure.run { azure async throws in
            _ = await azure.patchVault("Disabled")
            _ = await azure.patchVault("Enabled")
            let vault = try await azure.send("GET", "/sandbox/state").json()["vaults"]?.array?.first
            let values = vault?["history"]?.array?.map { $0["publicNetworkAccess"]?.string }
            #expect(values == ["Enabled", "Disabled", "Enabled"])
        }
    }

    @Test func `a vault is found by its host's name`() async throws {
        try await Azure.run { azure async throws in
            let filter = "resourceType%20eq%20'Microsoft.KeyVault/vaults'%20and%20name%20eq%20'KV-demo'"
            let answer = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/resources?$filter=\(filter)&api-version=2015-11-01")
            let found = try answer.json()["value"]?.array ?? []
            #expect(found.map { $0["id"]?.string } == [azure.vaultPath])
        }
    }

    @Test func `keys are read through ARM with what makes them unusable`() async throws {
        try await Azure.run { azure async throws in
            let version = try #require(azure.keyID().split(separator: "/").last)
            let target = "\(azure.vaultPath)/keys/kms/versions/\(version)?api-version=\(Azure.vaultVersion)"
            let good = try await azure.send("GET", target).json()["properties"]
            #expect(good?["keyUriWithVersion"]?.string == azure.keyID())
            #expect(good?[path: ["attributes", "enabled"]] == true)
            #expect(good?["keyOps"]?.array?.contains("decrypt") == true)
            await azure.fault(["name": "key-disabled"])
            await azure.fault(["name": "key-expired"])
            let bad = try await azure.send("GET", target).json()[path: ["properties", "attributes"]]
            #expect(bad?["enabled"] == false)
            let expires = try #require(bad?["exp"]?.int)
            #expect(expires < Int(Date().timeIntervalSince1970))
            await azure.fault(["name": "key-deleted"])
            #expect(await azure.send("GET", target).status == 404)
        }
    }

    @Test func `a deleted vault is gone from its place and listed as deleted`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "vault-deleted"])
            try await azure.eventually("the vault is gone") {
                await azure.send("GET", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)").status == 404
            }
            let answer = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01"
            )
            #expect(try answer.json()["value"]?.array?.first?["name"] == "kv-demo")
        }
    }

    @Test func `roles are listed, given, and decide what the caller may`() async throws {
        try await Azure.run { azure async throws in
            let list = "\(azure.vaultPath)/providers/Microsoft.Authorization/roleAssignments"
            let identity = "2e4f6071-3b5d-4c7e-af90-8b2c3d4e5f03"
            let mine = try await azure.send(
                "GET", "\(list)?api-version=2022-04-01&$filter=principalId%20eq%20'\(identity)'"
            ).json()["value"]?.array
            #expect(mine?.count == 2)
            let role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
            let body: JSON = ["properties": ["principalId": .string(identity), "roleDefinitionId": .string(role)]]
            let name = "11111111-2222-4333-8444-555555555555"
            #expect(await azure.send("PUT", "\(list)/\(name)?api-version=2022-04-01", body).status == 201)
            let again = await azure.send("PUT", "\(list)/\(name)?api-version=2022-04-01", body)
            #expect(try azure.code(again) == "RoleAssignmentExists")
            let permissions = await azure.send(
                "GET", "\(azure.vaultPath)/providers/Microsoft.Authorization/permissions?api-version=2022-04-01")
            #expect(try permissions.json()["value"]?.array?.first?["actions"] == ["*"])
        }
    }
}
