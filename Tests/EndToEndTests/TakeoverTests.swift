import Foundation
import Glibc
import SystemRig
import Testing

/// A run that sleeps past its Lease is another's to finish, and does no more harm when it wakes.
@Suite(.needsSandbox)
struct `A run that is stopped and continued` {
    @Test func `another takes over and finishes, and the first changes nothing more`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("operation-stuck", at: "enable-accepted")
            let first = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned on") { try await sandbox.state().operations.count == 2 }
            first.signal(SIGSTOP)
            try await sandbox.endFaults()
            let second = try await plugin.machine("other").change(
                "resume", "--private", "--key-id", sandbox.keyID, "--soak", "60",
                // That every API server was without KMS only the run saw that turned it off.
                "--accept-unproven-convergence")
            var state = try await sandbox.state()
            expectPrivate(second, state, sandbox)
            #expect(second.errors.contains("waiting for the lock"), "\(second.testDescription)")
            let before = try await accepted(sandbox)
            #expect(before.count == 3, "\(before)")

            first.signal(SIGCONT)
            let woken = try await plugin.finish(first)
            #expect(woken.exitCode == 6, "\(woken.testDescription)")
            #expect(woken.problem == "interrupted" && woken.secretsAtRest == "mixed")
            #expect(woken.errors.contains("the lock of this cluster was taken by"), "\(woken.testDescription)")
            #expect(try await accepted(sandbox) == before)
            state = try await sandbox.state()
            // A probe that it missed while it woke may be there again; the vault and KMS are as the other left them.
            #expect(state.plaintext == 0 && state.vaultAccess() == "Disabled" && state.kmsMode == "Private")
            // Its own record is unfinished, and what the cluster's copy claims ends no run: it looks for itself.
            let looked = try await plugin.change("resume", "--soak", "60")
            expectPrivate(looked, try await sandbox.state(), sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
            // Now each of the two finds nothing to change.
            for machine in [plugin, plugin.machine("other")] {
                let again = try await machine.change("switch", "--private")
                #expect(again.exitCode == 0 && again.secretsAtRest == "unknown", "\(again.testDescription)")
            }
        }
    }

    @Test func `one that slept before its first change leaves the other's probes alone`() async throws {
        try await inSandbox { sandbox, plugin in
            var stopping = plugin
            stopping.environment["KMS_VAULT_STOP_AT"] = "lock-confirm#1"
            let first = try stopping.startChange("switch", "--private")
            try await eventually("the first run sleeps") { first.isStopped }
            let other = plugin.machine("other")
            // As long as the first may live, preflight refuses; it does so for three times the lock's duration.
            var second: RunningProgram?
            try await eventually(within: 90, every: 3, "the other run has begun") {
                let program = try other.startChange("switch", "--private", "--soak", "60")
                second = program
                try await eventually(within: 60, "it changes something or ends") {
                    try await !sandbox.state().operations.isEmpty || program.hasEnded
                }
                return try await !sandbox.state().operations.isEmpty
            }
            let going = try #require(second)
            let before = try await probes(plugin)
            #expect(before.count == 6)
            first.signal(SIGCONT)
            let woken = try await plugin.finish(first)
            #expect(woken.errors.contains("the lock of this cluster was taken by"), "\(woken.testDescription)")
            // Its own stay too: a run that was resumed elsewhere has the same ones. Whoever finishes takes all away.
            let after = try await probes(plugin)
            #expect(before == after || going.hasEnded, "\(before.subtracting(after))")
            let result = try await other.finish(going)
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    private func probes(_ plugin: Plugin) async throws -> Set<Substring> {
        let listed = try await plugin.kubectl(["get", "secrets", "-n", "kube-system", "-o", "name"])
        return Set(listed.output.split(separator: "\n").filter { $0.contains("kms-vault-probe-") })
    }

    /// The changes that Azure took, of cluster and vault.
    private func accepted(_ sandbox: SandboxProcess) async throws -> [String] {
        try await sandbox.requests().filter {
            ($0.hasPrefix("PUT ") || $0.hasPrefix("PATCH ")) && $0.hasSuffix(" 200")
        }
    }
}
