import Glibc
import HTTP
import JSON
import Journal
import ModeSwitch
import SystemRig
import Testing

/// Somebody with a token for the API server, the rights that are named, and no other.
struct Attacker: Sendable {
    let client: ClusterClient
    private static let maps = "/api/v1/namespaces/kube-system/configmaps"
    private static let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kms-vault-switch"

    /// May do this to that kind of object in kube-system.
    init(_ sandbox: SandboxProcess, _ plugin: Plugin, _ verbs: [JSONValue], _ resource: JSONValue) async throws {
        let rule: JSONValue = .object([
            "verbs": .array(verbs), "resources": .array([resource]), "namespaces": ["kube-system"],
        ])
        let made = try await sandbox.control(
            .post, "cluster/users", .object(["name": "mallory", "rules": .array([rule])]))
        client = try await ClusterClient(plugin.with("KUBECONFIG", made["kubeconfig"]?.string ?? ""))
    }

    static func writesConfigMaps(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws -> Attacker {
        let attacker = try await Attacker(
            sandbox, plugin, ["get", "create", "patch", "update", "delete"], "configmaps")
        #expect(try await attacker.client.send(.get, lease).status == 403)
        return attacker
    }

    /// Writes this as the cluster's copy of the record.
    func plant(_ record: String) async throws {
        let data: JSONValue = .object(["record.json": .string(record)])
        let patch = JSONValue.object(["data": data])
        var answer = try await client.send(.patch, Self.maps + "/kms-vault-switch", Self.text(patch))
        if answer.status == 404 {
            let map: JSONValue = .object([
                "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                "metadata": .object(["name": "kms-vault-switch", "namespace": "kube-system"]),
            ])
            answer = try await client.send(.post, Self.maps, Self.text(map))
        }
        try #require(answer.status < 300, "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
    }

    func plant(_ record: SwitchRecord) async throws { try await plant(String(decoding: record.bytes(), as: UTF8.self)) }

    /// The cluster's copy of the record, as it is.
    func record() async throws -> SwitchRecord {
        let answer = try await client.send(.get, Self.maps + "/kms-vault-switch")
        let text = try JSONValue(parsing: answer.body)[path: "data", "record.json"]?.string ?? ""
        return try SwitchRecord(parsing: Array(text.utf8), source: "the ConfigMap")
    }

    /// Makes the Lease another's, or makes it.
    func takeLease(_ holder: String, seconds: Int64, renewed: String = "2026-01-01T00:00:00.000000Z") async throws {
        let spec: JSONValue = .object([
            "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(seconds),
            "renewTime": .string(renewed), "acquireTime": .string(renewed),
        ])
        let answer = try await client.send(.patch, Self.lease, Self.text(.object(["spec": spec])))
        guard answer.status == 404 else {
            try #require(answer.status < 300, "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            return
        }
        let lease: JSONValue = .object([
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec,
            "metadata": .object(["name": "kms-vault-switch", "namespace": "kube-system"]),
        ])
        let folder = Self.lease.split(separator: "/").dropLast().joined(separator: "/")
        let made = try await client.send(.post, "/" + folder, Self.text(lease))
        try #require(made.status < 300, "\(made.status) \(String(decoding: made.body, as: UTF8.self))")
    }

    func deleteLease() async throws { _ = try await client.send(.delete, Self.lease) }

    static func text(_ value: JSONValue) -> String { String(decoding: value.bytes(), as: UTF8.self) }
}

extension SwitchRecord {
    /// The same run with everything that a run can claim to have proven, for the cluster as it is.
    func claimingAll(_ eTag: String) -> SwitchRecord {
        var forged = self
        let last = forged.receipts.lastChange
        if last?.outcome == .sent || last?.outcome == .accepted { forged.receipts.changeEnded(.succeeded, at: 1) }
        forged.receipts.converged(ConvergenceReceipt(state: .converged, samples: 60, flips: 1), at: eTag)
        for kind in [RewritePurpose.rewrite, .verify] {
            let began = forged.receipts.passBegins()
            forged.receipts.passEnded(
                PassReceipt(kind: kind, total: 43, current: 43, complete: true, began: began), at: eTag)
        }
        forged.receipts.converged(ConvergenceReceipt(state: .converged, samples: 60), at: eTag)
        forged.receipts.soaked(SoakReceipt(result: .passed, writes: 60, seconds: 600), at: eTag)
        let item = ProofReceipt.Item(id: "arm-profile", verdict: .passed, detail: "")
        forged.receipts.proved(ProofReceipt(items: [item]), at: eTag)
        return forged
    }
}

extension Plugin {
    /// A switch to private that ends itself with SIGKILL at a point (docs/testing.md).
    func killed(at point: String, _ arguments: [String] = ["--private", "--soak", "60"]) async throws {
        let dying = with("KMS_VAULT_CRASH_AT", point)
        let result = try await dying.run(["switch"] + arguments + target + ["--yes", "-o", "json"])
        try #require(result.exitCode == 128 + SIGKILL, "\(result.testDescription)")
    }

    func status() async throws -> Result { try await run(["status", "-o", "json"] + target) }
}

extension SandboxProcess {
    /// Waits for the end of the update that is under way.
    func idle() async throws {
        try await eventually("no operation runs") { try await state().provisioningState == "Succeeded" }
    }
}

/// It ended by itself, with a person told what to do, and with nothing that drives their terminal.
func expectTold(_ result: Plugin.Result, _ codes: Set<Int32>, _ location: SourceLocation = #_sourceLocation) {
    let shown = "\(result.testDescription.prefix(3000))"
    #expect(codes.contains(result.exitCode), "\(shown)", sourceLocation: location)
    let isUnsafe = result.all.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F }
    #expect(!isUnsafe, "\(shown)", sourceLocation: location)
    #expect(result.errors.utf8.count < 40_000, "\(result.errors.utf8.count) bytes", sourceLocation: location)
    guard result.exitCode != 0 else { return }
    let next = result.json?[path: "problem", "next"]?.string ?? ""
    #expect(["kubectl ", "az ", "switch --"].contains(where: next.contains), "\(shown)", sourceLocation: location)
}
