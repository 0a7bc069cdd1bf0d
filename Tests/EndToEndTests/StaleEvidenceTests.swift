import Foundation
import JSON
import SystemRig
import Testing

/// What was proven of a cluster that others have changed since.
@Suite(.needsSandbox)
struct `Evidence that others have outdated` {
    @Test func `after a colleague turned KMS off and on all is rewritten and verified again before closing`()
        async throws
    {
        try await inSandbox { sandbox, plugin in
            // The verifying pass is over, and the vault about to be closed.
            try await plugin.killed(at: "vault-patch-send#1")
            #expect(try await sandbox.state().plaintext == 0)
            try await sandbox.fault("terraform-revert", ["enabled": .bool(false)])
            try await eventually("a colleague turned KMS off") {
                let state = try await sandbox.state()
                return !state.kmsEnabled && state.provisioningState == "Succeeded"
            }
            let made = try await plugin.kubectl(["create", "secret", "generic", "between", "-n", "team-0"])
            #expect(made.exitCode == 0, "\(made.errors)")
            try await sandbox.endFaults()
            try await sandbox.fault("terraform-revert", ["enabled": .bool(true)])
            try await eventually("and on again") {
                let state = try await sandbox.state()
                return state.kmsEnabled && state.provisioningState == "Succeeded" && state.operations.count == 4
            }
            var state = try await sandbox.state()
            #expect(state.plaintext == 1 && state.kmsMode == "Private" && state.vaultAccess() == "Enabled")

            let result = try await plugin.change("resume", "--soak", "60")
            state = try await sandbox.state()
            expectDone(result)
            expectPrivateMode(state, sandbox)
            #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: 41], "\(result.testDescription)")
            for words in ["Rewriting Secrets (now encrypted)", "Verifying"] {
                #expect(result.errors.contains(words), "\(result.errors)")
            }
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `a laptop that wakes after others finished and went back is told, asks, and spoils nothing`()
        async throws
    {
        try await inSandbox { sandbox, laptop in
            try await laptop.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            let finished = try await laptop.machine("b").change(
                "resume", "--private", "--key-id", sandbox.keyID, "--soak", "60")
            expectPrivate(finished, try await sandbox.state(), sandbox)
            let back = try await laptop.machine("c").change("switch", "--public")
            expectPublic(back, try await sandbox.state(), sandbox)
            let record = try await map(laptop)
            let updates = try await sandbox.state().operations.count

            let status = try await laptop.status()
            #expect(status.exitCode == 0 && !status.all.contains("PLAINTEXT"), "\(status.testDescription)")
            #expect(["encrypted", "unknown"].contains(status.secretsAtRest), "\(status.testDescription)")
            let asked = try await laptop.change("resume")
            expectTold(asked, [3])
            #expect(asked.errors.contains("--run-id") && !asked.all.contains("PLAINTEXT"), "\(asked.testDescription)")
            #expect(asked.errors.contains("Nothing was changed."), "\(asked.testDescription)")
            #expect(try await map(laptop) == record)
            for machine in ["b", "c"] {
                let theirs = try await laptop.machine(machine).status()
                #expect(theirs.exitCode == 0 && !theirs.all.contains("PLAINTEXT"), "\(theirs.testDescription)")
                #expect(theirs.json?["unfinishedRun"]?.string == nil, "\(theirs.testDescription)")
            }
            let state = try await sandbox.state()
            #expect(state.operations.count == updates)
            expectPublicMode(state, sandbox)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            // The way to safety needs no answer, and finds that there is nothing to mend.
            let safe = try await laptop.change("make-safe")
            #expect(safe.exitCode == 0 && safe.secretsAtRest != "mixed", "\(safe.testDescription)")
            #expect(try await sandbox.state().operations.count == updates)
        }
    }

    private func map(_ plugin: Plugin) async throws -> String {
        let map = try await plugin.kubectl([
            "get", "configmap", "kms-vault-switch", "-n", "kube-system", "-o", "jsonpath={.data}",
        ])
        return map.output
    }
}
