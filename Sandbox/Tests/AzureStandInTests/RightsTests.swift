import Foundation
import Testing

@testable import AzureStandIn

/// Rights as people have them: at a key, from a management group, through groups, cut by deny assignments, and none at
/// the subscription.
struct RightsTests {
    private static let identity = WorldDescription.identityObjectID
    private static let cryptoUser: JSON = "Key Vault Crypto User"
    private static let group = "c1f0a3d2-0000-4000-8000-00000000a001"
    private static let outer = "c1f0a3d2-0000-4000-8000-00000000a002"

    private func directory(_ azure: Azure, _ body: JSON) async throws {
        let answer = await azure.send("POST", "/sandbox/directory", body)
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// Turns KMS off, takes all roles of the cluster's identity away, gives it what `body` says; whether KMS can go on.
    private func canEnable(_ azure: Azure, _ body: JSON) async throws -> Bool {
        _ = try await azure.change(azure.off)
        try await directory(azure, ["removeAssignments": [["principalId": .string(Self.identity)]]])
        #expect(try await azure.code(azure.putKMS(azure.publicly)) != nil)
        try await directory(azure, body)
        return try await azure.putKMS(azure.publicly).status == 200
    }

    private func assignment(_ principal: String, at scope: String) -> JSON {
        ["principalId": .string(principal), "role": Self.cryptoUser, "scope": .string(scope)]
    }

    @Test func `a role at the key's own scope is enough, at another key's it is not`() async throws {
        for (key, isEnough) in [("kms", true), ("other", false)] {
            try await Azure.run { azure async throws in
                let scope = "\(azure.vaultPath)/keys/\(key)"
                #expect(
                    try await canEnable(azure, ["assignments": [assignment(Self.identity, at: scope)]]) == isEnough)
                let listed = try await azure.send(
                    "GET",
                    "\(azure.vaultPath)/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
                ).json()
                let scopes = (listed["value"]?.array ?? []).compactMap { $0[path: ["properties", "scope"]]?.string }
                #expect(scopes.contains(scope))
            }
        }
    }

    @Test func `a role is inherited from a management group`() async throws {
        try await Azure.run { azure async throws in
            let scope = "/providers/Microsoft.Management/managementGroups/mg-sandbox"
            #expect(try await canEnable(azure, ["assignments": [assignment(Self.identity, at: scope)]]))
        }
    }

