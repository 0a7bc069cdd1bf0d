import Foundation
import Testing

/// What these tests need of the machine. Without it they are skipped by name; script/test-real brings it.
enum RealRig {
    private static let environment = ProcessInfo.processInfo.environment

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let apiServer = environment["KMS_VAULT_KUBE_APISERVER"]
    static let plugin = environment["KMS_VAULT_PLUGIN_BINARY"] ?? root + "/.build/debug/kubectl-kms-vault"
    static let sandbox = environment["KMS_VAULT_SANDBOX_BINARY"] ?? root + "/Sandbox/.build/debug/kms-vault-sandbox"
    static let recorder = root + "/Tests/Support/tls-recorder.py"

    static let isThere =
        apiServer != nil && tool("kubectl") != nil
        && [plugin, sandbox].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    /// The parts that take minutes; a run without them names them as skipped.
    static let isWhole = environment["KMS_VAULT_REAL"] == "whole"
    static let secrets = environment["KMS_VAULT_REAL_SECRETS"].flatMap(Int.init) ?? (isWhole ? 2000 : 200)
    static let namespaces = isWhole ? 50 : 10
    static let timeScale = 0.02

    static func tool(_ name: String) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsRealCluster: ConditionTrait {
        .enabled(
            if: RealRig.isThere,
            "KMS_VAULT_KUBE_APISERVER, kubectl, the built plugin and sandbox are needed (script/test-real)")
    }
    static var isLong: ConditionTrait {
        .enabled(if: RealRig.isWhole, "takes minutes: script/test-real runs it")
    }
}

struct RigError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Asks again and again, for at most so many seconds.
func eventually(within seconds: Double, _ what: String, _ isTrue: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while !(try await isTrue()) {
        guard ContinuousClock.now < end else { throw RigError("not within \(Int(seconds)) s: \(what)") }
        try await Task.sleep(for: .seconds(0.1))
    }
}
