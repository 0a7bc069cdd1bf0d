public import ClusterModel
import Foundation
import KMSPlugin
import Synchronization

extension RealCluster {
    /// How many Secrets in etcd lie under a key that the newest configuration does not have.
    public func secretsLockedOut() async throws -> Int {
        let known = Set((plans.last ?? .neverOn).routes.map(\.providerName))
        var count = 0
        try await current().etcd.forEachSecret { _, value in
            if case .encrypted(let provider) = value, !known.contains(provider) { count += 1 }
        }
        return count
    }

    /// Sends every Secret an empty patch, through one API server with the newest configuration if there is one.
    public func rewriteSecrets() async throws -> SecretRewrite {
        var names: [String] = []
        try await current().etcd.forEachSecret { key, _ in
            names.append(String(key.dropFirst("/registry/secrets/".count)))
        }
        let chosen = names
        let newest = plans.count - 1
        let index = replicas.firstIndex { $0.plan == newest && $0.server?.hasEnded == false } ?? 0
        guard var http = try runningServers().first(where: { $0.index == index })?.http else {
            throw RealClusterError.notRunning
        }
        http.headers["content-type"] = "application/merge-patch+json"
        let outcome = Mutex(SecretRewrite())
        try await spread(chosen.count, over: [http]) { number, connection in
            let parts = chosen[number].split(separator: "/")
            guard parts.count == 2 else { return }
            let path = "/api/v1/namespaces/\(parts[0])/secrets/\(parts[1])"
            let answer = try await connection.send(.patch, path, body: Data("{}".utf8))
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            outcome.withLock { outcome in
                switch answer.status {
                case 200: outcome.taken += 1
                case 404: break
                default:
                    outcome.refused += 1
                    if outcome.firstRefusal == nil {
                        outcome.firstRefusal = "\(chosen[number]): \(answer.status): \(text)"
                    }
                }
            }
        }
        return outcome.withLock { $0 }
    }
}
