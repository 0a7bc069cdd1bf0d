import Glibc
import SystemRig
import Testing

/// A run begins on one laptop, is finished on a second one and undone on a third one.
@Suite(.needsSandbox)
struct `Three laptops` {
    @Test func `the first one calls nothing mixed that the others finished, and changes nothing`() async throws {
        try await inSandbox { sandbox, plugin in
            let first = try plugin.startChange("switch", "--private", "--soak", "60")
            try await Phase.off.wait(sandbox)
            first.signal(SIGKILL)
            _ = try await plugin.finish(first)
            let second = try await plugin.machine("b").change(
                "resume", "--private", "--key-id", sandbox.keyID, "--soak", "60", "--accept-unproven-convergence")
            #expect(second.exitCode == 0, "\(second.testDescription)")
            let third = try await plugin.machine("c").change("switch", "--public")
            #expect(third.exitCode == 0, "\(third.testDescription)")

            let before = try await sandbox.state()
            let status = try await plugin.run(["status"] + plugin.target)
            #expect(status.exitCode == 0)
            #expect(!status.output.contains("mixed") && !status.output.contains("Unfinished run"), "\(status.output)")
            #expect(status.output.contains("of this machine was not finished here"), "\(status.output)")
            #expect(status.output.contains("came after it, and has ended"), "\(status.output)")
            #expect(!status.output.contains("kms-vault resume"), "\(status.output)")
            let resumed = try await plugin.change("resume")
            #expect(resumed.exitCode != 0, "\(resumed.testDescription)")
            #expect(resumed.errors.contains("Nothing was changed."), "\(resumed.testDescription)")
            #expect(!resumed.errors.contains("PLAINTEXT"), "\(resumed.testDescription)")
            let after = try await sandbox.state()
            #expect(after.operations.count == before.operations.count && after.plaintext == 0)
            #expect(after.kmsMode == "Public" && after.vaultHistory().count == before.vaultHistory().count)
        }
    }
}
