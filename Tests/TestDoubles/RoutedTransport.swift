package import HTTP
import Synchronization
import Testing

/// Answers by method and path, and fails the test on a request for which there is no route.
///
/// A route is `GET /path` or, where the version matters, `GET /path?api-version=…`; the longer one is looked at first.
/// `*` is whatever has no other route.
package final class RoutedTransport: HTTPTransport {
    package typealias Answer = @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse

    private struct State {
        var routes: [String: Answer] = [:]
        var asked: [String] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func route(_ route: String, _ answer: @escaping Answer) { state.withLock { $0.routes[route] = answer } }

    package func route(_ route: String, headers: HTTPHeaders = [:], _ body: String) {
        self.route(route) { _ in HTTPResponse(status: 200, headers: headers, body: Array(body.utf8)) }
    }

    package func route(_ route: String, _ status: Int, _ body: String) {
        self.route(route) { _ in HTTPResponse(status: status, body: Array(body.utf8)) }
    }

    /// The routes that were asked for, without queries.
    package var asked: [String] { state.withLock { $0.asked } }
    package var routes: [String] { state.withLock { $0.routes.keys.sorted() } }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let address = request.url.dropFirst("https://".count).drop { $0 != "/" }
        let path = String(address.prefix { $0 != "?" })
        let whole = "\(request.method.rawValue) \(address.prefix { $0 != "&" })"
        let short = "\(request.method.rawValue) \(path)"
        let answer = state.withLock { state in
            state.asked.append(short)
            return state.routes[whole] ?? state.routes[short] ?? state.routes["*"]
        }
        guard let answer else {
            Issue.record("unexpected \(request.method.rawValue) \(request.url)")
            throw TransportError(kind: .other, origin: "test", detail: "unexpected", mayHaveBeenSent: false)
        }
        return try answer(request)
    }

    package func withNewConnection() -> any HTTPTransport { self }
}
