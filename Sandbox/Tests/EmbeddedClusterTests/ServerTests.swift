import ClusterModel
import Foundation
import Testing

@testable import EmbeddedCluster

/// What a program printed, and how it ended.
struct Run {
    var status: Int32
    var output: String

    /// Runs a program of PATH; nil when there is none of that name.
    static func command(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Run? {
        guard path(of: name) != nil else { return nil }
        // A thread of its own waits: the few that run Swift's tasks must stay free for the server.
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try wait(for: name, arguments, environment, input) })
            }
        }
    }

    private static func wait(
        for name: String, _ arguments: [String], _ environment: [String: String], _ input: String
    ) throws -> Run {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let file = FileManager.default.temporaryDirectory.appending(path: "run-" + UUID().uuidString)
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }

    static func path(of name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// A cluster that listens, for the length of a test.
func withServer(
    _ change: (inout ClusterOptions) -> Void = { _ in }, _ body: (EmbeddedCluster, Vault) async throws -> Void
) async throws {
    var options = ClusterOptions()
    options.timeScale = 0.01
    change(&options)
    let vault = Vault()
    let cluster = EmbeddedCluster(options: options, access: vault)
    try await cluster.start()
    do {
        try await body(cluster, vault)
    } catch {
        await cluster.stop()
        throw error
    }
    await cluster.stop()
}

@Suite(.serialized, .enabled(if: Run.path(of: "curl") != nil, "curl is not there"))
struct ServerTests {
    /// Each argument list is one request; all of them share what connections they can.
    func curl(_ cluster: EmbeddedCluster, _ requests: [[String]], flags: [String] = []) async throws -> Run {
        let ca = cluster.directory.appending(path: "ca.crt").path(percentEncoded: false)
        let common =
            [
                "-sS", "--cacert", ca, "-H", "Authorization: Bearer \(cluster.adminToken)", "-w",
                "|%{http_code} %{http_version}\n",
            ]
            + flags
        let all = requests.map { common + $0.dropLast() + ["\(cluster.serverURL)\($0.last ?? "")"] }
        return try #require(try await Run.command("curl", Array(all.joined(separator: ["--next"]))))
    }

    @Test(arguments: [("--http1.1", "1.1"), ("--http2", "2")])
    func `both protocols are served over verified TLS`(flag: String, version: String) async throws {
        try await withServer { cluster, _ in
            let run = try await curl(cluster, [["/version"], ["/readyz"]], flags: [flag])
            #expect(run.status == 0)
            #expect(run.output.hasSuffix("ok|200 \(version)\n"))
            #expect(cluster.acceptedConnections == 1)
            let stranger = try #require(try await Run.command("curl", ["-sS", cluster.serverURL]))
            #expect(stranger.status == 60)
        }
    }

    @Test func `a connection stays with its replica and the next one goes to another`() async throws {
        try await withServer { cluster, _ in
            func startTimes(_ flags: [String]) async throws -> [Substring] {
                let run = try await curl(
                    cluster, [["/metrics"], ["/metrics"], ["/metrics"], ["/metrics"]], flags: flags)
                return run.output.split(separator: "\n").filter { $0.hasPrefix("process_start_time_seconds") }
            }
            let shared = try await startTimes(["--http2"])
            #expect(shared.count == 4)
            #expect(Set(shared).count == 1)
            let fresh = try await startTimes(["-H", "Connection: close", "--http1.1"])
            #expect(fresh.count == 4)
            #expect(Set(fresh).count == 2)
        }
    }

    @Test func `a silent server hangs or refuses, and is back on its port when that ends`() async throws {
        try await withServer { cluster, _ in
            let address = cluster.serverURL
            await cluster.silence(seconds: nil, refusing: false)
            #expect(try await curl(cluster, [["/version"]], flags: ["--max-time", "0.5"]).status == 28)
            await cluster.endSilence()
            #expect(try await curl(cluster, [["/readyz"]]).status == 0)
            await cluster.silence(seconds: nil, refusing: true)
            #expect(try await curl(cluster, [["/version"]]).status == 7)
            await cluster.endSilence()
            #expect(try await curl(cluster, [["/readyz"]]).status == 0)
            await cluster.silence(seconds: 0.2, refusing: true)
            var status: Int32 = 7
            while status == 7 { status = try await curl(cluster, [["/readyz"]]).status }
            #expect(status == 0 && cluster.serverURL == address)
        }
    }

    @Test func `a restart closes connections and the server answers on`() async throws {
        try await withServer { cluster, _ in
            try await cluster.apply(
                KMSProfile(enabled: true, keyID: Rig.keyA, networkPath: .publicEndpoint), rollout: Rollout())
            try await cluster.seed(namespaces: 1, secrets: 50, bytes: 100, canary: "CANARY")
            await withTaskGroup(of: Int32.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        (try? await curl(cluster, Array(repeating: ["/api/v1/secrets"], count: 20)).status) ?? -1
                    }
                }
                try? await cluster.restart()
                for await status in group { #expect(status == 0 || status == 16 || status == 56 || status == 92) }
            }
            #expect(try await curl(cluster, [["/readyz"]]).output == "ok|200 2\n")
        }
    }

    @Test func `GOAWAY sends the client to a new connection`() async throws {
        try await withServer { cluster, _ in
            cluster.add(FaultRule(.goAway, times: 1))
            let run = try await curl(cluster, [["/version"], ["/readyz"]], flags: ["--http2"])
            #expect(run.status == 0)
            #expect(run.output.hasSuffix("ok|200 2\n"))
            #expect(cluster.acceptedConnections == 2)
            cluster.add(FaultRule(.goAway, times: 1))
            #expect(try await curl(cluster, [["/version"], ["/readyz"]], flags: ["--http1.1"]).status == 0)
            #expect(cluster.acceptedConnections == 4)
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `a dropped and a truncated answer are failures of the connection`(flag: String) async throws {
        try await withServer { cluster, _ in
            for action in [FaultRule.Action.drop, .loseAnswer, .truncate] {
                cluster.add(FaultRule(action, times: 1))
                let failed = try await curl(cluster, [["--retry", "0", "/api/v1"]], flags: [flag])
                #expect(failed.status != 0, "\(action)")
            }
            #expect(try await curl(cluster, [["/readyz"]], flags: [flag]).status == 0)
        }
    }

    @Test func `a slow answer arrives whole`() async throws {
        try await withServer { cluster, _ in
            cluster.add(FaultRule(.drip(seconds: 0.1), times: 1))
            let run = try await curl(cluster, [["/api/v1"]])
            #expect(run.status == 0)
            #expect(run.output.contains("APIResourceList"))
        }
    }

    @Test func `a lost vault ends the writes of a running server`() async throws {
        try await withServer { cluster, vault in
            try await cluster.apply(
                KMSProfile(enabled: true, keyID: Rig.keyA, networkPath: .publicEndpoint), rollout: Rollout())
            vault.close(.publicEndpoint)
            let body = #"{"metadata":{"generateName":"s-"}}"#
            var code = "201"
            for _ in 0..<200 where code == "201" {
                let run = try await curl(
                    cluster,
                    [
                        [
                            "-d", body, "-H", "Content-Type: application/json", "-o", "/dev/null",
                            "/api/v1/namespaces/default/secrets",
                        ]
                    ])
                code = String(run.output.dropFirst().prefix(3))
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(code == "500")
        }
    }
}

@Suite(.serialized, .enabled(if: Run.path(of: "kubectl") != nil, "kubectl is not there"))
struct KubectlTests {
    @Test func `the real kubectl runs the original rewrite`() async throws {
        try await withServer { cluster, _ in
            let kubeconfig = try cluster.writeKubeconfig(named: "operator", token: cluster.operatorToken)
            let cache = cluster.directory.appending(path: "cache").path(percentEncoded: false)
            func kubectl(_ arguments: String..., input: String = "") async throws -> Run {
                let environment = ["KUBECONFIG": kubeconfig, "KUBECACHEDIR": cache]
                return try #require(try await Run.command("kubectl", arguments, environment: environment, input: input))
            }
            func profile(_ isOn: Bool) -> KMSProfile {
                KMSProfile(enabled: isOn, keyID: Rig.keyA, networkPath: .publicEndpoint)
            }
            try await cluster.apply(profile(true), rollout: Rollout())
            try await cluster.seed(namespaces: 3, secrets: 30, bytes: 100, canary: "CANARY")
            try await cluster.apply(profile(false), rollout: Rollout())
            let secrets = try await kubectl("get", "secrets", "-A", "-o", "json")
            #expect(secrets.status == 0)
            let replaced = try await kubectl("replace", "-f", "-", input: secrets.output)
            #expect(replaced.status == 0, "\(replaced.output)")
            #expect(replaced.output.split(separator: "\n").count == 30)
            #expect(try await cluster.storedSecrets() == StoredSecrets(plaintext: 30, encryptedByKey: [:]))
            let stale = try await kubectl("replace", "-f", "-", input: secrets.output)
            #expect(stale.status == 1)
            #expect(stale.output.contains("the object has been modified"))
        }
    }

    @Test func `the real kubectl creates, reads, patches and deletes`() async throws {
        try await withServer { cluster, _ in
            let kubeconfig = try cluster.writeKubeconfig(named: "admin", token: cluster.adminToken)
            let cache = cluster.directory.appending(path: "cache").path(percentEncoded: false)
            for (arguments, expected) in [
                ("create namespace n", "namespace/n created"),
                ("create secret generic s -n n --from-literal=a=b", "secret/s created"),
                ("create secret generic s -n n --from-literal=a=b", "already exists"),
                ("create configmap c -n n --from-literal=a=b", "configmap/c created"),
                ("get secrets -A", "Opaque"), ("get secret s -n n -o jsonpath={.data.a}", "Yg=="),
                ("get ns", "kube-system"), ("get cm -n n", "c "), ("get lease -n kube-system", "apiserver-"),
                ("patch secret s -n n --type merge -p {}", "patched (no change)"),
                ("annotate secret s -n n x=y", "annotated"), ("auth can-i patch secrets", "yes"),
                ("delete secret s -n n", "deleted"), ("get secret s -n n", "NotFound"),
                ("get --raw /readyz?verbose", "[+]kms-providers ok"), ("delete namespace n --wait=false", "deleted"),
                ("get validatingwebhookconfigurations", "No resources found"),
            ] {
                let run = try #require(
                    try await Run.command(
                        "kubectl", arguments.split(separator: " ").map(String.init),
                        environment: ["KUBECONFIG": kubeconfig, "KUBECACHEDIR": cache]))
                #expect(run.output.contains(expected), "kubectl \(arguments): \(run.output)")
            }
        }
    }
}
