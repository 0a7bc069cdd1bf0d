import ClusterModel
import Crypto
import Foundation
import Synchronization

@testable import EmbeddedCluster

/// A vault whose paths and keys can be shut.
final class Vault: KeyAccess {
    private struct State {
        var closed: Set<NetworkPath> = []
        var disabledKeys: Set<String> = []
        var calls = 0
    }
    private let state = Mutex(State())

    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        try state.withLock { state in
            state.calls += 1
            if state.closed.contains(path) {
                throw VaultRefusal(code: "ForbiddenByConnection", message: "Public network access is disabled")
            }
            if state.disabledKeys.contains(keyID) {
                throw VaultRefusal(code: "KeyDisabled", message: "Key is disabled")
            }
            return Array(SHA256.hash(data: Data(keyID.utf8)))
        }
    }

    var calls: Int { state.withLock { $0.calls } }
    func close(_ path: NetworkPath) { state.withLock { _ = $0.closed.insert(path) } }
    func open(_ path: NetworkPath) { state.withLock { _ = $0.closed.remove(path) } }
    func disable(_ key: String) { state.withLock { _ = $0.disabledKeys.insert(key) } }
}

/// A cluster whose clock stands still, spoken to without a network.
struct Rig {
    static let keyA = "https://a.vault.azure.net/keys/k/1"
    static let keyB = "https://b.vault.azure.net/keys/k/1"

    let cluster: EmbeddedCluster
    let vault = Vault()
    let clock = ManualClock()

    init(replicas: Int = 1, _ change: (inout ClusterOptions) -> Void = { _ in }) {
        var options = ClusterOptions()
        options.replicas = replicas
        options.clock = clock
        options.pollsStatus = false
        change(&options)
        cluster = EmbeddedCluster(options: options, access: vault)
    }

    func turnOn(
        _ key: String = Rig.keyA, _ path: NetworkPath = .publicEndpoint, rollout: Rollout = Rollout()
    ) async throws {
        try await cluster.apply(KMSProfile(enabled: true, keyID: key, networkPath: path), rollout: rollout)
    }

    func turnOff(rollout: Rollout = Rollout()) async throws {
        try await cluster.apply(
            KMSProfile(enabled: false, keyID: "", networkPath: .publicEndpoint), rollout: rollout)
    }

    func send(
        _ method: String, _ uri: String, _ body: String = "", on replica: Int = 0, token: String? = nil,
        headers: [String: String] = [:]
    ) async -> Answer {
        var all = ["authorization": "Bearer " + (token ?? cluster.adminToken)]
        if method == "PATCH" { all["content-type"] = "application/merge-patch+json" }
        all.merge(headers) { $1 }
        let request = APIRequest(method: method, uri: uri, headers: all, body: Array(body.utf8))
        let response = await cluster.api.answer(request, on: cluster.replicas[replica])
        return Answer(
            status: response.status, text: String(decoding: response.body, as: UTF8.self),
            json: (try? JSON(parsing: response.body)) ?? .null, headers: Dictionary(response.headers) { $1 },
            ending: response.ending)
    }

    static let secret = "/api/v1/namespaces/default/secrets/s"

    @discardableResult func create(
        _ name: String = "s", namespace: String = "default", extra: String = "", on replica: Int = 0
    ) async -> Answer {
        await send(
            "POST", "/api/v1/namespaces/\(namespace)/secrets",
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"\#(name)"},"data":{"a":"Yg=="}\#(extra)}"#,
            on: replica)
    }

    /// The version of the Secret `s` after an empty patch.
    func touch(on replica: Int = 0) async -> String? { await send("PATCH", Self.secret, "{}", on: replica).version }

    var isStoredEncrypted: Bool {
        cluster.storedBytes(namespace: "default", name: "s")?.starts(with: Array("k8s:enc:kms:v2:".utf8)) ?? false
    }
}

struct Answer {
    var status: Int
    var text: String
    var json: JSON
    var headers: [String: String]
    var ending: APIResponse.Ending

    var version: String? { json[path: "metadata", "resourceVersion"]?.string }
    var message: String { json["message"]?.string ?? text }
    var reason: String { json["reason"]?.string ?? "" }
    var names: [String] {
        (json["items"]?.array ?? []).compactMap { $0[path: "metadata", "name"]?.string }
    }
}

enum Accept {
    static let table = ["accept": "application/json;as=Table;g=meta.k8s.io;v=v1"]
    static let partial = ["accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]
    static let partialList = ["accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"]
}
