import Foundation
import Glibc
import HTTP
import JSON
import SystemRig
import Testing

extension RealCluster {
    /// One of three API servers does not have the configuration that ARM shows: the vault must stay open.
    @Suite struct `API servers that lag` {
        /// The rollout that one API server does not take part in.
        enum Rollout: String, CaseIterable, Sendable {
            case off, on
        }

        @Test(.isLong, .timeLimit(.minutes(10)), arguments: Rollout.allCases)
        func `one of three never takes the new configuration`(_ rollout: Rollout) async throws {
            try await inCluster(replicas: 3) { sandbox, plugin in
                let moment = rollout == .on ? "enable-accepted" : nil
                try await sandbox.fault("replica-lags", ["replicas": .array([.integer(2)])], at: moment)
                let stopped = try await plugin.change("switch", "--private")
                try await expectStopped(stopped, sandbox)
                #expect(try await sandbox.writes().count == (rollout == .on ? 2 : 1))
                try await finish(sandbox, plugin)
            }
        }

        /// When one API server goes back to the configuration with KMS off.
        enum Moment: String, CaseIterable, Sendable {
            /// The pass after on is over, the verifying one goes on.
            case verifying
            /// All that is left is the last look at the API servers.
            case verified
        }

        @Test(.isLong, .timeLimit(.minutes(10)), arguments: Moment.allCases)
        func `one of three rolls back after the pass`(_ moment: Moment) async throws {
            try await inCluster(replicas: 3) { sandbox, plugin in
                let program = try plugin.startChange("switch", "--private", "--qps", "200")
                try await program.says("Verifying every Secret", within: 400)
                if moment == .verifying {
                    try await sandbox.rollBack(replica: 2)
                } else {
                    let burst = "Checking again that every API server has the new setting"
                    try await eventually(within: 120, "the last burst begins: \(program.errors.suffix(2000))") {
                        program.errors.components(separatedBy: "Verifying every Secret").last?.contains(burst) ?? false
                    }
                    program.signal(SIGSTOP)
                    try await sandbox.rollBack(replica: 2)
                    program.signal(SIGCONT)
                }
                try await expectStopped(try await plugin.finish(program), sandbox)
                try await finish(sandbox, plugin)
            }
        }

        private func expectStopped(_ stopped: Plugin.Result, _ sandbox: SandboxProcess) async throws {
            // Some API server stores other than ARM shows, so that Secrets may be plaintext.
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "convergence-unproven", "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest == "mixed")
            #expect(stopped.errors.contains("kubectl kms-vault resume"))
            let state = try await sandbox.state()
            #expect(state.vaultHistory().allSatisfy { $0.value == "Enabled" })
            #expect(state.vaultAccess() == "Enabled")
            let readings = try await sandbox.control(.get, "read-all")
            #expect(readings["unreadable"] == .array([]))
        }

        private func finish(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
            try await sandbox.endFaults()
            try await sandbox.settle()
            try await expectWholePrivate(try await plugin.change("resume"), sandbox)
        }
    }
}
