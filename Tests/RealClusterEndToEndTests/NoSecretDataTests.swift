import Foundation
import Glibc
import Testing

/// Secret data never enters the plugin's process: not over the wire, and so not into its memory, journal or logs.
@Suite(.serialized, .needsRealCluster)
struct NoSecretDataTests {
    /// As it lies in memory, and as the API writes it. Base64 of whole groups is the same whatever follows.
    private static let marks: [Data] = {
        let plain = Data(RealSandbox.canary.utf8)
        return [plain, Data(plain.prefix(plain.count / 3 * 3).base64EncodedString().utf8)]
    }()

    private func holdsCanary(_ data: Data) -> Bool { Self.marks.contains { data.range(of: $0) != nil } }

    @Test(.isLong, .timeLimit(.minutes(10)))
    func `no byte of a Secret goes to the plugin, and kubectl shows that the recorder would see it`() async throws {
        try await RealSandbox.run { sandbox in
            let client = try await ClusterClient(sandbox)
            let recorder = try await Recorder.start(sandbox, server: client.server, name: "plugin")
            let plugin = try sandbox.change(
                ["switch", "--private", "-v", "9"], changing: ["KUBECONFIG": recorder.kubeconfig])
            let result = try await plugin.result()
            let record = try await recorder.stop()
            #expect(result.exitCode == 0, "\(result.errors.suffix(3000))")
            print("recorded: \(record.count) bytes to the plugin, \(result.errors.utf8.count) bytes of log at -v 9")
            #expect(record.range(of: Data("resourceVersion".utf8)) != nil)
            // What is compressed could hold anything.
            #expect(record.range(of: Data("Content-Encoding".utf8)) == nil)
            #expect(!holdsCanary(record))
            #expect(!holdsCanary(Data((result.output + result.errors).utf8)))
            try await checkRest(sandbox)

            let second = try await Recorder.start(sandbox, server: client.server, name: "kubectl")
            // Pages below 128 KiB, from which on the API server compresses.
            let all = try await sandbox.kubectl(
                ["get", "secrets", "-A", "-o", "json", "--chunk-size=50"],
                changing: ["KUBECONFIG": second.kubeconfig]
            ).result()
            #expect(all.exitCode == 0, "\(all.errors)")
            #expect(holdsCanary(try await second.stop()))
        }
    }

    /// The journal, in both its places.
    private func checkRest(_ sandbox: RealSandbox) async throws {
        let state = sandbox.folder + "/state"
        let files = FileManager.default.enumerator(atPath: state)?.compactMap { $0 as? String } ?? []
        let contents = files.compactMap { try? Data(contentsOf: URL(fileURLWithPath: "\(state)/\($0)")) }
        #expect(contents.contains { !$0.isEmpty })
        #expect(!contents.contains(where: holdsCanary))
        let map = try await sandbox.kubectl(
            ["get", "configmap", "-n", "kube-system", "kms-vault-switch", "-o", "json"]
        ).result()
        #expect(map.exitCode == 0)
        #expect(!holdsCanary(Data(map.output.utf8)))
    }

    @Test(
        .isLong, .timeLimit(.minutes(10)),
        .enabled(if: RealRig.tool("gcore") != nil && geteuid() == 0, "gcore (gdb) and root are needed"))
    func `core files of a running switch hold no Secret data`() async throws {
        try await RealSandbox.run { sandbox in
            let load = Load(try await ClusterClient(sandbox))
            let users = Task { await load.run() }
            defer { users.cancel() }
            let plugin = try sandbox.change(["switch", "--private", "-v", "9"])
            for (index, moment) in ["Rewriting Secrets (now plaintext)", "Turning KMS on", "Verifying"].enumerated() {
                try await eventually(within: 300, "\(moment): \(plugin.errors.suffix(2000))") {
                    plugin.errors.contains(moment)
                }
                try await checkCore(of: plugin, sandbox, index, moment)
            }
            let result = try await plugin.result()
            #expect(result.exitCode == 0, "\(result.errors.suffix(3000))")
            #expect(!holdsCanary(Data((result.output + result.errors).utf8)))
        }
    }

    private func checkCore(of plugin: Program, _ sandbox: RealSandbox, _ index: Int, _ moment: String) async throws {
        let base = "\(sandbox.folder)/core-\(index)"
        let dumped = try await Program(
            RealRig.tool("gcore") ?? "gcore", ["-a", "-o", base, "\(plugin.identifier)"],
            environment: ProcessInfo.processInfo.environment, folder: sandbox.folder
        ).result()
        let file = "\(base).\(plugin.identifier)"
        let core = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        #expect(dumped.exitCode == 0, "\(dumped.errors)")
        print("core at '\(moment)': \(core.count) bytes")
        // The search finds what is there: the name of the cluster that the plugin works on.
        #expect(core.range(of: Data((sandbox.variables["CLUSTER_NAME"] ?? "?").utf8)) != nil)
        #expect(core.range(of: Data((sandbox.variables["KEY_ID"] ?? "?").utf8)) != nil)
        #expect(!holdsCanary(core))
        try FileManager.default.removeItem(atPath: file)
    }
}
