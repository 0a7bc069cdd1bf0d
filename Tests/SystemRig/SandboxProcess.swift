import Curl
import Foundation
import Glibc
package import HTTP
package import JSON

/// What a sandbox begins with.
package struct SandboxOptions: Sendable {
    package var replicas: Int
    /// Azure's durations, and the plugin's waits, are multiplied by this.
    package var timeScale: Double
    package var secrets: Int
    package var namespaces: Int
    /// Public, Private or Off.
    package var mode: String
    package var throttles: Bool
    /// JSON that changes the world of the start.
    package var world: String?
    /// Seconds after which a sandbox ends whose test does not.
    package var longestLife = 600
    /// Seconds until it must be ready.
    package var startsWithin = 60.0
    package var more: [String]

    package init(
        replicas: Int = 2, timeScale: Double = 0.01, secrets: Int = 40, namespaces: Int = 4, mode: String = "Public",
        throttles: Bool = false, world: String? = nil, more: [String] = []
    ) {
        self.replicas = replicas
        self.timeScale = timeScale
        self.secrets = secrets
        self.namespaces = namespaces
        self.mode = mode
        self.throttles = throttles
        self.world = world
        self.more = more
    }
}

/// A sandbox of its own for one test, and its control endpoint.
package struct SandboxProcess: Sendable {
    package let folder: String
    package let options: SandboxOptions
    /// What its env file exports.
    package let variables: [String: String]
    private let program: RunningProgram
    private let transport: CurlTransport

    package var cluster: String { variables["CLUSTER_NAME"] ?? "" }
    package var resourceGroup: String { variables["RESOURCE_GROUP"] ?? "" }
    package var keyID: String { variables["KEY_ID"] ?? "" }
    package var secondKeyID: String { variables["SECOND_KEY_ID"] ?? "" }
    package var vaultID: String { variables["KEY_VAULT_RESOURCE_ID"] ?? "" }

    package static func start(_ options: SandboxOptions = SandboxOptions()) async throws -> SandboxProcess {
        guard let binary = Rig.sandbox else { throw RigError("there is no sandbox") }
        let folder = NSTemporaryDirectory() + "/kms-vault-e2e-" + UUID().uuidString.prefix(8)
        let home = folder + "/home"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        var arguments = [
            "\(options.longestLife)", binary, "serve", "--directory", folder, "--replicas", "\(options.replicas)",
            "--time-scale", "\(options.timeScale)", "--seed", "\(options.secrets)", "--namespaces",
            "\(options.namespaces)",
        ]
        if let world = options.world {
            try Data(world.utf8).write(to: URL(fileURLWithPath: folder + "/world.json"))
            arguments += ["--world", folder + "/world.json"]
        }
        if options.mode != "Public" { arguments += ["--mode", options.mode] }
        if !options.throttles { arguments.append("--no-throttling") }
        // `timeout` ends what a test program that died would leave behind.
        let program = try RunningProgram(
            "/usr/bin/timeout", arguments + options.more, environment: ProcessInfo.processInfo.environment,
            folder: folder)
        do {
            try await eventually(within: options.startsWithin, "the sandbox is ready") {
                FileManager.default.fileExists(atPath: folder + "/ready")
            }
            return try SandboxProcess(folder: folder, options: options, program: program)
        } catch {
            program.signal(SIGTERM)
            let ended = try? await program.result()
            throw RigError("\(error): \(ended?.output ?? "") \(ended?.errors ?? "")")
        }
    }

    private init(folder: String, options: SandboxOptions, program: RunningProgram) throws {
        self.folder = folder
        self.options = options
        self.program = program
        let text = try String(contentsOfFile: folder + "/env", encoding: .utf8)
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let pair = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            variables[String(pair[0])] = String(pair[1].dropFirst().dropLast())
        }
        self.variables = variables
        transport = CurlTransport(
            settings: TransportSettings(trust: .system(bundlePath: folder + "/ca.pem")), userAgent: "e2e")
    }

    package func stop() async {
        program.signal(SIGTERM)
        _ = try? await program.result()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: The control endpoint

    @discardableResult
    package func control(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let base = variables["KMS_VAULT_SANDBOX_URL"] ?? ""
        var request = HTTPRequest(method, "\(base)/sandbox/\(path)", timeout: 120)
        if let body {
            request.body = body.bytes()
            request.headers = ["Content-Type": "application/json"]
        }
        let answer = try await transport.send(request)
        guard answer.status < 300 else {
            throw RigError("\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONValue(parsing: answer.body)
    }

    /// Begins a fault: `fault("replica-lags", ["replicas": [1]])`.
    package func fault(_ name: String, _ parameters: [String: JSONValue] = [:], at moment: String? = nil) async throws {
        var body = parameters
        body["name"] = .string(name)
        if let moment { body["at"] = .string(moment) }
        try await control(.post, "faults", .object(body))
    }

    package func endFaults(_ name: String? = nil) async throws {
        try await control(.delete, name.map { "faults/\($0)" } ?? "faults")
    }

    /// How often a fault has struck.
    package func hits(_ name: String) async throws -> Int64 {
        let active = try await control(.get, "faults")["active"]?.array ?? []
        return active.filter { $0["name"]?.string == name }.compactMap { $0["hits"]?.integer }.reduce(0, +)
    }

    /// Gives the cluster an order of its own, at a moment.
    package func order(_ path: String, _ body: JSONValue, at moment: String) async throws {
        try await fault("cluster-order", ["path": .string(path), "body": body], at: moment)
    }

    package func settle() async throws { try await control(.post, "cluster/settle", .object([:])) }
    package func restart() async throws { try await control(.post, "cluster/restart", .object([:])) }
    package func rollBack(replica: Int64) async throws {
        try await control(.post, "cluster/rollback", .object(["replica": .integer(replica)]))
    }
    package func corrupt(_ namespace: String, _ name: String) async throws {
        try await control(
            .post, "cluster/corrupt-secret", .object(["namespace": .string(namespace), "name": .string(name)]))
    }
    /// Brings a deleted vault back.
    package func recoverVault() async throws {
        let vault = variables["KEY_VAULT"] ?? ""
        try await control(.post, "vaults", .object(["name": .string(vault), "recover": .bool(true)]))
    }
    /// Sets a vault's network access past all rules.
    package func setVault(_ access: String, name: String? = nil) async throws {
        let vault = name ?? variables["KEY_VAULT"] ?? ""
        try await control(
            .post, "vaults",
            .object(["name": .string(vault), "properties": .object(["publicNetworkAccess": .string(access)])]))
    }

    // MARK: What is

    package func state() async throws -> SandboxState { SandboxState(document: try await control(.get, "state")) }

    /// Reads every Secret through every API server; gives those that one of them could not read, 20 at most.
    package func unreadable() async throws -> [String] {
        let answer = try await control(.get, "read-all")
        guard let names = answer["unreadable"]?.array?.compactMap(\.string), answer["total"]?.integer ?? 0 > 0 else {
            throw RigError("read-all: \(answer)")
        }
        return names
    }

    /// "METHOD path status" of the requests that ARM got.
    package func requests() async throws -> [String] {
        let all = try await control(.get, "requests")["requests"]?.array ?? []
        return all.map {
            "\($0["method"]?.string ?? "") \($0["path"]?.string ?? "") \($0["status"]?.integer ?? 0)"
        }
    }
}
