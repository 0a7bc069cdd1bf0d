import Foundation
import Glibc
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
            let second = try await plugin.machine("other").change("resume", "--soak", "60")
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
            expectPrivate(second, state, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
            // It knows now that the job is done, wherever it is asked from.
            for machine in [plugin, plugin.machine("other")] {
                let again = try await machine.change("switch", "--private")
                #expect(again.exitCode == 0 && again.secretsAtRest == "encrypted", "\(again.testDescription)")
            }
        }
    }

    /// The changes that Azure took, of cluster and vault.
    private func accepted(_ sandbox: SandboxProcess) async throws -> [String] {
        try await sandbox.requests().filter {
            ($0.hasPrefix("PUT ") || $0.hasPrefix("PATCH ")) && $0.hasSuffix(" 200")
        }
    }
}