    @Test func `a role is held through a group of a group, and only assignedTo finds it`() async throws {
        try await Azure.run { azure async throws in
            let body: JSON = [
                "groups": [
                    ["id": .string(Self.group), "name": "kms", "members": [.string(Self.identity)]],
                    ["id": .string(Self.outer), "name": "outer", "members": [.string(Self.group)]],
                ],
                "assignments": [assignment(Self.outer, at: azure.vaultPath)],
            ]
            #expect(try await canEnable(azure, body))
            func holders(_ filter: String) async throws -> [String] {
                let all = CharacterSet.urlQueryAllowed
                let query = filter.addingPercentEncoding(withAllowedCharacters: all) ?? ""
                let list = try await azure.send(
                    "GET",
                    "\(azure.vaultPath)/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
                        + "&$filter=\(query)"
                ).json()
                return (list["value"]?.array ?? []).compactMap { $0[path: ["properties", "principalId"]]?.string }
            }
            #expect(try await holders("assignedTo('\(Self.identity)')") == [Self.outer])
            #expect(try await holders("principalId eq '\(Self.identity)'").isEmpty)
            let graph = await azure.send("GET", "/v1.0/servicePrincipals/\(Self.identity)/transitiveMemberOf")
            let ids = try graph.json()["value"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(Set(ids) == [Self.group, Self.outer])
        }
    }

    @Test func `an access policy may name a group`() async throws {
        var world = WorldDescription()
        world.vaults[0].usesRoles = false
        try await Azure.run(world) { azure async throws in
            _ = try await azure.change(azure.off)
            let policy: JSON = [
                "tenantId": .string(azure.description.tenantID), "objectId": .string(Self.group),
                "permissions": ["keys": ["Encrypt", "Decrypt"]],
            ]
            _ = await azure.send(
                "POST", "/sandbox/vaults", ["name": "kv-demo", "properties": ["accessPolicies": [policy]]])
            #expect(try await azure.putKMS(azure.publicly).status == 400)
            try await directory(
                azure, ["groups": [["id": .string(Self.group), "members": [.string(Self.identity)]]]])
            #expect(try await azure.putKMS(azure.publicly).status == 200)
        }
    }

    @Test func `a deny assignment beats a role, and is listed`() async throws {
        try await Azure.run { azure async throws in
            try await directory(
                azure,
                [
                    "denyAssignments": [
                        [
                            "name": "protected", "principals": [], "scope": .string(azure.clusterPath),
                            "actions": ["Microsoft.ContainerService/managedClusters/write"],
                        ]
                    ]
                ])
            let put = try await azure.putKMS(azure.off)
            #expect(put.status == 403)
            #expect(try azure.code(put) == "AuthorizationFailed")
            let list = await azure.send(
                "GET",
                "\(azure.clusterPath)/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01")
            let first = try #require(try list.json()["value"]?.array?.first)
            #expect(first[path: ["properties", "denyAssignmentName"]] == "protected")
            #expect(first[path: ["properties", "principals"]]?.array?.first?["type"] == "SystemDefined")
        }
    }

    @Test func `with roles on one group and one vault nothing of the subscription can be read`() async throws {
        var world = WorldDescription()
        world.vaults[1].name = "kv-elsewhere"
        try await Azure.run(world) { azure async throws in
            let least = WorldDescription.leastObjectID
            let group =
                "/subscriptions/\(azure.description.subscriptionID)/resourceGroups/\(azure.description.resourceGroup)"
            func list(_ token: String) async throws -> [String] {
                let answer = await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: token)
                return try answer.json()["value"]?.array?.compactMap { $0["subscriptionId"]?.string } ?? []
            }
            let token = try #require(await azure.standIn.mintForProfile(azure.description.leastClientID)).text
            #expect(try await list(token).isEmpty)
            let role = "0a1b2c3d-0000-4000-8000-00000000beef"
            let made = await azure.send(
                "PUT", "\(group)/providers/Microsoft.Authorization/roleDefinitions/\(role)?api-version=2022-04-01",
                [
                    "properties": [
                        "roleName": "Switcher", "assignableScopes": [.string(group)],
                        "permissions": [
                            [
                                "actions": ["Microsoft.ContainerService/*"],
                                "notActions": ["Microsoft.ContainerService/managedClusters/delete"],
                            ]
                        ],
                    ]
                ])
            #expect(made.status == 201)
            try await directory(
                azure,
                [
                    "assignments": [
                        ["principalId": .string(least), "role": .string(role), "scope": .string(group)],
                        [
                            "principalId": .string(least), "role": "Key Vault Contributor",
                            "scope": .string(azure.vaultPath),
                        ],
                    ]
                ])
            #expect(try await list(token) == [azure.description.subscriptionID])
            let subscription = "/subscriptions/\(azure.description.subscriptionID)"
            for path in [
                "\(subscription)?api-version=2022-12-01",
                "\(subscription)/providers/Microsoft.ContainerService?api-version=2021-04-01",
            ] {
                let answer = await azure.send("GET", path, token: token)
                #expect(answer.status == 403, "\(path)")
                #expect(try azure.code(answer) == "AuthorizationFailed")
            }
            let resources = await azure.send(
                "GET", "\(subscription)/resources?api-version=2021-04-01", token: token)
            let names = try resources.json()["value"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(Set(names) == ["demo", "kv-demo"])
            #expect(
                await azure.send("GET", "\(azure.clusterPath)?api-version=\(Azure.version)", token: token).status == 200
            )
        }
    }
}
