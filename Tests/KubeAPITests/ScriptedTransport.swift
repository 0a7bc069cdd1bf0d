import HTTP
import Synchronization

@testable import KubeAPI

/// Answers requests in the order of a script; a request beyond it, or unlike it, is a failure that tests see.
final class ScriptedTransport: HTTPTransport {
    enum Answer: Sendable {
        case response(HTTPResponse)
        case failure(TransportError)
    }

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
        var connections: [ScriptedTransport] = []
        var next: [ScriptedTransport] = []
    }

    private let state: Mutex<State>

    /// - Parameter connections: the transports that `withNewConnection` gives, in turn.
    init(_ answers: [Answer], connections: [ScriptedTransport] = []) {
        state = Mutex(State(answers: answers, next: connections))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var unused: Int { state.withLock { $0.answers.count } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let answer = state.withLock { state -> Answer? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        switch answer {
        case .response(let response): return response
        case .failure(let error): throw error
        case nil:
            throw TransportError(
                kind: .other, origin: "", detail: "unexpected request \(request.method.rawValue) \(request.url)",
                mayHaveBeenSent: false)
        }
    }

    func withNewConnection() -> any HTTPTransport {
        state.withLock { state in
            state.next.isEmpty ? ScriptedTransport([]) : state.next.removeFirst()
        }
    }
}

extension ScriptedTransport.Answer {
    static func json(_ text: String, status: Int = 200, headers: HTTPHeaders = [:]) -> Self {
        .response(HTTPResponse(status: status, headers: headers, body: Array(text.utf8)))
    }

    static func status(_ code: Int, _ reason: String, _ message: String, details: String = "{}") -> Self {
        .json(
            """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\(message)",
             "reason":"\(reason)","details":\(details),"code":\(code)}
            """, status: code)
    }

    static func lost(sent: Bool = true) -> Self {
        .failure(TransportError(kind: .connectionLost, origin: "https://k", detail: "", mayHaveBeenSent: sent))
    }
}

/// Has a newer token for each that was refused, up to a limit.
final class TestAuthorization: RequestAuthorization {
    private let number = Mutex(0)
    private let limit: Int

    init(renewals limit: Int = 100) { self.limit = limit }

    func headers() async throws -> HTTPHeaders { Self.headers(number.withLock { $0 }) }

    func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? {
        number.withLock { number in
            if rejected == Self.headers(number), number < limit { number += 1 }
            return rejected == Self.headers(number) ? nil : Self.headers(number)
        }
    }

    private static func headers(_ number: Int) -> HTTPHeaders { ["Authorization": "Bearer token-\(number)"] }
}

func client(_ transport: ScriptedTransport, authorization: any RequestAuthorization = TestAuthorization()) -> KubeClient
{
    KubeClient(server: "https://k/", transport: transport, authorization: authorization, sleep: { _ in })
}

/// A Table as kube-apiserver sends it for `includeObject=None`.
func table(_ names: [String], version: String = "12345", metadata: String = "") -> String {
    let rows = names.map { #"{"cells":["\#($0)","Opaque",1,"3d"],"object":null}"# }.joined(separator: ",")
    return """
        {"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"\(version)"\(metadata)},\
        "columnDefinitions":[{"name":"Name","type":"string","format":"name","description":"Name \\"must\\" be unique.","priority":0},\
        {"name":"Type","type":"string","format":"","description":"","priority":0},\
        {"name":"Data","type":"string","format":"","description":"","priority":0},\
        {"name":"Age","type":"string","format":"","description":"","priority":0}],"rows":[\(rows)]}

        """
}
