public import ClusterModel
import Foundation
import KMSPlugin

extension RealCluster: ClusterBackend {
    /// Gives the replicas a new configuration, one after another, and returns when those that take it have it.
    ///
    /// Before `start()` it only says what the replicas will start with.
    public func apply(_ profile: KMSProfile, rollout: Rollout) async throws {
        guard !profile.enabled || !profile.keyID.isEmpty else { throw RealClusterError.keyMissing }
        try await exclusively { cluster in
            let newest = cluster.plans[cluster.plans.count - 1]
            cluster.plans.append(newest.applying(profile))
            guard cluster.running != nil else { return }
            try await Task.sleep(for: .seconds(rollout.delay))
            var isFirst = true
            for index in cluster.replicas.indices where !rollout.lagging.contains(index) {
                if !isFirst { try await Task.sleep(for: .seconds(rollout.spacing)) }
                isFirst = false
                try await cluster.restart(index, plan: cluster.plans.count - 1)
            }
        }
    }

    /// Gives every lagging replica the newest configuration.
    public func settle() async throws {
        try await exclusively { cluster in
            let newest = cluster.plans.count - 1
            for index in cluster.replicas.indices where cluster.replicas[index].plan != newest {
                try await cluster.restart(index, plan: newest)
            }
        }
    }

    /// Puts one replica back on the configuration before the newest.
    public func rollBack(replica index: Int) async throws {
        try await exclusively { cluster in
            try cluster.check(replica: index)
            try await cluster.restart(index, plan: max(0, cluster.plans.count - 2))
        }
    }

    /// Restarts every replica with the configuration that it has; the data keys that it remembered are gone.
    public func restart() async throws {
        try await exclusively { cluster in
            for index in cluster.replicas.indices {
                try await cluster.restart(index, plan: cluster.replicas[index].plan)
            }
        }
    }

    /// Counts how Secrets are stored in etcd. A prefix that no provider of ours writes counts under its own name.
    public func storedSecrets() async throws -> StoredSecrets {
        let etcd = try current().etcd
        var keys: [String: String] = [:]
        for route in plans.flatMap(\.routes) { keys[route.providerName] = route.plugin.label(route.keyID) }
        var counts = StoredSecrets(plaintext: 0, encryptedByKey: [:])
        try await etcd.forEachSecret { _, value in
            switch value {
            case .plaintext: counts.plaintext += 1
            case .encrypted(let provider): counts.encryptedByKey[keys[provider] ?? provider, default: 0] += 1
            case .foreign(let prefix): counts.encryptedByKey[prefix, default: 0] += 1
            }
        }
        return counts
    }

    /// Overwrites one stored Secret with noise that begins as an encrypted one does.
    public func corruptSecret(namespace: String, name: String) async throws {
        let etcd = try current().etcd
        guard let stored = try await etcd.secret(namespace: namespace, name: name) else {
            throw RealClusterError.noSuchSecret(namespace: namespace, name: name)
        }
        let provider =
            switch StoredValue(stored) {
            case .encrypted(let provider): provider
            case .plaintext, .foreign: plans.last?.current?.providerName ?? "no-such-provider"
            }
        // KMS v1 stores the encrypted data key behind two bytes of its length: this one was never sealed by anybody.
        var noise = Data("k8s:enc:kms:v1:\(provider):".utf8)
        noise.append(contentsOf: [0, 60])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<124 { noise.append(UInt8.random(in: .min ... .max, using: &generator)) }
        try await etcd.putSecret(namespace: namespace, name: name, noise)
    }
}
