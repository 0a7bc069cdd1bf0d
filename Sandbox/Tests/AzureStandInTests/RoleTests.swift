import AzureStandIn
import Foundation
import Testing

/// Custom roles, and what a principal with nothing else may do.
struct RoleTests {
    private static let version = "api-version=2022-04-01"
    private static let role = "5c8f9d10-0001-4a00-8000-000000000001"

    private func subscription(_ azure: Azure) -> String { "/subscriptions/\(azure.description.subscriptionID)" }

    private func definition(_ azure: Azure, _ actions: [String], name: String = "least", scope: String? = nil) -> JSON {
        [
            "properties": [
                "roleName": .string(name), "description": "d", "type": "CustomRole",
                "assignableScopes": [.string(scope ?? subscription(azure))],
                "permissions": [["actions": .array(actions.map { .string($0) }), "notActions": []]],
            ]
        ]
    }

    private func path(_ azure: Azure, _ kind: String, _ name: String = role, scope: String? = nil) -> String {
        "\(scope ?? subscription(azure))/providers/Microsoft.Authorization/\(kind)/\(name)?\(Self.version)"
    }

    private func assign(_ azure: Azure, scope: String? = nil) async -> Answer {
        await azure.send(
            "PUT", path(azure, "roleAssignments", scope: scope),
            [
                "properties": [
                    "roleDefinitionId": .string("/x/roleDefinitions/\(Self.role)"),
                    "principalId": .string(WorldDescription.leastObjectID),
                ]
            ])
    }

    @Test func `a custom role is made, shown, changed and removed`() async throws {
        try await Azure.run { azure async throws in
            let place = path(azure, "roleDefinitions")
            #expect(await azure.send("PUT", place, definition(azure, ["*/read"])).status == 201)
            let shown = try await azure.send("GET", place).json()
            #expect(shown[path: ["properties", "type"]] == "CustomRole")
            #expect(shown[path: ["properties", "permissions"]]?.array?[0]["actions"] == ["*/read"])
            let list = "\(subscription(azure))/providers/Microsoft.Authorization/roleDefinitions?\(Self.version)"
            let named = try await azure.send("GET", list + "&$filter=roleName%20eq%20'least'").json()
            #expect(named["value"]?.array?.count == 1)
            let custom = try await azure.send("GET", list + "&$filter=type%20eq%20'CustomRole'").json()
            #expect(custom["value"]?.array?.count == 1)
            #expect(await azure.send("PUT", place, definition(azure, ["Microsoft.KeyVault/*/read"])).status == 201)
            #expect(await assign(azure).status == 201)
            #expect(try azure.code(await azure.send("DELETE", place)) == "RoleDefinitionHasAssignments")
            #expect(await azure.send("DELETE", path(azure, "roleAssignments")).status == 200)
            #expect(await azure.send("DELETE", place).status == 200)
            #expect(await azure.send("DELETE", place).status == 204)
            #expect(await azure.send("GET", place).status == 404)
        }
    }

