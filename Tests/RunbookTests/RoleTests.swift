import Foundation
import JSON
import SystemRig
import Testing

/// What `rbac --azure` prints, given by an administrator with the real az to somebody who has nothing else.
@Suite(.needsAz)
struct `Roles with the real az` {
    @Test func `the printed role is made, assigned, and enough for preflight and a switch`() async throws {
        try await inSandbox { sandbox, plugin in
            let az = try Az(sandbox)
            let subscription = try #require(sandbox.variables["SUBSCRIPTION_ID"])
            let printed = try await plugin.run(["rbac", "--azure", "--subscription", subscription])
            let file = sandbox.folder + "/role.json"
            try Data(printed.output.utf8).write(to: URL(fileURLWithPath: file))
            let made = try await az.json("role", "definition", "create", "--role-definition", "@" + file)
            #expect(made?["roleName"]?.string == "kms-vault-switch")
            #expect(made?["roleType"]?.string == "CustomRole")
            let listed = try await az.json("role", "definition", "list", "--custom-role-only", "--query", "[].roleName")
            #expect(listed == .array([.string("kms-vault-switch")]))
            let taken = try await az.refusal("role", "definition", "create", "--role-definition", "@" + file)
            #expect(taken.contains("already exists") || taken.contains("exists already"), "\(taken)")

            var least = plugin
            least.environment["AZURE_CONFIG_DIR"] = sandbox.variables["LEAST_AZURE_CONFIG_DIR"]
            let refused = try await least.change("switch", "--private")
            #expect(refused.exitCode == 3 && refused.all.contains("Microsoft.ContainerService/managedClusters/read"))
            #expect(refused.all.contains("kubectl kms-vault rbac --azure"))

            let scope = "/subscriptions/\(subscription)"
            let principal = try #require(sandbox.variables["LEAST_OBJECT_ID"])
            _ = try await az.json(
                "role", "assignment", "create", "--assignee-object-id", principal, "--assignee-principal-type",
                "ServicePrincipal", "--role", "kms-vault-switch", "--scope", scope)
            expectPrivate(try await least.change("switch", "--private"), try await sandbox.state(), sandbox)
            let inUse = try await az.refusal("role", "definition", "delete", "--name", "kms-vault-switch")
            #expect(inUse.contains("RoleDefinitionHasAssignments"), "\(inUse)")
            try await az.json("role", "assignment", "delete", "--assignee", principal, "--scope", scope)
            try await az.json("role", "definition", "delete", "--name", "kms-vault-switch")
        }
    }
}
