import Curl
import Foundation
import Glibc
import HTTP
import JSON

/// A sandbox with a real cluster of two API servers behind it, and the real kubectl with the plugin on its PATH.
struct RealSandbox: Sendable {
    /// What every seeded Secret's value begins with.
    static let canary = "CANARY-" + UUID().uuidString

    let folder: String
    let variables: [String: String]
    let arm: CurlTransport
    private let program: Program

    static func run(_ body: (RealSandbox) async throws -> Void) async throws {
        let sandbox = try await start()
        do {
            try await body(sandbox)
        } catch {
            await sandbox.stop()
            throw error
        }
        await sandbox.stop()
    }

    private static func start() async throws -> RealSandbox {
        // KMS plugins listen on Unix sockets, whose paths must be short.
        let folder = "/tmp/kms-real-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: folder + "/bin", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/bin/kubectl-kms_vault", withDestinationPath: RealRig.plugin)
        // `timeout` ends what a test program that died would leave behind.
        let program = try Program(
            "/usr/bin/timeout",
            [
                "900", RealRig.sandbox, "serve", "--directory", folder + "/sandbox", "--backend", "real", "--replicas",
                "2", "--time-scale", "\(RealRig.timeScale)", "--kube-apiserver", RealRig.apiServer ?? "", "--seed",
                "\(RealRig.secrets)", "--namespaces", "\(RealRig.namespaces)", "--canary", canary,
            ], environment: ProcessInfo.processInfo.environment, folder: folder)
        do {
            try await eventually(within: 180, "the sandbox is ready") {
                FileManager.default.fileExists(atPath: folder + "/sandbox/ready")
            }
            return try RealSandbox(folder: folder, program: program)
        } catch {
            program.signal(SIGTERM)
            throw RigError("\(error)\n\(program.errors)")
        }
    }

    private init(folder: String, program: Program) throws {
        self.folder = folder
        self.program = program
        var variables: [String: String] = [:]
        for line in try String(contentsOfFile: folder + "/sandbox/env", encoding: .utf8).split(separator: "\n") {
            let pair = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            variables[String(pair[0])] = String(pair[1].dropFirst().dropLast())
        }
        self.variables = variables
        arm = CurlTransport(
            settings: TransportSettings(trust: .system(bundlePath: folder + "/sandbox/ca.pem")), userAgent: "e2e")
    }

    private func stop() async {
        program.signal(SIGTERM)
        _ = try? await program.result()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Azure's side

    @discardableResult
    func control(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        var request = HTTPRequest(method, "\(variables["KMS_VAULT_SANDBOX_URL"] ?? "")/sandbox/\(path)", timeout: 120)
        if let body {
            request.body = body.bytes()
            request.headers = ["Content-Type": "application/json"]
        }
        let answer = try await arm.send(request)
        guard answer.status < 300 else {
            throw RigError("\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONValue(parsing: answer.body)
    }

    func state() async throws -> RealState { RealState(document: try await control(.get, "state")) }

    /// Sets the first vault's network access past all rules.
    func setVault(_ access: String) async throws {
        try await control(
            .post, "vaults",
            .object([
                "name": .string(variables["KEY_VAULT"] ?? ""),
                "properties": .object(["publicNetworkAccess": .string(access)]),
            ]))
    }

    func restartAPIServers() async throws { try await control(.post, "cluster/restart", .object([:])) }

    // MARK: kubectl's side

    var environment: [String: String] {
        var environment = variables
        environment["PATH"] = "\(folder)/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        environment["HOME"] = folder
        environment["XDG_STATE_HOME"] = folder + "/state"
        environment["KUBECTL_KMS_VAULT_TIME_SCALE"] = "\(RealRig.timeScale)"
        return environment
    }

    /// Starts kubectl; for a plugin it becomes the plugin, so that the process is the plugin's own.
    func kubectl(_ arguments: [String], changing variables: [String: String] = [:]) throws -> Program {
        try Program(
            RealRig.tool("kubectl") ?? "kubectl", arguments,
            environment: environment.merging(variables) { $1 }, folder: folder)
    }

    /// Starts `kubectl kms-vault`, with all that a change needs without a terminal.
    func change(_ arguments: [String], changing variables: [String: String] = [:]) throws -> Program {
        let target = [
            "-g", self.variables["RESOURCE_GROUP"] ?? "", "--name", self.variables["CLUSTER_NAME"] ?? "", "--yes",
            "-o", "json",
        ]
        return try kubectl(["kms-vault"] + arguments + target, changing: variables)
    }
}

/// What the sandbox shows of itself; the counts are read from etcd.
struct RealState: Sendable {
    let document: JSONValue

    var plaintext: Int64 { document[path: "storedSecrets", "plaintext"]?.integer ?? -1 }
    var encrypted: Int64 { document[path: "storedSecrets", "encrypted"]?.integer ?? -1 }
    var keys: [String] { (document[path: "storedSecrets", "encryptedByKey"]?.object ?? [:]).keys.sorted() }
    var kms: JSONValue? {
        document["clusters"]?.array?.first?[path: "properties", "securityProfile", "azureKeyVaultKms"]
    }
    var vaultAccess: String {
        document["vaults"]?.array?.first?[path: "properties", "publicNetworkAccess"]?.string ?? ""
    }
    /// When the first vault was last set, and to what.
    var vaultChanges: [(time: String, value: String)] {
        (document["vaults"]?.array?.first?["history"]?.array ?? []).map {
            ($0["time"]?.string ?? "", $0["publicNetworkAccess"]?.string ?? "")
        }
    }
    var updates: [(start: String, end: String)] {
        (document["operations"]?.array ?? []).map { ($0["startTime"]?.string ?? "", $0["endTime"]?.string ?? "") }
    }
}
