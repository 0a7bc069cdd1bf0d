import Foundation
import JSON
import SystemRig
import Testing

/// Other people, other clusters, other tools.
@Suite(.needsSandbox)
struct `Changes by others` {
    static let cases = [
        // KMS is on again as it was: never turned off a second time, and what is plaintext is told.
        FaultCase(
            "terraform-revert", at: "disable-succeeded", ends: .stops(6, "changed-by-others", "mixed", .encrypted)
        ) {
            $0.finish = .makeSafeThenAgain
        },
        FaultCase(
            "terraform-revert", at: "enable-succeeded",
            ends: .stops(6, "changed-by-others", "mixed", .either)
        ) {
            $0.finish = .makeSafeThenAgain
        },
        FaultCase(
            "terraform-vault-revert", at: "vault-closed", ends: .stops(1, "vault-keeps-access", "encrypted", .encrypted)
        ) { $0.strikesAfterClosing = true },
        FaultCase(
            "terraform-vault-revert", at: "vault-opened", ends: .stops(1, "vault-keeps-access", "unknown", .encrypted)
        ) {
            $0.target = .toPublic
            $0.updates = 0
        },
        // Public needs it open, which is always allowed.
        FaultCase("terraform-vault-revert", at: "disable-succeeded") { $0.target = .toPublic },
        FaultCase("other-cluster-on-vault", ends: .refused) {
            $0.says = "managedClusters/other"
            $0.finish = .again
        },
        FaultCase(
            "other-cluster-on-vault", at: "enable-succeeded", ends: .stops(1, "vault-shared", "encrypted", .encrypted)
        ) {
            $0.says = "managedClusters/other"
        },
        FaultCase("new-kms-experience", ends: .stops(3, "new-kms-experience", "unknown", .untouched)) {
            $0.says = "on the new KMS experience"
            $0.finish = .again
            $0.updates = 0
        },
        // No legacy update reaches it any more, also where the run has turned the legacy KMS off.
        FaultCase(
            "new-kms-experience", at: "disable-succeeded",
            ends: .stops(6, "new-kms-experience", "mixed", .encryptedButOneProbe)
        ) {
            $0.updates = 1
        },
    ]

    @Test(arguments: Rig.chosen(cases))
    func `ends as it should`(_ fault: FaultCase) async throws { try await fault.run() }

    @Test func `a vault that other clusters share is closed where that is accepted`() async throws {
        var fault = FaultCase("other-cluster-on-vault")
        fault.arguments = ["--vault-shared-ok"]
        try await fault.run()
    }

    @Test(arguments: ["disable-succeeded", "enable-succeeded"])
    func `a cluster made anew under its name is not touched`(_ moment: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("cluster-recreated", at: moment)
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "cluster-recreated" && stopped.secretsAtRest == "mixed")
            var state = try await sandbox.state()
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            let isOff = moment == "disable-succeeded"
            // Samples may have moved a probe while the update ran; nothing else was written.
            #expect(isOff ? state.plaintext <= 1 : state.encrypted <= 1)
            #expect(try await sandbox.unreadable().isEmpty)

            // The record is another cluster's: it is no guide to this one until somebody puts it away.
            for command in ["resume", "make-safe"] {
                let refused = try await plugin.change(command)
                let code: Int32 = try await sandbox.state().kmsEnabled ? 3 : 6
                #expect(refused.exitCode == code && refused.problem == "journal", "\(refused.testDescription)")
            }
            try FileManager.default.removeItem(atPath: try #require(plugin.journalFile))
            try await plugin.kubectl(["delete", "configmap", "kms-vault-switch", "-n", "kube-system"])
            let safe = try await plugin.change("make-safe", "--key-id", sandbox.keyID)
            #expect(safe.exitCode == 0 && safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
            state = try await sandbox.state()
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            #expect(state.vaultAccess() == "Enabled")
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `two admins at once: one switches, the other is told`() async throws {
        try await inSandbox { sandbox, plugin in
            let first = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned off") { !(try await sandbox.state().operations.isEmpty) }
            let second = try await plugin.machine("other").change("switch", "--private")
            // Nothing was changed by the second; but KMS is off, or will be in a moment.
            #expect([3, 6].contains(second.exitCode), "\(second.testDescription)")
            #expect(second.errors.contains("is not finished"))
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
            // On a machine without a record of its own only the forged one is there: the person names the target.
            let refused = try await plugin.machine("other").change("resume", "--soak", "60")
            #expect(refused.problem == "journal" && refused.errors.contains("--key-id"), "\(refused.testDescription)")
            #expect(try await sandbox.state().vaultHistory(1).count == 1)
            // The machine that began has its own record, which the forged one does not sway.
            let kept = try await plugin.change("resume", "--soak", "60")
            expectPrivate(kept, try await sandbox.state(), sandbox)
            #expect(try await sandbox.state().vaultHistory(1).count == 1)
        }
    }
}
