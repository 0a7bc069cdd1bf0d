import FoundationEssentials
import HTTP
import JSON
import KubeAPI
import Synchronization

/// API servers with one storage of probes behind them. A patch writes if and only if the stored form is not that of the
/// API server that serves, or something changes; a resourceVersion in it that is not the stored one is a conflict
/// (kubernetes/apiserver, pkg/registry/generic/registry/store.go and pkg/storage/etcd3/store.go).
final class ProbeServer: HTTPTransport {
    struct Probe: Sendable, Hashable {
        var version: Int64
        var form: String
        var labels: [String: String] = [:]
        var manager: String?
    }

    struct State: Sendable {
        var probes: [String: Probe] = [:]
        var revision: Int64 = 100
        /// The form that each API server writes; they serve in turn.
        var servers = ["old"]
        var next = 0
        var patches = 0
        /// Called before a patch is served, with its number.
        var beforePatch: @Sendable (inout State, Int) -> Void = { _, _ in }
        /// What admission makes of each update.
        var mutates: @Sendable (inout Probe, Int) -> Void = { _, _ in }

        var server: String { servers[next % servers.count] }

        mutating func write(_ name: String, _ change: (inout Probe) -> Void) {
            guard var probe = probes[name] else { return }
            revision += 1
            change(&probe)
            probe.version = revision
            probe.form = server
            probes[name] = probe
        }

        /// Another person's or controller's label.
        mutating func label(_ name: String, _ value: String, by manager: String = "kubectl-label") {
            write(name) {
                $0.labels["team"] = value
                $0.manager = manager
            }
        }
    }

    private let state = Mutex(State())

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func read<T: Sendable>(_ body: (State) -> T) -> T { state.withLock { body($0) } }

    func withNewConnection() -> any HTTPTransport { self }

    var probes: ProbeSecrets {
        ProbeSecrets(
            KubeClient(server: "https://k", transport: self, authorization: NoCredential(), sleep: { _ in }))
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await Task.yield()
        let path = request.url.split(separator: "?")[0].split(separator: "/").map(String.init)
        guard let name = path.last, path.contains("secrets") else { return Self.status(403, "Forbidden", "") }
        return state.withLock { state in
            defer { state.next += 1 }
            switch request.method {
            case .post: return Self.create(request, &state)
            case .get: return state.probes[name].map { Self.metadata($0, name) } ?? Self.gone(name)
            case .patch: return Self.patch(request, name, &state)
            default: return Self.status(405, "MethodNotAllowed", name)
            }
        }
    }

    private static func create(_ request: HTTPRequest, _ state: inout State) -> HTTPResponse {
        guard let name = (try? JSONValue(parsing: request.body))?[path: "metadata", "name"]?.string else {
            return status(400, "BadRequest", "")
        }
        guard state.probes[name] == nil else { return status(409, "AlreadyExists", name) }
        state.revision += 1
        let probe = Probe(version: state.revision, form: state.server)
        state.probes[name] = probe
        return table(probe)
    }

    private static func patch(_ request: HTTPRequest, _ name: String, _ state: inout State) -> HTTPResponse {
        state.patches += 1
        state.beforePatch(&state, state.patches)
        guard let stored = state.probes[name] else { return gone(name) }
        let body = try? JSONValue(parsing: request.body)
        if let version = body?[path: "metadata", "resourceVersion"]?.string, version != "\(stored.version)" {
            return status(409, "Conflict", name)
        }
        var changed = stored
        state.mutates(&changed, state.patches)
        let annotates = body?[path: "metadata", "annotations"] != nil
        if annotates || changed != stored || stored.form != state.server { state.write(name) { $0 = changed } }
        return state.probes[name].map(table) ?? gone(name)
    }

    private static func table(_ probe: Probe) -> HTTPResponse {
        answer(
            200,
            """
            {"kind":"Table","metadata":{"resourceVersion":"\(probe.version)"},"columnDefinitions":[{"name":"Name"}],
             "rows":[{"cells":["p"],"object":null}]}
            """)
    }

    private static func metadata(_ probe: Probe, _ name: String) -> HTTPResponse {
        let labels = probe.labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        let managers = probe.manager.map { "{\"manager\":\"\($0)\",\"time\":\"2026-01-01T00:00:00Z\"}" } ?? ""
        return answer(
            200,
            """
            {"kind":"PartialObjectMetadata","metadata":{"name":"\(name)","resourceVersion":"\(probe.version)",
             "labels":{\(labels.joined(separator: ","))},"managedFields":[\(managers)]}}
            """)
    }

    private static func gone(_ name: String) -> HTTPResponse { status(404, "NotFound", name) }

    private static func status(_ code: Int, _ reason: String, _ name: String) -> HTTPResponse {
        answer(
            code,
            """
            {"kind":"Status","reason":"\(reason)","message":"\(reason)","code":\(code),
             "details":{"name":"\(name)","kind":"secrets"}}
            """)
    }

    private static func answer(_ code: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: code, headers: [:], body: Array(text.utf8))
    }

    private struct NoCredential: RequestAuthorization {
        func headers() async throws -> HTTPHeaders { [:] }
        func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? { nil }
    }
}
