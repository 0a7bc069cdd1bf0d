import JSON
import SystemRig
import Testing

/// The key's whole life: rotated, migrated to Azure's own key and to a customer's, and the vault made private.
extension RealCluster {
    @Suite struct `The life of a key` {
        @Test(.isLong, .timeLimit(.minutes(20)))
        func `stores no Secret as plaintext, and loses no update`() async throws {
            try await inCluster { sandbox, plugin in
                let port = sandbox.variables["KMS_VAULT_SANDBOX_URL"]?.split(separator: ":").last ?? ""
                let key = "https://kv-demo.vault.localhost:\(port)/keys/kms"
                let jobs = [
                    ["rotate", "--new-version"], ["migrate", "--platform-managed"],
                    ["migrate", "--customer-managed", "--key-id", key], ["switch", "--private"],
                    ["switch", "--public"],
                ]
                let load = try await Load.during(try await ClusterClient(plugin)) { _ in
                    for job in jobs { try await watched(job, sandbox, plugin) }
                }
                print("load: \(await load.summary)")
                #expect(await load.failures == [])
                #expect(try await load.losses() == [])
                try await expectAllReadable(sandbox, secrets + (await load.alive.count))
                #expect(try await sandbox.state().legacyPuts == 0)
            }
        }

        /// Runs one job and looks at every change of a Secret in etcd meanwhile.
        private func watched(_ job: [String], _ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
            var ended: Plugin.Result?
            let history = try await EtcdHistory.during(sandbox) {
                ended = try await plugin.run(job + plugin.target + ["--yes", "-o", "json"])
            } until: {
                $0.last.plaintext == 0
            }
            let result = try #require(ended)
            #expect(result.exitCode == 0 && result.secretsAtRest == "encrypted", "\(result.testDescription)")
            #expect(history.mostOpen == 0 && history.last.encrypted == history.last.total, "\(job)")
        }
    }
}
