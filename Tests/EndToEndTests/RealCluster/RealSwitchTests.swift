import JSON
import SystemRig
import Testing

/// The whole job: two replicas, rolling restarts, KMS v1.
extension RealCluster {
    @Suite struct `Whole switches` {
        @Test(.timeLimit(.minutes(15)))
        func `to private and back under load no read fails and no update is lost`() async throws {
            try await inCluster { sandbox, plugin in
                let before = try await sandbox.state()
                #expect(before.encrypted == Int64(secrets) && before.plaintext == 0)
                let load = try await Load.during(try await ClusterClient(plugin)) { _ in
                    try await watchedSwitch(sandbox, plugin, to: "Private")
                    try await watchedSwitch(sandbox, plugin, to: "Public")
                }
                print("load: \(await load.summary)")
                #expect(await load.failures == [])
                #expect(try await load.losses() == [])
                #expect(await load.readRate > 9)
                #expect(await load.writes > 50)
                #expect(await load.births > 50)
                try await expectAllReadable(sandbox, secrets + (await load.alive.count))
                #expect(
                    try await sandbox.writes() == [
                        // The vault closes last, and opens first.
                        "PUT managedClusters", "PUT managedClusters", "PATCH vaults",
                        "PATCH vaults", "PUT managedClusters", "PUT managedClusters",
                    ])
            }
        }

        /// Runs one switch, looks at storage meanwhile, and checks the order of things and the result.
        private func watchedSwitch(_ sandbox: SandboxProcess, _ plugin: Plugin, to mode: String) async throws {
            let before = try await sandbox.state()
            let start = ContinuousClock.now
            var ended: Plugin.Result?
            let history = try await EtcdHistory.during(sandbox) {
                ended = try await plugin.change("switch", "--" + mode.lowercased())
            } until: {
                $0.last.plaintext == 0 && $0.leastEncrypted.encrypted == 0
            }
            let took = start.duration(to: .now)
            let result = try #require(ended)
            expectDone(result)
            let after = try await sandbox.state()
            let updates = Array(after.operations.dropFirst(before.operations.count))
            try #require(updates.count == 2, "\(result.testDescription)")
            let vault = try #require(after.vaultHistory().last)
            if mode == "Private" {
                expectPrivateMode(after, sandbox)
                #expect(vault.value == "Disabled" && vault.time > updates[1].end)
            } else {
                expectPublicMode(after, sandbox)
                #expect(vault.value == "Enabled" && vault.time < updates[0].start)
            }
            // All have the prefix before, none after the off pass, all afterwards.
            #expect(history.first.encrypted >= secrets && history.first.encrypted == history.first.total)
            let least = history.leastEncrypted
            #expect(least.encrypted == 0 && least.plaintext >= secrets && least.others == 0)
            #expect(history.last.encrypted >= secrets && history.last.encrypted == history.last.total)
            let report = try WholeReport(result)
            report.check()
            print(
                "to \(mode): \(took), exposed for \(report.exposedSeconds) s, \(history.changes) changes of Secrets in "
                    + "etcd, \(least.plaintext) plaintext and \(least.encrypted) encrypted after the off pass")
        }

        @Test(.isLong, .timeLimit(.minutes(10)))
        func `the older order closes the vault while KMS is off`() async throws {
            try await inCluster { sandbox, plugin in
                let result = try await plugin.change("switch", "--private", "--close-vault-first")
                try await expectWholePrivate(result, sandbox)
                #expect(
                    try await sandbox.writes() == ["PUT managedClusters", "PATCH vaults", "PUT managedClusters"])
            }
        }

        @Test(.isLong, .timeLimit(.minutes(10)))
        func `a key in another vault needs no off step and no Secret is ever plaintext`() async throws {
            try await inCluster { sandbox, plugin in
                let history = try await EtcdHistory.during(sandbox) {
                    let result = try await plugin.change("switch", "--private", "--key-id", sandbox.secondKeyID)
                    expectDone(result)
                } until: {
                    $0.changes >= secrets
                }
                #expect(history.changes >= secrets && history.mostOpen == 0)
                let after = try await sandbox.state()
                #expect(Array(after.encryptedByKey.keys) == [sandbox.secondKeyID])
                #expect(after.kmsMode == "Private")
                // The old vault is not touched.
                #expect(after.vaultAccess() == "Enabled")
                #expect(try await sandbox.writes() == ["PUT managedClusters"])
                try await expectAllReadable(sandbox, secrets)
            }
        }
    }
}

/// What a switch with an off step must have reported.
private struct WholeReport {
    private let document: JSONValue

    init(_ result: Plugin.Result) throws { document = try #require(result.json, "\(result.testDescription)") }

    private var passes: [JSONValue] { document["passes"]?.array ?? [] }

    var exposedSeconds: Int {
        guard case .double(let seconds)? = document[path: "exposure", "seconds"] else { return -1 }
        return Int(seconds)
    }

    /// The off pass, the pass after on, and the verifying one, with their counts and a window that is closed.
    func check() {
        #expect(passes.map { $0["kind"]?.string } == ["rewrite", "rewrite", "verify"])
        for (index, pass) in passes.enumerated() {
            let count = { pass[$0]?.integer ?? -1 }
            #expect(pass["complete"]?.bool == true)
            #expect(pass["failures"] == .object([:]))
            #expect(count("total") >= RealCluster.secrets)
            #expect(count("rewritten") + count("current") + count("gone") == count("total"))
            // What the load writes meanwhile is current already.
            if index < 2 { #expect(count("rewritten") > RealCluster.secrets / 2) }
        }
        let window = ["startedAt", "endedAt"].map { document[path: "exposure", $0]?.string ?? "" }
        #expect(!window[0].isEmpty && window[0] < window[1])
        #expect(exposedSeconds > 0)
    }
}
