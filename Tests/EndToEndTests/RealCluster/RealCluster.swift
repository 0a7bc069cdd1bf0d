import Foundation
import HTTP
import JSON
import SystemRig
import Testing

/// Tests on a real etcd and real API servers, one after another: two clusters at a time would measure each other.
///
/// Without what they need of the machine they are skipped by name; script/test-real brings it.
@Suite(.serialized, .needsSandbox, .needsRealCluster)
enum RealCluster {
    static let apiServer = Rig.environment["KMS_VAULT_KUBE_APISERVER"]
    /// The tests that take minutes each; a run without them names them as skipped.
    static let isWhole = Rig.environment["KMS_VAULT_REAL"] == "whole"
    static let secrets = Rig.environment["KMS_VAULT_REAL_SECRETS"].flatMap(Int.init) ?? (isWhole ? 2000 : 200)
    static let namespaces = isWhole ? 50 : 10
    /// What the value of every Secret begins with.
    static let canary = "CANARY-" + UUID().uuidString

    /// Runs one test against a cluster of its own.
    static func inCluster(
        replicas: Int = 2, secrets: Int = secrets, _ body: (SandboxProcess, Plugin) async throws -> Void
    ) async throws {
        var options = SandboxOptions(replicas: replicas, timeScale: 0.02, secrets: secrets, namespaces: namespaces)
        options.throttles = true
        options.longestLife = 1200
        options.startsWithin = 180
        options.more = ["--backend", "real", "--kube-apiserver", apiServer ?? "", "--canary", canary]
        try await inSandbox(options, body)
    }
}

extension Trait where Self == ConditionTrait {
    static var needsRealCluster: ConditionTrait {
        .enabled(if: RealCluster.apiServer != nil, "KMS_VAULT_KUBE_APISERVER is needed (script/test-real)")
    }
    static var isLong: ConditionTrait {
        .enabled(if: RealCluster.isWhole, "takes minutes: script/test-real --whole runs it")
    }
}

/// Where a run to private has ended well: every Secret is encrypted, the vault closed, and every replica can read.
func expectWholePrivate(
    _ result: Plugin.Result, _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
) async throws {
    let state = try await sandbox.state()
    expectPrivate(result, state, sandbox, location)
    try await expectAllReadable(sandbox, sandbox.options.secrets, location)
}

/// etcd holds so many Secrets, all of them encrypted, and every replica can read each.
func expectAllReadable(
    _ sandbox: SandboxProcess, _ count: Int, _ location: SourceLocation = #_sourceLocation
) async throws {
    let state = try await sandbox.state()
    #expect(state.encrypted == Int64(count) && state.plaintext == 0, sourceLocation: location)
    let readings = try await sandbox.control(.get, "read-all")
    #expect(readings["total"]?.integer == Int64(count), sourceLocation: location)
    #expect(readings["unreadable"] == .array([]), sourceLocation: location)
}
