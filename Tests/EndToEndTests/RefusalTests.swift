import Foundation
import JSON
import Testing

/// What must stop a run, what it says, and that the job can be finished.
@Suite(.needsSandbox)
struct `Stops and refusals` {
    @Test func `another cluster on the vault as Public keeps it open`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("other-cluster-on-vault")
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect([1, 3].contains(stopped.exitCode), "\(stopped.testDescription)")
            #expect(stopped.all.contains("other"))
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
            #expect(try await sandbox.state().plaintext == 0)
            try await sandbox.endFaults()
            let again = stopped.exitCode == 3 ? "switch" : "resume"
            let result =
                again == "switch"
                ? try await plugin.change("switch", "--private", "--soak", "60")
                : try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `a policy that keeps the vault open stops the end of the job, encrypted`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("vault-change-ignored", ["times": .integer(9)])
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect(stopped.exitCode == 1, "\(stopped.testDescription)")
            #expect(stopped.problem == "vault-keeps-access")
            #expect(stopped.secretsAtRest == "encrypted")
            // The run's own probes stay, and are encrypted as well.
            #expect(try await sandbox.state().plaintext == 0)
            try await sandbox.endFaults()
            let result = try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test(arguments: ["vault-policy-keeps-closed", "vault-policy-denies"])
    func `a policy that keeps the vault closed stops a switch to public before KMS is touched`(
        _ fault: String
    ) async throws {
        try await inSandbox(SandboxOptions(mode: "Private")) { sandbox, plugin in
            try await sandbox.fault(fault)
            let stopped = try await plugin.change("switch", "--public")
            #expect([1, 3].contains(stopped.exitCode), "\(stopped.testDescription)")
            let state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.kmsEnabled && state.operations.isEmpty)
            try await sandbox.endFaults()
            let again = try await plugin.change("resume")
            let result = again.exitCode == 3 ? try await plugin.change("switch", "--public") : again
            expectPublic(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `the old profile put back in mid-run by Terraform stops it, encrypted`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("terraform-revert", at: "disable-succeeded")
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect([1, 4, 6].contains(stopped.exitCode), "\(stopped.testDescription)")
            #expect(stopped.problem == "changed-by-others", "\(stopped.testDescription)")
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
            let safe = try await plugin.change("make-safe")
            #expect(safe.exitCode == 0, "\(safe.testDescription)")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID)
        }
    }

    @Test func `a cluster made anew under its name is not touched`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("cluster-recreated", at: "enable-succeeded")
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect(stopped.exitCode != 0)
            #expect(stopped.problem == "cluster-recreated", "\(stopped.testDescription)")
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
        }
    }

    @Test func `an undecryptable Secret never lets the vault be closed`() async throws {
        try await inSandbox { sandbox, plugin in
            let names = try await plugin.kubectl(["get", "secrets", "-A", "-o", "name"])
            #expect(names.exitCode == 0)
            let listed = try await plugin.kubectl([
                "get", "secrets", "-A", "--no-headers", "-o", "custom-columns=NS:.metadata.namespace,N:.metadata.name",
            ])
            let row = listed.output.split(separator: "\n").map { $0.split(separator: " ") }
                .first { $0.count == 2 && $0[0] != "kube-system" }
            let secret = try #require(row)
            try await sandbox.corrupt(String(secret[0]), String(secret[1]))
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect([1, 3, 6].contains(stopped.exitCode), "\(stopped.testDescription)")
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
            #expect(stopped.all.contains(secret[1]) || stopped.exitCode == 3)
        }
    }

    @Test func `two admins at once: one switches, the other is told`() async throws {
        try await inSandbox { sandbox, plugin in
            let first = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned off") { !(try await sandbox.state().operations.isEmpty) }
            let second = try await plugin.machine("other").change("switch", "--private")
            #expect(second.exitCode == 3, "\(second.testDescription)")
            expectPrivate(try await plugin.finish(first), try await sandbox.state(), sandbox)
        }
    }

    @Test func `a forged ConfigMap cannot name another vault or key`() async throws {
        try await inSandbox { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned off") { !(try await sandbox.state().operations.isEmpty) }
            program.signal(9)
            _ = try await program.result()
            let map = try await plugin.kubectl([
                "get", "configmap", "kms-vault-switch", "-n", "kube-system", "-o", "json",
            ])
            var document = try #require(map.json)
            let record = try #require(document[path: "data", "record.json"]?.string)
            let forged = record.replacingOccurrences(of: "vaults/kv-demo\"", with: "vaults/kv-demo-private\"")
            #expect(forged != record)
            document["data"] = .object(["record.json": .string(forged)])
            let file = plugin.folder + "/forged.json"
            try Data(document.bytes()).write(to: URL(fileURLWithPath: file))
            #expect(try await plugin.kubectl(["replace", "-f", file]).exitCode == 0)
            // On a machine without the journal's file nothing but the forged record is there.
            let refused = try await plugin.machine("other").change("resume", "--soak", "60")
            #expect(refused.exitCode == 3, "\(refused.testDescription)")
            #expect(try await sandbox.state().vaultHistory(1).count <= 1)
        }
    }
}
