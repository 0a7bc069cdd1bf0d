import Foundation
import JSON
import Testing

/// The whole job on a real API server: two replicas, rolling restarts, KMS v1.
@Suite(.serialized, .needsRealCluster)
struct RealSwitchTests {
    @Test(.timeLimit(.minutes(15)))
    func `to private and back under load no read fails and no update is lost`() async throws {
        try await RealSandbox.run { sandbox in
            let before = try await sandbox.state()
            #expect(before.encrypted == Int64(RealRig.secrets) && before.plaintext == 0)
            let client = try await ClusterClient(sandbox)
            let load = Load(client)
            let users = Task { await load.run() }
            try await switchWatched(sandbox, to: "Private", from: before)
            let between = try await sandbox.state()
            try await switchWatched(sandbox, to: "Public", from: between)
            users.cancel()
            await users.value

            #expect(await load.failures == [])
            #expect(try await load.losses() == [])
            let counts = await (load.reads, load.writes, load.births)
            #expect(counts.0 > 50 && counts.1 > 50 && counts.2 > 50)
            print("load: \(counts.0) reads, \(counts.1) updates, \(counts.2) Secrets created")
            let after = try await sandbox.state()
            #expect(after.plaintext == 0)
            #expect(after.keys == before.keys)
            // Every second one of those that were created is gone again; lost answers may leave one more or less.
            #expect(abs(after.encrypted - Int64(RealRig.secrets + (counts.2 + 1) / 2)) <= 2)
        }
    }

    /// Runs one switch, samples storage meanwhile, and checks the order of things and the result.
    private func switchWatched(_ sandbox: RealSandbox, to mode: String, from before: RealState) async throws {
        let start = ContinuousClock.now
        let plugin = try sandbox.change(["switch", "--" + mode.lowercased()])
        let samples = Task {
            var samples: [RealState] = []
            while !Task.isCancelled {
                if let state = try? await sandbox.state() { samples.append(state) }
                try? await Task.sleep(for: .seconds(0.4))
            }
            return samples
        }
        let result = try await plugin.result()
        samples.cancel()
        let seen = await samples.value
        #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
        // After the off pass, and before the next one begins, nothing in etcd has the prefix.
        #expect(seen.contains { $0.encrypted == 0 && $0.plaintext >= RealRig.secrets })
        let after = try await sandbox.state()
        #expect(after.plaintext == 0)
        #expect(after.kms?["enabled"]?.bool == true)
        #expect(after.kms?["keyVaultNetworkAccess"]?.string == mode)
        #expect(after.kms?["keyId"] == before.kms?["keyId"])
        let updates = after.updates.dropFirst(before.updates.count)
        let vault = try #require(after.vaultChanges.last)
        if mode == "Private" {
            #expect(after.kms?["keyVaultResourceId"]?.string == sandbox.variables["KEY_VAULT_RESOURCE_ID"])
            #expect(after.vaultAccess == "Disabled")
            #expect(vault.value == "Disabled" && vault.time > (updates.last?.end ?? "~"))
        } else {
            #expect(after.kms?["keyVaultResourceId"]?.string ?? "" == "")
            #expect(after.vaultAccess == "Enabled")
            #expect(vault.value == "Enabled" && vault.time < (updates.first?.start ?? ""))
        }
        try check(report: result.output)
        print("to \(mode): \(ContinuousClock.now - start), \(seen.count) looks at etcd")
    }

    private func check(report: String) throws {
        let document = try JSONValue(parsing: Array(report.utf8))
        #expect(document["exitCode"]?.integer == 0)
        #expect(document["secretsAtRest"]?.string == "encrypted")
        #expect(document[path: "exposure", "startedAt"]?.string != nil)
        #expect(document[path: "exposure", "endedAt"]?.string != nil)
        let passes = document["passes"]?.array ?? []
        #expect(passes.count >= 3)
        for pass in passes {
            #expect(pass["complete"]?.bool == true)
            #expect((pass["total"]?.integer ?? 0) >= RealRig.secrets)
        }
    }

    @Test(.isLong, .timeLimit(.minutes(10)))
    func `the older order closes the vault while KMS is off`() async throws {
        try await RealSandbox.run { sandbox in
            let result = try await sandbox.change(["switch", "--private", "--close-vault-first"]).result()
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
            let after = try await sandbox.state()
            #expect(after.encrypted == Int64(RealRig.secrets) && after.plaintext == 0)
            #expect(after.vaultAccess == "Disabled")
            let (closed, updates) = (after.vaultChanges.last?.time ?? "", after.updates)
            #expect(updates.count == 2 && closed > updates[0].end && closed < updates[1].start)
        }
    }

    @Test(.isLong, .timeLimit(.minutes(10)))
    func `a key in another vault needs no off step and no Secret is ever plaintext`() async throws {
        try await RealSandbox.run { sandbox in
            let key = sandbox.variables["SECOND_KEY_ID"] ?? ""
            let plugin = try sandbox.change(["switch", "--private", "--key-id", key])
            let watch = Task {
                var plaintext: Int64 = 0
                while !Task.isCancelled {
                    plaintext = max(plaintext, (try? await sandbox.state())?.plaintext ?? 0)
                    try? await Task.sleep(for: .seconds(0.3))
                }
                return plaintext
            }
            let result = try await plugin.result()
            watch.cancel()
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
            #expect(await watch.value == 0)
            let after = try await sandbox.state()
            #expect(after.encrypted == Int64(RealRig.secrets) && after.plaintext == 0)
            #expect(after.keys == [key])
            #expect(after.vaultAccess == "Enabled")
            #expect(after.updates.count == 1)
        }
    }
}
