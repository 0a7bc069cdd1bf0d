import SystemRig
import Testing

/// API servers that do not take the new configuration as ARM says: the vault must not be closed before all have.
@Suite(.needsSandbox)
struct `API servers that lag` {
    static let cases = [
        // Shorter than the patience: the run waits, and sends nothing again.
        FaultCase("rollout-late", ["seconds": 3], at: "disable-accepted") { $0.updates = 2 },
        FaultCase("rollout-late", ["seconds": 3], at: "enable-accepted") { $0.updates = 2 },
        FaultCase("rollout-slow", ["seconds": 2], at: "disable-accepted") { $0.updates = 2 },
        FaultCase("rollout-slow", ["seconds": 2], at: "enable-accepted") { $0.updates = 2 },
        // Longer: the same PUT once more, which takes.
        FaultCase("rollout-late", ["seconds": 9_999], at: "enable-accepted") { $0.updates = 3 },
        // The second one does not take either.
        FaultCase(
            "rollout-late", ["seconds": 9_999, "times": 2], at: "disable-accepted",
            ends: .stops(6, "convergence-unproven", "mixed", .encrypted)
        ) { $0.updates = 2 },
        FaultCase(
            "rollout-late", ["seconds": 9_999, "times": 2], at: "enable-accepted",
            ends: .stops(6, "convergence-unproven", "mixed", .plaintext)
        ) { $0.updates = 3 },
        FaultCase(
            "replica-lags", at: "disable-accepted",
            ends: .stops(6, "convergence-unproven", "mixed", .encryptedButOneProbe)),
        FaultCase(
            "replica-lags", at: "enable-accepted",
            ends: .stops(6, "convergence-unproven", "mixed", .plaintextButOneProbe)),
        FaultCase(
            "replica-lags", ["replicas": [2]], at: "enable-accepted",
            ends: .stops(6, "convergence-unproven", "mixed", .plaintextButOneProbe)
        ) { $0.sandbox.replicas = 3 },
        FaultCase(
            "replica-rolls-back", at: "disable-succeeded",
            ends: .stops(6, "convergence-unproven", "mixed", .encryptedButOneProbe)),
        // A restart takes nothing back; what is being sampled or patched meanwhile is tried again.
        FaultCase("api-server-restart", at: "disable-succeeded") { $0.updates = 2 },
        FaultCase("api-server-restart", ["delay": 1], at: "enable-succeeded") { $0.updates = 2 },
    ]

    @Test(arguments: Rig.chosen(cases))
    func `the vault closes only after all have it`(_ fault: FaultCase) async throws { try await fault.run() }

    @Test func `one that rolls back after the verifying pass is seen before the vault is closed`() async throws {
        try await inSandbox { sandbox, plugin in
            // Slow enough that the rollback falls between the rewrite and the end of the pass that verifies it.
            let program = try plugin.startChange("switch", "--private", "--soak", "60", "--qps", "15")
            try await eventually("all is rewritten") {
                let state = try await sandbox.state()
                return state.kmsEnabled && state.plaintext == 0 && state.operations.count == 2
                    && program.errors.contains("Verifying")
            }
            try await sandbox.rollBack(replica: 1)
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "convergence-unproven" && stopped.secretsAtRest == "mixed")
            var state = try await sandbox.state()
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(state.plaintext + state.encrypted == 43)
            #expect(try await sandbox.unreadable().isEmpty)

            try await sandbox.settle()
            let result = try await plugin.change("resume", "--soak", "60")
            state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }
}
