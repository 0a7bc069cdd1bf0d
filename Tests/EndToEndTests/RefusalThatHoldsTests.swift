import Glibc
import JSON
import SystemRig
import Testing

/// What changes between preflight and the step that it allowed.
@Suite(.needsSandbox)
struct `A refusal right before the first change` {
    /// Lets a switch run up to a point, does something, and lets it go on.
    private func between(
        _ point: String, _ plugin: Plugin, _ act: () async throws -> Void
    ) async throws -> Plugin.Result {
        let program = try plugin.with("KMS_VAULT_STOP_AT", point).startChange("switch", "--private", "--soak", "60")
        try await eventually("it sleeps at \(point): \(program.errors)") { program.isStopped }
        try await act()
        program.signal(SIGCONT)
        return try await plugin.finish(program)
    }

    @Test(arguments: ["vault", "cluster", "group"])
    func `holds, on a second try and on resume, and nothing was changed`(_ scope: String) async throws {
        try await inSandbox { sandbox, plugin in
            let refused = try await between("kube-probe-create-send#1", plugin) {
                try await sandbox.fault("scope-locked", ["on": .string(scope)])
            }
            expectTold(refused, [3])
            #expect(refused.errors.contains("locks"), "\(refused.testDescription)")
            try await expectUntouched(sandbox)
            for command in [["resume"], ["switch", "--private"]] {
                expectTold(try await plugin.run(command + plugin.target + ["--yes", "-o", "json"]), [3])
            }
            try await expectUntouched(sandbox)
            try await sandbox.endFaults()
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `holds when Azure deferred the first try of the same process`() async throws {
        try await inSandbox { sandbox, plugin in
            // Somebody else's update moves the eTag, so that Azure refuses this one for now; then the vault is locked.
            let refused = try await between("arm-put-send#1", plugin) {
                try await sandbox.fault("terraform-revert")
                try await eventually("somebody's update has ended") {
                    try await sandbox.state().operations.first?.status == "Succeeded"
                }
                try await sandbox.fault("scope-locked", ["on": "vault"])
            }
            expectTold(refused, [3])
            #expect(refused.errors.contains("locks"), "\(refused.testDescription)")
            let puts = try await sandbox.requests().filter { $0.hasPrefix("PUT ") }
            #expect(puts.count == 1 && puts.allSatisfy { $0.hasSuffix(" 412") }, "\(puts)")
            var state = try await sandbox.state()
            #expect(state.operations.count == 1 && state.plaintext == 0 && state.vaultAccess() == "Enabled")
            expectTold(try await plugin.change("resume"), [3])
            state = try await sandbox.state()
            #expect(state.operations.count == 1 && state.plaintext == 0 && state.vaultAccess() == "Enabled")
        }
    }
}

/// Policies that set the vault's network before the program does.
@Suite(.needsSandbox)
struct `A policy that closes the vault` {
    @Test func `before the switch does is watched all the same`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("terraform-vault-revert", ["value": "Disabled"], at: "enable-succeeded")
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(result.json?[path: "soak", "result"]?.string == "passed", "\(result.testDescription)")
            #expect(!(try await sandbox.requests()).contains { $0.hasPrefix("PATCH ") })
        }
    }

    @Test(arguments: ["vault-policy-keeps-closed", "vault-policy-denies", "vault-change-ignored"])
    func `and keeps it so leads make-safe to Private`(_ policy: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await plugin.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            try await sandbox.setVault("Disabled")
            try await sandbox.fault(policy, ["times": 99])
            let result = try await plugin.change("make-safe")
            #expect(result.exitCode == 0 && result.secretsAtRest == "encrypted", "\(result.testDescription)")
            let state = try await sandbox.state()
            expectPrivateMode(state, sandbox)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }
}

/// The sandbox's clock and a road without TLS.
@Suite(.needsSandbox)
struct `What never leaves the sandbox` {
    @Test func `a scaled time is refused for an Azure elsewhere, by name`() async throws {
        try await inSandbox { sandbox, plugin in
            let folder = "\(sandbox.folder)/azure-elsewhere"
            try copyCloud(from: sandbox.folder + "/azure", to: folder, host: "management.azure.example")
            for command in [["status"], ["switch", "--private"], ["make-safe"], ["list"]] {
                let changes = command[0] == "status" || command[0] == "list" ? [] : ["--yes"]
                let target = command[0] == "list" ? [] : plugin.target
                let result = try await plugin.with("AZURE_CONFIG_DIR", folder)
                    .run(command + target + changes + ["-o", "json"])
                #expect(result.exitCode == 2, "\(command): \(result.testDescription)")
                #expect(result.errors.contains("KUBECTL_KMS_VAULT_TIME_SCALE is set"), "\(result.testDescription)")
                #expect(result.errors.contains("management.azure.example"), "\(result.testDescription)")
            }
            try await expectUntouched(sandbox)
        }
    }

    @Test func `no command changes a cluster that is not reached over TLS`() async throws {
        try await inSandbox { sandbox, plugin in
            let all = [
                ["switch", "--private"], ["switch", "--public"], ["resume"], ["make-safe"], ["rewrite-secrets"],
                ["verify", "--patch"], ["switch", "--private", "--key-id", sandbox.secondKeyID],
            ]
            for command in all {
                let result = try await plugin.run(
                    command + plugin.target + ["--server", "http://127.0.0.1:8001", "--yes", "-o", "json"])
                #expect(result.exitCode == 3, "\(command): \(result.testDescription)")
                #expect(result.errors.contains("not reached over TLS"), "\(command): \(result.testDescription)")
            }
            try await expectUntouched(sandbox)
        }
    }
}
