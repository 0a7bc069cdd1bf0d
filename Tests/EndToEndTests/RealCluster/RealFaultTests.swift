import HTTP
import JSON
import SystemRig
import Testing

extension RealCluster {
    /// API servers that end in the middle, and a vault that is closed at the wrong time.
    @Suite struct `Faults in mid-run` {
        @Test(.isLong, .timeLimit(.minutes(10)))
        func `a vault closed too early makes Secrets unreadable, and make-safe reopens it`() async throws {
            try await inCluster { sandbox, plugin in
                let client = try await ClusterClient(plugin)
                try await sandbox.setVault("Disabled")
                try await sandbox.restart()
                #expect(try await client.send(.get, ClusterClient.seeded(7)).status == 500)
                let readings = try await sandbox.control(.get, "read-all?sample=100")
                #expect(readings["readable"]?.integer == 0 && readings["total"]?.integer == 100)

                let result = try await plugin.change("make-safe")
                expectPublic(result, try await sandbox.state(), sandbox)
                try await expectAllReadable(sandbox, secrets)
                for number in 0..<secrets {
                    #expect(try await client.value(ClusterClient.seeded(number))?.hasPrefix(canary) == true)
                }
            }
        }

        @Test(.isLong, .timeLimit(.minutes(10)))
        func `with --close-vault-first and no way to Private, make-safe reopens the vault`() async throws {
            try await inCluster { sandbox, plugin in
                try await sandbox.fault("private-endpoint-denied", at: "vault-closed")
                let stopped = try await plugin.change("switch", "--private", "--close-vault-first")
                #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
                #expect(["plaintext", "mixed"].contains(stopped.secretsAtRest))
                #expect(try await sandbox.state().vaultAccess() == "Disabled")

                let result = try await plugin.change("make-safe")
                expectPublic(result, try await sandbox.state(), sandbox)
                try await expectAllReadable(sandbox, secrets)
            }
        }

        /// What happens to API servers in the middle of a pass.
        enum Blow: String, CaseIterable, Sendable {
            case `kill -9 of one replica`
            case `a rolling restart`
        }

        @Test(.isLong, .timeLimit(.minutes(10)), arguments: Blow.allCases)
        func `API servers that end in the middle of both passes cost nothing`(_ blow: Blow) async throws {
            try await inCluster { sandbox, plugin in
                // Slow enough that the blow falls into a pass, and is over before the pass is.
                let program = try plugin.startChange("switch", "--private", "--qps", "80")
                for step in ["Rewriting Secrets (now plaintext)", "Rewriting Secrets (now encrypted)"] {
                    try await program.says(step, within: 300)
                    try await eventually("\(step): the pass is on its way") {
                        let state = try await sandbox.state()
                        return min(state.plaintext, state.encrypted) > secrets / 10
                    }
                    try await strike(blow, sandbox)
                    let state = try await sandbox.state()
                    #expect(min(state.plaintext, state.encrypted) > 0, "the pass was over too early")
                }
                try await expectWholePrivate(try await plugin.finish(program), sandbox)
            }
        }

        private func strike(_ blow: Blow, _ sandbox: SandboxProcess) async throws {
            switch blow {
            case .`a rolling restart`: try await sandbox.restart()
            case .`kill -9 of one replica`:
                try sandbox.killAPIServer(replica: 0)
                // As long as a load balancer may take to notice.
                try await Task.sleep(for: .seconds(3))
                try await sandbox.recover(replica: 0)
            }
        }
    }
}
