import Curl
import Foundation
import HTTP
import JSON
import Synchronization
import SystemRig

/// Requests to the API server as the administrator, with the one retry that a lost connection allows.
final class ClusterClient: Sendable {
    let server: String
    private let token: String
    private let transport: CurlTransport
    private let retried = Mutex(0)

    init(_ plugin: Plugin) async throws {
        let document = try await plugin.kubectl(["config", "view", "--raw", "-o", "json"]).json
        let cluster = document?["clusters"]?.array?.first?["cluster"]
        guard let server = cluster?["server"]?.string,
            let encoded = cluster?["certificate-authority-data"]?.string,
            let authority = Data(base64Encoded: encoded),
            let token = document?["users"]?.array?.first?[path: "user", "token"]?.string
        else { throw RigError("the kubeconfig is not the sandbox's") }
        self.server = server
        self.token = token
        transport = CurlTransport(
            settings: TransportSettings(trust: .authorities(pem: Array(authority))), userAgent: "load")
    }

    /// How many requests were sent a second time.
    var retries: Int { retried.withLock { $0 } }

    /// Sends, and once more over a new connection if the first was lost.
    func send(_ method: HTTPMethod, _ path: String, _ body: String = "") async throws -> HTTPResponse {
        var request = HTTPRequest(method, server + path, timeout: 30)
        request.headers = [
            "Authorization": "Bearer \(token)", "Accept": "application/json",
            "Content-Type": method == .patch ? "application/merge-patch+json" : "application/json",
        ]
        request.body = Array(body.utf8)
        do {
            return try await transport.send(request)
        } catch {
            guard [.connectionLost, .couldNotConnect, .tlsFailed].contains(error.kind) else { throw error }
            retried.withLock { $0 += 1 }
            return try await transport.withNewConnection().send(request)
        }
    }

    /// The seeded Secret of that number.
    static func seeded(_ number: Int) -> String { secret("secret-\(number)", in: number) }

    /// A Secret in the namespace that holds the seeded one of that number.
    static func secret(_ name: String, in number: Int) -> String {
        "/api/v1/namespaces/team-\(number % RealCluster.namespaces)/secrets/\(name)"
    }

    func value(_ path: String) async throws -> String? {
        let answer = try await send(.get, path)
        guard answer.status == 200 else { throw RigError("GET \(path): \(answer.status)") }
        return try Self.value(of: answer)
    }

    static func value(of answer: HTTPResponse) throws -> String? {
        let encoded = try JSONValue(parsing: answer.body)[path: "data", "value"]?.string ?? ""
        return Data(base64Encoded: encoded).map { String(decoding: $0, as: UTF8.self) }
    }
}