    @Test func `a custom role has a name of its own and stays in its scopes`() async throws {
        try await Azure.run { azure async throws in
            let other = path(azure, "roleDefinitions", UUID().uuidString)
            #expect(
                try azure.code(await azure.send("PUT", other, definition(azure, [], name: "Reader")))
                    == "RoleDefinitionWithSameNameExists")
            let group = subscription(azure) + "/resourceGroups/\(azure.description.resourceGroup)"
            let made = await azure.send(
                "PUT", path(azure, "roleDefinitions"), definition(azure, ["*/read"], scope: group))
            #expect(made.status == 201)
            #expect(try azure.code(await assign(azure)) == "RoleAssignmentScopeNotAssignableToRoleDefinition")
            #expect(await assign(azure, scope: azure.vaultPath).status == 201)
        }
    }

    /// Every path of ARM that the program calls, with the action that it takes.
    private static let calls: [(method: String, path: String, version: String, action: String)] = [
        ("GET", "SUB", "2022-12-01", "Microsoft.Resources/subscriptions/read"),
        ("GET", "SUB/providers/Microsoft.KeyVault", "2024-11-01", "Microsoft.Resources/subscriptions/providers/read"),
        ("GET", "SUB/providers/Microsoft.ContainerService/managedClusters", "2026-06-01", "CLUSTERS/read"),
        (
            "GET", "SUB/providers/Microsoft.KeyVault/deletedVaults", "2026-02-01",
            "Microsoft.KeyVault/deletedVaults/read"
        ),
        (
            "GET", "SUB/providers/Microsoft.Compute/diskEncryptionSets", "2024-03-02",
            "Microsoft.Compute/diskEncryptionSets/read"
        ),
        (
            "POST", "GROUP/providers/Microsoft.PolicyInsights/checkPolicyRestrictions", "2022-03-01",
            "Microsoft.PolicyInsights/checkPolicyRestrictions/read"
        ),
        ("GET", "CLUSTER", "2026-06-01", "CLUSTERS/read"),
        ("PUT", "CLUSTER", "2026-06-01", "CLUSTERS/write"),
        ("POST", "CLUSTER/listClusterUserCredential", "2026-06-01", "CLUSTERS/listClusterUserCredential/action"),
        ("GET", "CLUSTER/operations/latest", "2026-06-01", "CLUSTERS/operations/read"),
        ("GET", "CLUSTER/maintenanceConfigurations", "2026-06-01", "CLUSTERS/maintenanceConfigurations/read"),
        ("GET", "VAULT", "2026-02-01", "Microsoft.KeyVault/vaults/read"),
        ("PATCH", "VAULT", "2026-02-01", "Microsoft.KeyVault/vaults/write"),
        ("GET", "VAULT/keys/kms", "2026-02-01", "Microsoft.KeyVault/vaults/keys/read"),
        ("GET", "VAULT/AUTH/permissions", "2022-05-01-preview", "Microsoft.Authorization/permissions/read"),
        ("GET", "VAULT/AUTH/locks", "2016-09-01", "Microsoft.Authorization/locks/read"),
        ("GET", "VAULT/AUTH/roleAssignments", "2022-04-01", "Microsoft.Authorization/roleAssignments/read"),
        (
            "GET", "VAULT/AUTH/roleDefinitions/12338af0-0e69-4776-bea7-57ae8d297424", "2022-04-01",
            "Microsoft.Authorization/roleDefinitions/read"
        ),
        (
            "GET", "VAULT/AUTH/roleAssignmentScheduleInstances", "2020-10-01",
            "Microsoft.Authorization/roleAssignmentScheduleInstances/read"
        ),
    ]

    @Test(arguments: calls.indices)
    func `each request takes its action, and that is enough`(_ index: Int) async throws {
        let call = Self.calls[index]
        try await Azure.run { azure async throws in
            let action = call.action.replacingOccurrences(
                of: "CLUSTERS", with: "Microsoft.ContainerService/managedClusters")
            let group = subscription(azure) + "/resourceGroups/\(azure.description.resourceGroup)"
            let target =
                call.path.replacingOccurrences(of: "CLUSTER", with: azure.clusterPath)
                .replacingOccurrences(of: "VAULT", with: azure.vaultPath)
                .replacingOccurrences(of: "GROUP", with: group)
                .replacingOccurrences(of: "SUB", with: subscription(azure))
                .replacingOccurrences(of: "AUTH", with: "providers/Microsoft.Authorization")
            let token = try #require(await azure.standIn.mintForProfile(azure.description.leastClientID)).text
            func ask() async throws -> Answer {
                await azure.send(call.method, "\(target)?api-version=\(call.version)", [:], token: token)
            }
            let refused = try await ask()
            #expect(refused.status == 403)
            let message = String(decoding: refused.body, as: UTF8.self)
            #expect(message.contains("AuthorizationFailed") && message.contains("'\(action)'"), "\(message)")
            _ = await azure.send("PUT", path(azure, "roleDefinitions"), definition(azure, [action]))
            #expect(await assign(azure).status == 201)
            #expect(try await ask().status != 403)
        }
    }

    @Test func `a write of the cluster takes a right to its identity too`() async throws {
        try await Azure.run { azure async throws in
            let token = try #require(await azure.standIn.mintForProfile(azure.description.leastClientID)).text
            let body = try await azure.getCluster()
            func put() async -> Answer {
                await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body, token: token)
            }
            let write = "Microsoft.ContainerService/managedClusters/write"
            _ = await azure.send("PUT", path(azure, "roleDefinitions"), definition(azure, [write]))
            #expect(await assign(azure).status == 201)
            #expect(try azure.code(await put()) == "LinkedAuthorizationFailed")
            let assign = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
            _ = await azure.send("PUT", path(azure, "roleDefinitions"), definition(azure, [write, assign]))
            #expect(await put().status == 200)
        }
    }

    @Test func `lists show what may be read, and refuse who may read nothing`() async throws {
        try await Azure.run { azure async throws in
            let token = try #require(await azure.standIn.mintForProfile(azure.description.leastClientID)).text
            let list = subscription(azure) + "/providers/Microsoft.KeyVault/vaults?api-version=\(Azure.vaultVersion)"
            #expect(await azure.send("GET", list, token: token).status == 403)
            _ = await azure.send(
                "PUT", path(azure, "roleDefinitions"), definition(azure, ["Microsoft.KeyVault/vaults/read"]))
            #expect(await assign(azure, scope: azure.vaultPath).status == 201)
            let shown = try await azure.send("GET", list, token: token).json()["value"]?.array ?? []
            #expect(shown.compactMap { $0["name"]?.string } == ["kv-demo"])
        }
    }
}
