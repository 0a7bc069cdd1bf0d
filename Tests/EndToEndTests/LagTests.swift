import JSON
import Testing

/// API servers that do not take the new configuration as ARM says: the vault must not be closed.
@Suite(.needsSandbox)
struct `API servers that lag` {
    @Test func `one of two never turns KMS off`() async throws {
        try await neverTakes(at: nil)
    }

    @Test func `one of two never turns KMS on`() async throws {
        try await neverTakes(at: "enable-accepted")
    }

    private func neverTakes(at moment: String?) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("replica-lags", ["replicas": .array([.integer(1)])], at: moment)
            let stopped = try await plugin.change("switch", "--private", "--soak", "60")
            #expect([4, 6].contains(stopped.exitCode), "\(stopped.testDescription)")
            #expect(stopped.problem == "convergence-unproven", "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest != "encrypted")
            var state = try await sandbox.state()
            #expect(state.vaultAccess() == "Enabled")

            try await sandbox.endFaults()
            try await sandbox.settle()
            let result = try await plugin.change("resume", "--soak", "60")
            state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
        }
    }
}
