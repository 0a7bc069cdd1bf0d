import Foundation
import Glibc
import JSON

/// How values of the users' Secrets lie in etcd.
struct StoredValues: Sendable, Equatable {
    var encrypted = 0
    var plaintext = 0
    var others = 0

    fileprivate static let prefix = "/registry/secrets/team-"

    /// - Parameter listed: each key on a line, and its value after it, as etcdctl writes them.
    fileprivate init(listed: Data) {
        let prefix = Data(Self.prefix.utf8)
        var rest = listed[...]
        while let key = rest.range(of: prefix) {
            guard let end = rest[key.upperBound...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            rest = rest[(end + 1)...]
            if rest.starts(with: Data("k8s:enc:kms:v1:".utf8)) {
                encrypted += 1
            } else if rest.starts(with: Data("k8s\0".utf8)) {
                plaintext += 1
            } else {
                others += 1
            }
        }
    }
}

/// etcd as etcdctl shows it, past the sandbox and every API server.
struct EtcdReader: Sendable {
    private let address: String
    private let folder: String

    init(_ sandbox: SandboxProcess) throws {
        guard let etcd = try sandbox.apiServers().first?.etcd else { throw RigError("no API server runs") }
        address = etcd
        folder = sandbox.folder
    }

    private func start(_ arguments: [String]) throws -> RunningProgram {
        try RunningProgram(
            Rig.tool("etcdctl") ?? "etcdctl", ["--endpoints", address] + arguments,
            environment: ["ETCDCTL_API": "3", "HOME": folder], folder: folder)
    }

    private func run(_ arguments: [String]) async throws -> Data {
        let program = try start(arguments)
        let result = try await program.result()
        guard result.exitCode == 0 else { throw RigError(result.errors) }
        defer { program.removeFiles() }
        return program.outputData
    }

    /// What is stored now.
    func values() async throws -> StoredValues {
        StoredValues(listed: try await run(["get", "--prefix", StoredValues.prefix]))
    }

    /// Every value that is written while `body` runs. etcd's history leaves no gap between two looks.
    func writes(during body: () async throws -> Void) async throws -> StoredValues {
        let answer = try JSONValue(parsing: Array(try await run(["get", "/", "-w", "json"])))
        guard let revision = answer[path: "header", "revision"]?.integer else { throw RigError("no revision") }
        let watch = try start(["watch", "--prefix", StoredValues.prefix, "--rev", "\(revision + 1)"])
        try await body()
        watch.signal(SIGINT)
        let result = try await watch.result()
        guard result.errors.isEmpty else { throw RigError(result.errors) }
        return StoredValues(listed: watch.outputData)
    }
}

/// Looks at etcd again and again while something runs.
struct StorageWatch: Sendable {
    struct Look: Sendable {
        /// The values were read between these two moments, in the sandbox's form of time.
        var began: String
        var ended: String
        var values: StoredValues
    }

    private let looking: Task<[Look], Never>

    static func begin(_ sandbox: SandboxProcess) throws -> StorageWatch {
        let etcd = try EtcdReader(sandbox)
        return StorageWatch(
            looking: Task {
                var looks: [Look] = []
                while !Task.isCancelled {
                    let began = now()
                    if let values = try? await etcd.values() {
                        looks.append(Look(began: began, ended: now(), values: values))
                    }
                    try? await Task.sleep(for: .seconds(0.3))
                }
                return looks
            })
    }

    func end() async -> [Look] {
        looking.cancel()
        return await looking.value
    }

    private static func now() -> String {
        Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
