public import ClusterModel
import Foundation
import Synchronization

extension RealCluster: ReadableCluster {
    /// Gets the Secrets that etcd holds, each one from each replica, past the balancer.
    public func readAll(sample: Int?) async throws -> SecretReadings {
        var names: [String] = []
        try await current().etcd.forEachSecret { key, _ in
            names.append(String(key.dropFirst("/registry/secrets/".count)))
        }
        let chosen = sample.map { Array(names.shuffled().prefix($0)) } ?? names
        let failures = Mutex<[String: String]>([:])
        for server in try runningServers() {
            try await spread(chosen.count, over: [server.http]) { number, connection in
                let parts = chosen[number].split(separator: "/")
                guard parts.count == 2 else { return }
                let path = "/api/v1/namespaces/\(parts[0])/secrets/\(parts[1])"
                let answer = try await connection.send(.get, path)
                // One that was deleted meanwhile is not unreadable.
                guard answer.status != 200, answer.status != 404 else { return }
                let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
                failures.withLock { $0[chosen[number]] = "replica \(server.index) answered \(answer.status): \(text)" }
            }
        }
        return SecretReadings(of: chosen.count, failures: failures.withLock { $0 })
    }
}
