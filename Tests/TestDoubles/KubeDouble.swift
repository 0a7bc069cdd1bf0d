package import HTTP
package import JSON
import Synchronization

/// An API server with Secrets, Leases and ConfigMaps in its storage, and one form in which it writes Secrets.
///
/// As kube-apiserver does it (kubernetes/apiserver): a patch that changes nothing is written if and only if the stored
/// form is not the one that is written now (pkg/storage/etcd3/store.go, `GuaranteedUpdate`), a resourceVersion that is
/// not the stored one is a conflict, `dryRun=All` stores nothing, and a Table asked for with `includeObject=None` holds
/// no objects (pkg/endpoints/handlers/response.go). Whatever it does not know goes to `rest`.
package final class KubeDouble: HTTPTransport {
    package struct Secret: Sendable, Hashable {
        package var version: Int64
        /// The prefix in etcd: "" for plaintext.
        package var form: String
        package var annotations: [String: JSONValue] = [:]
    }

    package static let plaintext = ""
    package static let encrypted = "k8s:enc:kms:v2:p:"

    package struct State: Sendable {
        /// By `namespace/name`.
        package var secrets: [String: Secret] = [:]
        /// Leases and ConfigMaps, by path.
        package var objects: [String: JSONValue] = [:]
        package var revision: Int64 = 100
        package var form = KubeDouble.encrypted
        package var isSilent = false
        /// Whether nobody may read /metrics.
        package var hidesMetrics = false
        /// Of each request, its method and its path.
        package var asked: [String] = []
        /// Every Authorization header that came.
        package var credentials: Set<String> = []
        /// Writes by prefix, as the metrics count them.
        package var writes: [String: Int] = [:]
        package var migrations = Migrations()
        /// Secrets, by `namespace/name`, of which a webhook denies every update.
        package var denied: Set<String> = []
        /// Whether a request has to wait; looked at again until it need not.
        package var holds: @Sendable (State, _ request: String) -> Bool = { _, _ in false }
        /// Called before a request is served.
        package var before: @Sendable (inout State, _ request: String) -> Void = { _, _ in }
    }

    private let state: Mutex<State>
    private let rest: any HTTPTransport

    package init(secrets: [String], rest: any HTTPTransport) {
        var state = State()
        for name in secrets {
            state.revision += 1
            state.secrets[name] = Secret(version: state.revision, form: state.form)
        }
        self.state = Mutex(state)
        self.rest = rest
    }

    package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    package func read<T: Sendable>(_ body: (State) -> T) -> T { state.withLock { body($0) } }

    /// Of the Secrets that are no probes, how many lie in which form.
    package var forms: [String: Int] {
        read { state in
            Dictionary(
                state.secrets.filter { !$0.key.contains("kms-vault-probe-") }.map { ($0.value.form, 1) },
                uniquingKeysWith: +)
        }
    }

    package func withNewConnection() -> any HTTPTransport { self }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await Task.yield()
        let address = request.url.dropFirst("https://".count).drop { $0 != "/" }
        let path = String(address.prefix { $0 != "?" })
        try await wait(while: "\(request.method.rawValue) \(path)")
        let answer: HTTPResponse? = try state.withLock { state throws(TransportError) in
            let what = "\(request.method.rawValue) \(path)"
            state.asked.append(what)
            if let credential = request.headers["Authorization"] { state.credentials.insert(credential) }
            state.before(&state, what)
            if state.isSilent {
                throw TransportError(
                    kind: .couldNotConnect, origin: "https://api", detail: "", mayHaveBeenSent: false)
            }
            return serve(request, path, &state)
        }
        if let answer { return answer }
        return try await rest.send(request)
    }

    private func wait(while request: String) async throws(TransportError) {
        while read({ $0.holds($0, request) }) {
            do { try await Task.sleep(for: .milliseconds(1)) } catch {
                throw TransportError(kind: .cancelled, origin: "https://api", detail: "", mayHaveBeenSent: false)
            }
        }
    }

    private func serve(_ request: HTTPRequest, _ path: String, _ state: inout State) -> HTTPResponse? {
        let parts = path.split(separator: "/").map(String.init)
        switch (request.method, parts.dropFirst(2).first, parts.count) {
        case (.get, "namespaces", 4) where parts[3] == "kube-system":
            return Self.json(200, #"{"metadata":{"name":"kube-system","uid":"kube-uid"}}"#)
        case (.get, "namespaces", 3):
            let names = Set(state.secrets.keys.map { String($0.prefix { $0 != "/" }) }).union(["kube-system"])
            return Self.table(names.sorted(), state.revision)
        case (.get, "secrets", 3): return Self.count(state)
        default: break
        }
        if path.hasPrefix(Migrations.root) { return migration(request, parts, &state) }
        if path == "/metrics" { return state.hidesMetrics ? Self.status(403, "Forbidden") : Self.metrics(state) }
        guard let place = parts.firstIndex(of: "namespaces"), parts.count > place + 2 else { return nil }
        let kind = parts[place + 2]
        if kind == "secrets" { return secrets(request, parts, &state) }
        if kind == "configmaps" || kind == "leases" { return object(request, parts, &state) }
        return nil
    }

    // MARK: Secrets

    private func secrets(_ request: HTTPRequest, _ parts: [String], _ state: inout State) -> HTTPResponse {
        let namespace = parts.count > 3 ? parts[3] : ""
        guard parts.count == 6 else {
            if request.method == .post { return create(request, namespace, &state) }
            let names = state.secrets.keys.filter { $0.hasPrefix(namespace + "/") }.sorted()
            return Self.table(names.map { String($0.dropFirst(namespace.count + 1)) }, state.revision)
        }
        let key = "\(namespace)/\(parts[5])"
        guard let stored = state.secrets[key] else { return Self.noSecret(parts[5]) }
        switch request.method {
        case .get: return Self.metadata(stored, parts[5])
        case .patch: return patch(request, key, stored, &state)
        case .delete:
            state.secrets[key] = nil
            return Self.status(200, "")
        default: return Self.status(405, "MethodNotAllowed")
        }
    }

    private func create(_ request: HTTPRequest, _ namespace: String, _ state: inout State) -> HTTPResponse {
        guard let name = Self.body(request)[path: "metadata", "name"]?.string else {
            return Self.status(400, "BadRequest")
        }
        guard !request.url.contains("dryRun=All") else { return Self.table([name], state.revision) }
        guard state.secrets["\(namespace)/\(name)"] == nil else { return Self.status(409, "AlreadyExists") }
        Self.write(Secret(version: 0, form: ""), "\(namespace)/\(name)", &state)
        return Self.table([name], state.revision)
    }

    private func patch(
        _ request: HTTPRequest, _ key: String, _ stored: Secret, _ state: inout State
    ) -> HTTPResponse {
        if state.denied.contains(key) {
            return Self.status(403, "Forbidden", #"admission webhook \"w.example\" denied the request: no"#)
        }
        let body = Self.body(request)
        if let version = body[path: "metadata", "resourceVersion"]?.string, version != "\(stored.version)" {
            return Self.status(409, "Conflict")
        }
        var changed = stored
        changed.annotations.merge(body[path: "metadata", "annotations"]?.object ?? [:]) { $1 }
        let writes = changed != stored || stored.form != state.form
        if writes, !request.url.contains("dryRun=All") { Self.write(changed, key, &state) }
        return Self.table([key], state.secrets[key]?.version ?? stored.version)
    }

    static func write(_ secret: Secret, _ key: String, _ state: inout State) {
        var secret = secret
        state.revision += 1
        secret.version = state.revision
        secret.form = state.form
        state.secrets[key] = secret
        state.writes[state.form, default: 0] += 1
    }

    // MARK: Objects

    private func object(_ request: HTTPRequest, _ parts: [String], _ state: inout State) -> HTTPResponse {
        let isOne = parts[parts.count - 2] == "configmaps" || parts[parts.count - 2] == "leases"
        let name = isOne ? parts[parts.count - 1] : Self.body(request)[path: "metadata", "name"]?.string ?? ""
        let key = (isOne ? parts : parts + [name]).joined(separator: "/")
        if request.method == .get, !isOne { return Self.json(200, #"{"items":[]}"#) }
        let stored = state.objects[key]
        switch (request.method, stored) {
        case (.post, .some): return Self.status(409, "AlreadyExists")
        case (.post, nil): return Self.keep(Self.body(request), key, &state)
        case (_, nil): return Self.status(404, "NotFound")
        case (.get, .some(let object)): return Self.json(200, object)
        case (.delete, .some):
            state.objects[key] = nil
            return Self.status(200, "")
        case (_, .some(let object)):
            let body = Self.body(request)
            let version = body[path: "metadata", "resourceVersion"]?.string
            if let version, version != object[path: "metadata", "resourceVersion"]?.string {
                return Self.status(409, "Conflict")
            }
            return Self.keep(request.method == .put ? body : object.merged(body), key, &state)
        }
    }

    private static func keep(_ object: JSONValue, _ key: String, _ state: inout State) -> HTTPResponse {
        state.revision += 1
        var object = object
        var metadata = object["metadata"] ?? .object([:])
        metadata["resourceVersion"] = .string("\(state.revision)")
        metadata["uid"] = .string("uid-\(key)")
        object["metadata"] = metadata
        state.objects[key] = object
        return json(200, object)
    }

    // MARK: Answers

    static func body(_ request: HTTPRequest) -> JSONValue {
        (try? JSONValue(parsing: request.body)) ?? .object([:])
    }

    private static func count(_ state: State) -> HTTPResponse {
        json(
            200,
            """
            {"kind":"Table","metadata":{"resourceVersion":"\(state.revision)","continue":"more",
             "remainingItemCount":\(state.secrets.count - 1)},"columnDefinitions":[{"name":"Name"}],
             "rows":[{"cells":["a"]}]}
            """)
    }

    private static func table(_ names: [String], _ version: Int64) -> HTTPResponse {
        let rows = names.map { #"{"cells":["\#($0)"],"object":null}"# }.joined(separator: ",")
        return json(
            200,
            #"{"kind":"Table","metadata":{"resourceVersion":"\#(version)"},"columnDefinitions":[{"name":"Name"}],"#
                + #""rows":[\#(rows)]}"#)
    }

    private static func metadata(_ secret: Secret, _ name: String) -> HTTPResponse {
        json(
            200,
            #"{"kind":"PartialObjectMetadata","metadata":{"name":"\#(name)","resourceVersion":"\#(secret.version)"}}"#)
    }

    private static func metrics(_ state: State) -> HTTPResponse {
        let prefix = "apiserver_storage_transformation_operations_total"
        let lines = state.writes.sorted { $0.key < $1.key }.map {
            #"\#(prefix){resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="\#($0.key)"}"#
                + " \($0.value)"
        }
        let text = "process_start_time_seconds 1.7e+09\n" + lines.joined(separator: "\n") + "\n"
        return HTTPResponse(status: 200, body: Array(text.utf8))
    }

    /// As k8s.io/apimachinery words it (pkg/api/errors, NewNotFound).
    private static func noSecret(_ name: String) -> HTTPResponse {
        json(
            404,
            #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"#
                + #""message":"secrets not found","details":{"name":"\#(name)","kind":"secrets"}}"#)
    }

    /// - Parameter message: as it stands in JSON; nil for the reason.
    static func status(_ code: Int, _ reason: String, _ message: String? = nil) -> HTTPResponse {
        let text = message ?? reason
        return json(
            code,
            #"{"kind":"Status","reason":"\#(reason)","code":\#(code),"message":"\#(text)","details":{"name":"x"}}"#)
    }

    static func json(_ status: Int, _ object: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, body: object.bytes())
    }

    private static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(text.utf8))
    }
}

extension JSONValue {
    /// RFC 7386.
    func merged(_ patch: JSONValue) -> JSONValue {
        guard case .object(let members) = patch, case .object(var result) = self else { return patch }
        for (name, value) in members {
            result[name] = value == .null ? nil : (result[name] ?? .object([:])).merged(value)
        }
        return .object(result)
    }
}
