import Foundation
import Glibc
import SystemRig
import Testing

extension RealCluster {
    /// Secret data never enters the plugin's process: not over the wire, and so not into its memory, journal or logs.
    @Suite struct `No Secret data` {
        /// As it lies in memory, and as the API writes it. Base64 of whole groups is the same whatever follows.
        private static let marks: [Data] = {
            let plain = Data(canary.utf8)
            return [plain, Data(plain.prefix(plain.count / 3 * 3).base64EncodedString().utf8)]
        }()

        private func holdsCanary(_ data: Data) -> Bool { Self.marks.contains { data.range(of: $0) != nil } }
        private func holdsCanary(_ text: String) -> Bool { holdsCanary(Data(text.utf8)) }

        // MARK: The wire, the journal, the log

        @Test(.timeLimit(.minutes(10)))
        func `no byte of a Secret goes to the plugin, and kubectl shows that the recorder would see it`() async throws {
            try await inCluster { sandbox, plugin in
                let server = try await ClusterClient(plugin).server
                let recorder = try await Recorder.start(sandbox, server: server, name: "plugin")
                let recorded = plugin.through(recorder)
                let result = try await recorded.change("switch", "--private", "-v", "9")
                let record = try await recorder.stop()
                #expect(result.exitCode == 0, "\(result.testDescription)")
                print("recorded: \(record.count) bytes to the plugin, \(result.errors.utf8.count) of log at -v 9")
                // It went this way, and what is compressed could hold anything.
                #expect(record.range(of: Data("resourceVersion".utf8)) != nil)
                #expect(record.range(of: Data("ontent-".utf8)) != nil)
                #expect(record.range(of: Data("ontent-Encoding".utf8)) == nil)
                #expect(!holdsCanary(record))
                #expect(!holdsCanary(result.all))
                try await checkJournal(plugin)

                let second = try await Recorder.start(sandbox, server: server, name: "kubectl")
                // Pages below 128 KiB, from which on the API server compresses.
                let all = try await plugin.through(second).kubectl(
                    ["get", "secrets", "-A", "-o", "json", "--chunk-size=50"])
                #expect(all.exitCode == 0, "\(all.errors)")
                #expect(holdsCanary(try await second.stop()))
            }
        }

        /// In both its places.
        private func checkJournal(_ plugin: Plugin) async throws {
            let file = try #require(plugin.journalFile)
            let journal = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(!journal.isEmpty && !holdsCanary(journal))
            let map = try await plugin.kubectl(
                ["get", "configmap", "-n", "kube-system", "kms-vault-switch", "-o", "json"])
            #expect(map.exitCode == 0 && map.output.contains("completed"), "\(map.testDescription)")
            #expect(!holdsCanary(map.output))
        }

        // MARK: Memory

        /// Moments at which the memory of a running switch is looked at, by the title of the step.
        private static let moments = [
            "Rewriting Secrets (now plaintext)", "Rewriting Secrets (now encrypted)", "Verifying every Secret",
        ]

        @Test(
            .isLong, .timeLimit(.minutes(10)),
            .enabled(if: Rig.tool("gcore") != nil && geteuid() == 0, "gcore (gdb) and root are needed"))
        func `core files of a running switch hold no Secret data`() async throws {
            try await inCluster { sandbox, plugin in
                let load = try await Load.during(try await ClusterClient(plugin)) { load in
                    // Slow enough that each moment lasts longer than a dump.
                    let program = try plugin.startChange("switch", "--private", "-v", "9", "--qps", "100")
                    for moment in Self.moments {
                        try await program.says(moment, within: 300)
                        // In the middle of what it does there, not at the beginning.
                        try await Task.sleep(for: .seconds(1))
                        let writes = await load.writes
                        let core = try await dump(program, sandbox)
                        #expect(step(shownBy: program.errors) == moment, "the dump came too late")
                        #expect(await load.writes > writes)
                        print("core at '\(moment)': \(core.count) bytes")
                        // The search finds what is there: the name of the cluster that the plugin works on, its key.
                        #expect(core.range(of: Data(sandbox.cluster.utf8)) != nil)
                        #expect(core.range(of: Data(sandbox.keyID.utf8)) != nil)
                        #expect(!holdsCanary(core))
                    }
                    let result = try await plugin.finish(program)
                    #expect(result.exitCode == 0, "\(result.testDescription)")
                    #expect(!holdsCanary(result.all))
                }
                print("load: \(await load.summary)")
                #expect(await load.failures == [])
                try await checkControl(sandbox, plugin)
            }
        }

        /// The last line that begins a step or says how far it is.
        private func step(shownBy errors: String) -> String? {
            let steps = Self.moments + ["Turning", "Waiting", "Checking", "Closing", "Watching", "Proving"]
            return errors.split(separator: "\n").lazy.reversed()
                .compactMap { line in steps.first { line.hasPrefix($0) } }.first
        }

        /// A program that does receive Secrets, dumped and searched in the same way.
        private func checkControl(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
            let kubectl = try RunningProgram(
                Rig.kubectl ?? "kubectl", ["get", "secrets", "-n", "team-0", "-o", "json", "--watch"],
                environment: plugin.environment, folder: plugin.folder)
            try await eventually("kubectl has Secrets: \(kubectl.errors)") { kubectl.output.contains("secret-0") }
            #expect(holdsCanary(try await dump(kubectl, sandbox)))
            kubectl.signal(SIGKILL)
            _ = try await kubectl.result()
        }

        private func dump(_ program: RunningProgram, _ sandbox: SandboxProcess) async throws -> Data {
            let base = "\(sandbox.folder)/core"
            let file = "\(base).\(program.identifier)"
            let dumped = try await RunningProgram(
                Rig.tool("gcore") ?? "gcore", ["-a", "-o", base, "\(program.identifier)"],
                environment: Rig.environment, folder: sandbox.folder
            ).result()
            guard dumped.exitCode == 0 else { throw RigError("gcore: \(dumped.output)\n\(dumped.errors)") }
            let core = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
            // What is mapped stays until the last reader is gone.
            try FileManager.default.removeItem(atPath: file)
            return core
        }
    }
}

extension Plugin {
    /// The same, with a kubeconfig that leads through the recorder.
    fileprivate func through(_ recorder: Recorder) -> Plugin {
        var plugin = self
        plugin.environment["KUBECONFIG"] = recorder.kubeconfig
        return plugin
    }
}
