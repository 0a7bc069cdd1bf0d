import Foundation
import Glibc
import JSON
import SystemRig

/// How the users' Secrets lie in etcd at a moment.
struct StoredCounts: Sendable, Equatable {
    var encrypted = 0
    var plaintext = 0
    /// Neither as the identity provider writes nor as a KMS provider does.
    var others = 0

    var total: Int { encrypted + plaintext + others }
}

/// Every change of the users' Secrets in etcd while something ran: etcd's own history, which leaves no gap, read with
/// etcdctl past the sandbox and every API server.
struct EtcdHistory: Sendable {
    private enum Form {
        case encrypted, plaintext, other

        init(_ value: Data) {
            if value.starts(with: Data("k8s:enc:kms:v1:".utf8)) {
                self = .encrypted
            } else {
                self = value.starts(with: Data("k8s\0".utf8)) ? .plaintext : .other
            }
        }
    }

    private static let prefix = "/registry/secrets/team-"

    private(set) var first = StoredCounts()
    private(set) var last = StoredCounts()
    /// The counts when the fewest were encrypted, and the most that were anything else at a time.
    private(set) var leastEncrypted = StoredCounts()
    private(set) var mostOpen = 0
    private(set) var changes = 0
    private var forms: [Data: Form] = [:]

    /// - Parameter isWhole: tells by the end of the history that etcdctl has shown all of it.
    static func during(
        _ sandbox: SandboxProcess, _ body: () async throws -> Void, until isWhole: (EtcdHistory) -> Bool
    ) async throws -> EtcdHistory {
        guard let etcd = try sandbox.apiServers().first?.etcd else { throw RigError("no API server runs") }
        let start = { try etcdctl(["--endpoints", etcd] + $0, sandbox.folder) }
        let header = try JSONValue(parsing: Array(try await output(of: start(["get", "/", "-w", "json"]))))
        guard let revision = header[path: "header", "revision"]?.integer else { throw RigError("no revision") }
        let beginning = try await output(of: start(["get", "--prefix", prefix, "--rev", "\(revision)"]))
        let watch = try start(["watch", "--prefix", prefix, "--rev", "\(revision + 1)"])
        try await body()
        var history = EtcdHistory(beginning)
        for _ in 0..<60 {
            history = EtcdHistory(beginning)
            history.take(watch.outputData)
            if isWhole(history) { break }
            try await Task.sleep(for: .seconds(1))
        }
        watch.signal(SIGKILL)
        let result = try await watch.result()
        guard result.errors.isEmpty else { throw RigError(result.errors) }
        return history
    }

    private static func etcdctl(_ arguments: [String], _ folder: String) throws -> RunningProgram {
        try RunningProgram(
            Rig.tool("etcdctl") ?? "etcdctl", arguments, environment: ["ETCDCTL_API": "3", "HOME": folder],
            folder: folder)
    }

    private static func output(of program: RunningProgram) async throws -> Data {
        let result = try await program.result()
        guard result.exitCode == 0 else { throw RigError(result.errors) }
        return program.outputData
    }

    private init(_ beginning: Data) {
        take(beginning)
        (first, leastEncrypted, changes) = (last, last, 0)
        mostOpen = last.plaintext + last.others
    }

    /// - Parameter records: each a line with the key, and the value after it; a watch has PUT or DELETE on a line
    ///   before.
    private mutating func take(_ records: Data) {
        let (prefix, deletion) = (Data(Self.prefix.utf8), Data("DELETE\n".utf8))
        var rest = records[...]
        while let place = rest.range(of: prefix),
            let end = rest[place.upperBound...].firstIndex(of: UInt8(ascii: "\n"))
        {
            let isDeletion = records[..<place.lowerBound].suffix(deletion.count) == deletion
            let value = rest[(end + 1)...].prefix(16)
            // The last one may not be written to its end yet.
            guard isDeletion || value.count == 16 else { break }
            set(Data(rest[place.lowerBound..<end]), isDeletion ? nil : Form(Data(value)))
            rest = rest[(end + 1)...]
        }
    }

    private mutating func set(_ key: Data, _ form: Form?) {
        if let old = forms.updateValue(form ?? .other, forKey: key) { count(old, -1) }
        if let form { count(form, 1) } else { forms[key] = nil }
        changes += 1
        if last.encrypted < leastEncrypted.encrypted { leastEncrypted = last }
        mostOpen = max(mostOpen, last.plaintext + last.others)
    }

    private mutating func count(_ form: Form, _ number: Int) {
        switch form {
        case .encrypted: last.encrypted += number
        case .plaintext: last.plaintext += number
        case .other: last.others += number
        }
    }
}
