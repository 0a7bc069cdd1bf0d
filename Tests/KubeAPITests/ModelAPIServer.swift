import FoundationEssentials
import HTTP
import Synchronization

/// An API server that holds Secrets with data and gives them to whoever asks carelessly.
final class ModelAPIServer: HTTPTransport {
    static let canary = "Y2FuYXJ5"

    private struct State {
        var secrets: [String: [String: Int64]] = [:]
        var stale: Set<String> = []
        var version: Int64 = 1000
        var requests: [HTTPRequest] = []
        var denied: Set<String> = []
    }

    private let state = Mutex(State())

    init(_ layout: [String: Int], denied: Set<String> = []) {
        state.withLock { state in
            state.denied = denied
            for (namespace, count) in layout {
                state.secrets[namespace] = [:]
                for number in 0..<count {
                    let name = "s-\(1000 + number)"
                    state.version += 1
                    state.secrets[namespace]?[name] = state.version
                    state.stale.insert("\(namespace)/\(name)")
                }
            }
        }
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func withNewConnection() -> any HTTPTransport { self }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        state.withLock { state in
            state.requests.append(request)
            let parts = request.url.split(separator: "?", maxSplits: 1).map(String.init)
            let path = parts[0].split(separator: "/").dropFirst(4).map(String.init)
            var query: [String: String] = [:]
            for item in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
                let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
                query[pair[0]] = pair.count > 1 ? pair[1] : ""
            }
            let isTable = request.headers.all("Accept") == ["application/json;as=Table;g=meta.k8s.io;v=v1"]
            guard isTable, query["includeObject"] == "None" else {
                return Self.response(200, #"{"kind":"Secret","data":{"password":"\#(Self.canary)"}}"#)
            }
            switch (request.method, path.count) {
            case (.get, 1): return Self.list(Array(state.secrets.keys), query, state.version)
            case (.get, 3): return Self.list(Array(state.secrets[path[1]]?.keys ?? [:].keys), query, state.version)
            case (.patch, 4): return Self.touch(path[1], path[3], &state)
            default: return Self.response(400, "unexpected")
            }
        }
    }

    private static func list(_ all: [String], _ query: [String: String], _ version: Int64) -> HTTPResponse {
        let rest = all.sorted().filter { $0 > query["continue"] ?? "" }
        let page = Array(rest.prefix(Int(query["limit"] ?? "") ?? .max))
        var metadata = ""
        if let last = page.last, rest.count > page.count {
            metadata = #","continue":"\#(last)","remainingItemCount":\#(rest.count - page.count)"#
        }
        return response(200, table(page, version: String(version), metadata: metadata))
    }

    private static func touch(_ namespace: String, _ name: String, _ state: inout State) -> HTTPResponse {
        guard let version = state.secrets[namespace]?[name] else { return response(404, "gone") }
        let key = "\(namespace)/\(name)"
        if state.denied.contains(key) {
            // A webhook that quotes what it was given, as some do.
            let padding = String(repeating: "x", count: 500)
            let message = #"admission webhook \"quoting.example\" denied the request: \#(padding) \#(canary)"#
            return response(403, #"{"kind":"Status","reason":"Forbidden","message":"\#(message)","code":403}"#)
        }
        guard state.stale.remove(key) != nil else { return response(200, table([name], version: String(version))) }
        state.version += 1
        state.secrets[namespace]?[name] = state.version
        return response(200, table([name], version: String(state.version)))
    }

    private static func response(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(text.utf8))
    }
}
