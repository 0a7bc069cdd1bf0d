public import ClusterModel
import Foundation

extension RealCluster: SeedableCluster {
    /// Creates Secrets through the API, over connections that are kept, straight to the replicas.
    public func seed(namespaces: Int, secrets: Int, bytes: Int, canary: String) async throws {
        let servers = try runningServers().map(\.http)
        let spaces = max(namespaces, 1)
        try await spread(spaces, over: servers) { number, connection in
            try await connection.create("/api/v1/namespaces", #"{"metadata":{"name":"team-\#(number)"}}"#)
        }
        try await spread(secrets, over: servers) { number, connection in
            let text = "\(canary)-\(number)-"
            let value = Data((text + String(repeating: "x", count: max(0, bytes - text.utf8.count))).utf8)
            try await connection.create(
                "/api/v1/namespaces/team-\(number % spaces)/secrets",
                #"{"metadata":{"name":"secret-\#(number)"},"data":{"value":"\#(value.base64EncodedString())"}}"#)
        }
    }

    /// Every replica, if all of them run.
    func runningServers() throws -> [APIServer] {
        _ = try current()
        return try replicas.enumerated().map { index, replica in
            guard let server = replica.server, !server.hasEnded else {
                throw RealClusterError.noAnswer(from: "replica \(index)", reason: "it does not run")
            }
            return server
        }
    }
}

extension LoopbackConnection {
    /// Creates an object; one that is there already is fine.
    fileprivate func create(_ path: String, _ body: String) async throws {
        let answer = try await send(.post, path, body: Data(body.utf8))
        guard [200, 201, 409].contains(answer.status) else {
            throw RealClusterError.unexpectedAnswer(
                to: "POST \(path)", status: answer.status,
                body: String(decoding: answer.body.prefix(200), as: UTF8.self))
        }
    }
}
