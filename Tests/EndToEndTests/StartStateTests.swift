import HTTP
import JSON
import SystemRig
import Testing

/// The states of KMS in which people's clusters are.
@Suite(.needsSandbox)
struct `Clusters as they are found` {
    @Test func `that the older runbook left plaintext is never called encrypted`() async throws {
        let options = SandboxOptions(mode: "Private", more: ["--secrets-plaintext"])
        try await inSandbox(options) { sandbox, plugin in
            #expect(try await sandbox.state().plaintext == 40)
            for command in [["switch", "--private"], ["status"], ["switch", "--private", "--dry-run"]] {
                let yes = command[0] == "switch" ? ["--yes"] : []
                let result = try await plugin.run(command + plugin.target + yes + ["-o", "json"])
                #expect(result.secretsAtRest != "encrypted", "\(command): \(result.testDescription)")
            }
            let mended = try await plugin.change("verify", "--patch")
            #expect(mended.exitCode == 5 || mended.exitCode == 0, "\(mended.testDescription)")
            let after = try await plugin.change("rewrite-secrets")
            #expect(after.exitCode == 0, "\(after.testDescription)")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
        }
    }

    @Test(arguments: ["Off", "OffWithKey"])
    func `with KMS off is told that Secrets are plaintext`(_ mode: String) async throws {
        try await inSandbox(SandboxOptions(mode: mode)) { sandbox, plugin in
            let result = try await plugin.run(["status", "-o", "json"] + plugin.target)
            #expect(result.secretsAtRest != "encrypted", "\(result.testDescription)")
            #expect(try await sandbox.state().plaintext == 40)
        }
    }

    /// The actions that a switch takes of Azure, as a custom role of one resource group has them.
    private static let actions: [JSONValue] = [
        "Microsoft.ContainerService/managedClusters/*", "Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read",
    ]

    @Test(arguments: FaultCase.Target.all)
    func `is switched by a principal with a role on its group and one on the vault`(
        _ target: FaultCase.Target
    ) async throws {
        let mode = target == .toPrivate ? "Public" : "Private"
        try await inSandbox(SandboxOptions(mode: mode)) { sandbox, owner in
            let group =
                "/subscriptions/\(sandbox.variables["SUBSCRIPTION_ID"] ?? "")/resourceGroups/\(sandbox.resourceGroup)"
            let role = "5c8f9d10-0002-4a00-8000-000000000001"
            let azure = try await AzureClient(sandbox)
            try await azure.put(
                role: role,
                .object([
                    "Name": "Switcher", "Description": "For the test", "AssignableScopes": .array([.string(group)]),
                    "Actions": .array(Self.actions),
                    "NotActions": ["Microsoft.ContainerService/managedClusters/delete"],
                ]))
            let least = JSONValue.string(sandbox.variables["LEAST_OBJECT_ID"] ?? "")
            try await sandbox.control(
                .post, "directory",
                .object([
                    "assignments": .array([
                        .object(["principalId": least, "role": .string(role), "scope": .string(group)]),
                        .object([
                            "principalId": least, "role": "Key Vault Contributor", "scope": .string(sandbox.vaultID),
                        ]),
                    ])
                ]))
            var plugin = owner
            plugin.environment["AZURE_CONFIG_DIR"] = sandbox.variables["LEAST_AZURE_CONFIG_DIR"]
            let result = try await plugin.change("switch", target.rawValue)
            let state = try await sandbox.state()
            switch target {
            case .toPrivate: expectPrivate(result, state, sandbox)
            case .toPublic: expectPublic(result, state, sandbox)
            }
        }
    }
}
