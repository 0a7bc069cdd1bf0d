import JSON
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
            let watch = try StorageWatch.begin(sandbox)
            let result = try await plugin.change("switch", "--" + mode.lowercased())
            let looks = await watch.end()
            let took = start.duration(to: .now)
            let after = try await sandbox.state()
            let updates = Array(after.operations.dropFirst(before.operations.count))
            try #require(updates.count == 2, "\(result.testDescription)")
            let vault = try #require(after.vaultHistory().last)
            if mode == "Private" {
                expectPrivate(result, after, sandbox, stored: after.encrypted)
                #expect(vault.value == "Disabled" && vault.time > updates[1].end)
            } else {
                expectPublic(result, after, sandbox, stored: after.encrypted)
                #expect(vault.value == "Enabled" && vault.time < updates[0].start)
            }
            let report = try WholeReport(result)
            report.check()
            // From the end of the off pass until KMS goes on again nothing in etcd has the prefix.
            let off = looks.filter { $0.began > report.offPassEnded && $0.ended < updates[1].start }
            // With 200 Secrets the window is too short for a look at etcd to be sure to fall into it.
            if RealCluster.secrets >= 2000 { #expect(!off.isEmpty) }
            #expect(off.allSatisfy { $0.values.encrypted + $0.values.others == 0 && $0.values.plaintext >= secrets })
            let (first, last) = (try #require(looks.first).values, try #require(looks.last).values)
            #expect(first.encrypted >= secrets && first.plaintext + first.others == 0)
            #expect(last.encrypted >= secrets && last.plaintext + last.others == 0)
            print(
                "to \(mode): \(took), exposed for \(report.exposedSeconds) s, \(looks.count) looks at etcd, "
                    + "\(off.count) of them while all was plaintext")
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
                let written = try await EtcdReader(sandbox).writes {
                    let result = try await plugin.change("switch", "--private", "--key-id", sandbox.secondKeyID)
                    #expect(result.exitCode == 0, "\(result.testDescription)")
                }
                #expect(written.encrypted >= secrets && written.plaintext + written.others == 0, "\(written)")
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

    /// Not before this moment. The report has whole seconds, rounded down, so all of this one counts as before.
    var offPassEnded: String {
        String((passes.first?["endedAt"]?.string ?? "~").dropLast()) + ".999Z"
    }

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
