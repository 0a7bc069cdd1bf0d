import HTTP
import JSON
import SystemRig
import Testing

/// What goes wrong on and to the new KMS experience. In none of it is a Secret plaintext.
@Suite(.needsSandbox)
struct `A job on the new KMS experience` {
    private static func options(_ mode: String, rotation: Int = 60) -> SandboxOptions {
        SandboxOptions(mode: mode, more: ["--rotation-seconds", "\(rotation)"])
    }

    private func expectSafe(
        _ sandbox: SandboxProcess, operations: Int, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let state = try await sandbox.state()
        #expect(state.plaintext == 0 && state.legacyPuts == 0, sourceLocation: location)
        #expect(state.operations.count == operations, "\(state.operations)", sourceLocation: location)
    }

    private func afterwards(_ result: Plugin.Result) -> String {
        (result.json?["afterwards"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    }

    @Test(arguments: [
        ("CustomerPublic", "refuse-new-mode-change", ["switch", "--private"]),
        ("Public", "refuse-direct-customer-key", ["migrate", "--customer-managed"]),
    ])
    func `that Azure refuses at once changes nothing, and goes by way of Azure's own key`(
        _ mode: String, _ fault: String, _ command: [String]
    ) async throws {
        try await inSandbox(Self.options(mode)) { sandbox, plugin in
            try await sandbox.fault(fault, ["times": .integer(9)])
            let flags = plugin.target + ["--yes", "-o", "json"]
            let refused = try await plugin.run(command + flags)
            #expect(refused.exitCode == 1 && refused.problem == "arm-refuses", "\(refused.testDescription)")
            #expect(refused.errors.contains("--via-platform-key") && refused.secretsAtRest == "unknown")
            try await expectSafe(sandbox, operations: 0)
            expectDone(try await plugin.change("make-safe"))
            try await expectSafe(sandbox, operations: 0)
            expectDone(try await plugin.run(command + ["--via-platform-key"] + flags))
            try await expectSafe(sandbox, operations: 2)
            expectStoredEncrypted(try await sandbox.state(), by: "v2-plus:" + sandbox.keyID, sandbox)
        }
    }

    @Test func `rewrites by itself what Azure's controller leaves`() async throws {
        try await inSandbox(Self.options("CustomerPublic")) { sandbox, plugin in
            try await sandbox.fault("controller-off")
            let rotated = try await plugin.change("rotate", "--new-version")
            expectDone(rotated)
            try await expectSafe(sandbox, operations: 0)
            let keys = try await sandbox.state().encryptedByKey
            #expect(keys.count == 1 && keys["v2-plus:" + sandbox.keyID] == nil, "\(keys)")
            // The pass had to move them, so nothing says that older versions may go.
            #expect(afterwards(rotated).contains("keep the older versions"), "\(rotated.testDescription)")
        }
    }

    /// Nothing shows then that the API servers took it.
    @Test func `calls a migration that leaves Secrets stored as they were unproven, unless that is accepted`()
        async throws
    {
        try await inSandbox(Self.options("Public")) { sandbox, plugin in
            try await sandbox.fault("migration-keeps-stored-form")
            let unproven = try await plugin.change("migrate", "--customer-managed")
            #expect(unproven.exitCode == 4 && unproven.problem == "convergence-unproven", "\(unproven.testDescription)")
            let accepted = try await plugin.change("resume", "--accept-unproven-convergence")
            #expect(accepted.exitCode == 0, "\(accepted.testDescription)")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
        }
    }

    @Test func `waits no longer than asked for Azure to take a version, and resume goes on`() async throws {
        try await inSandbox(Self.options("CustomerPublic", rotation: 20000)) { sandbox, plugin in
            let waits = try await plugin.change("rotate", "--new-version", "--wait", "5m")
            #expect(waits.exitCode == 4 && waits.problem == "convergence-unproven", "\(waits.testDescription)")
            #expect(waits.errors.contains("six hours") && !waits.errors.contains("--accept-unproven"))
            // Azure's old version is seen to be in use, so nobody can call the rotation done.
            let accepted = try await plugin.change("resume", "--accept-unproven-convergence")
            #expect(accepted.exitCode == 4 && accepted.secretsAtRest == "unknown", "\(accepted.testDescription)")
            #expect(!accepted.all.contains("may be disabled"))
            try await sandbox.control(.post, "controller", .object(["notice": .bool(true)]))
            let result = try await plugin.change("resume")
            expectDone(result)
            try await expectSafe(sandbox, operations: 0)
            #expect(try await sandbox.state().encryptedByKey["v2-plus:" + sandbox.keyID] == nil)
        }
    }

    @Test func `that a webhook would deny is refused, and says what must stay if it is let through`() async throws {
        try await inSandbox(Self.options("Public")) { sandbox, plugin in
            let guardian = JSONValue.object([
                "name": .string("no.example"), "namespaces": .array([.string("team-1")]),
                "verdict": .object(["deny": .object(["message": .string("not these"), "code": .integer(403)])]),
            ])
            try await sandbox.control(.post, "cluster/webhooks", .array([guardian]))
            let refused = try await plugin.change("migrate", "--platform-managed")
            #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
            #expect(refused.errors.contains("admission-dry-run: "))
            try await expectSafe(sandbox, operations: 0)

            let left = try await plugin.change("migrate", "--platform-managed", "--accept-failures", "denied")
            #expect(left.exitCode == 5 && left.problem == "secrets-left", "\(left.testDescription)")
            // KMS was never off: what is left lies under the key from before.
            #expect(left.secretsAtRest == "unknown" && !left.all.contains("PLAINTEXT"), "\(left.testDescription)")
            #expect(afterwards(left).contains("Keep the key \(sandbox.keyID)"), "\(left.testDescription)")
            try await expectSafe(sandbox, operations: 1)
            #expect(try await sandbox.state().encryptedByKey[sandbox.keyID] == 10)
        }
    }

    @Test func `opens its vault again if the way in is lost after closing`() async throws {
        try await inSandbox(Self.options("CustomerPublic")) { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--soak", "60m")
            try await eventually(every: 0.02, "the vault is closed") {
                try await sandbox.state().vaultAccess() == "Disabled"
            }
            let rules = JSONValue.object(["bypass": .string("None"), "defaultAction": .string("Deny")])
            try await sandbox.control(
                .post, "vaults",
                .object([
                    "name": .string(sandbox.variables["KEY_VAULT"] ?? ""),
                    "properties": .object(["publicNetworkAccess": .string("Disabled"), "networkAcls": rules]),
                ]))
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 1 && stopped.problem == "soak-failed", "\(stopped.testDescription)")
            #expect(stopped.errors.contains("networkAcls") && !stopped.errors.contains("endpoint-connection"))
            let state = try await sandbox.state()
            #expect(state.vaultAccess() == "Enabled" && state.legacyPuts == 0 && state.plaintext == 0)
            #expect(try await sandbox.unreadable().isEmpty)
            expectDone(try await plugin.change("make-safe"))
            try await expectSafe(sandbox, operations: 1)
        }
    }

    @Test(arguments: [["switch", "--private"], ["migrate", "--customer-managed"]])
    func `never overrides a network security perimeter`(_ command: [String]) async throws {
        let mode = command[0] == "switch" ? "CustomerPublic" : "PlatformManagedAfterLegacy"
        try await inSandbox(Self.options(mode)) { sandbox, plugin in
            try await sandbox.setVault("SecuredByPerimeter")
            let refused = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
            #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
            #expect(refused.errors.contains("network security perimeter"))
            let state = try await sandbox.state()
            #expect(state.vaultAccess() == "SecuredByPerimeter" && state.operations.isEmpty && state.legacyPuts == 0)
        }
    }
}
