import ClusterModel

/// A cluster that only remembers what it was told: no API server stands behind it.
public actor MemoryCluster: ClusterBackend {
    private let access: any KeyAccess
    public private(set) var profiles: [KMSProfile] = []
    public private(set) var rollouts: [Rollout] = []
    public private(set) var calls: [String] = []

    public init(access: any KeyAccess) { self.access = access }

    public func start() async throws {}
    public func stop() async {}

    /// As a KMS plugin does at its start, it tries the key.
    public func apply(_ profile: KMSProfile, rollout: Rollout) async throws {
        if profile.enabled { _ = try await access.keyMaterial(keyID: profile.keyID, over: profile.networkPath) }
        profiles.append(profile)
        rollouts.append(rollout)
    }

    public func settle() async throws { calls.append("settle") }
    public func rollBack(replica: Int) async throws { calls.append("rollback \(replica)") }
    public func restart() async throws { calls.append("restart") }
    public func storedSecrets() async throws -> StoredSecrets { StoredSecrets(plaintext: 0, encryptedByKey: [:]) }
    public func secretsLockedOut() async throws -> Int { 0 }
    public func rewriteSecrets() async throws -> SecretRewrite {
        calls.append("rewrite")
        return SecretRewrite()
    }
    public func corruptSecret(namespace: String, name: String) async throws {
        calls.append("corrupt \(namespace)/\(name)")
    }

    public var serverURL: String { "https://localhost:6443" }
    public var caPEM: String { "" }
    public var adminToken: String { "memory-admin" }
    public var operatorToken: String { "memory-operator" }
}
