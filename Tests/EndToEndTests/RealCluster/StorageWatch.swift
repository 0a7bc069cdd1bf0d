import Foundation

/// How the users' Secrets lie in etcd, read with etcdctl, past the sandbox and every API server.
struct StoredValues: Sendable, Equatable {
    var encrypted = 0
    var plaintext = 0
    var others = 0

    private static let prefix = Data("/registry/secrets/team-".utf8)

    /// - Parameter etcd: its URL.
    static func read(_ etcd: String, folder: String) async throws -> StoredValues {
        let etcdctl = try RunningProgram(
            Rig.tool("etcdctl") ?? "etcdctl",
            ["--endpoints", etcd, "get", "--prefix", String(decoding: prefix, as: UTF8.self)],
            environment: ["ETCDCTL_API": "3", "HOME": folder], folder: folder)
        let result = try await etcdctl.result()
        guard result.exitCode == 0 else { throw RigError(result.errors) }
        defer { etcdctl.removeFiles() }
        return StoredValues(listed: etcdctl.outputData)
    }

    init(encrypted: Int) { self.encrypted = encrypted }

    /// - Parameter listed: each key on a line, and its value after it.
    init(listed: Data) {
        var rest = listed[...]
        while let key = rest.range(of: Self.prefix) {
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
        guard let etcd = try sandbox.apiServers().first?.etcd else { throw RigError("no API server runs") }
        let folder = sandbox.folder
        return StorageWatch(
            looking: Task {
                var looks: [Look] = []
                while !Task.isCancelled {
                    let began = now()
                    if let values = try? await StoredValues.read(etcd, folder: folder) {
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
