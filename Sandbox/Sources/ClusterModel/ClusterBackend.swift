import Foundation

/// The network path over which a cluster's KMS plugin reaches the vault.
public enum NetworkPath: String, Sendable, Codable, Hashable {
    case publicEndpoint = "Public"
    case privateEndpoint = "Private"
    /// The vault's exception for Azure's own services, which the newer experience of KMS takes for Private
    /// (Azure/AKS#3542; AKS documentation, kms-data-encryption).
    case trustedServices = "TrustedServices"

    /// The path that the legacy KMS takes for a value of ARM's `keyVaultNetworkAccess`.
    public init?(mode: String) {
        switch mode {
        case Self.publicEndpoint.rawValue: self = .publicEndpoint
        case Self.privateEndpoint.rawValue: self = .privateEndpoint
        default: return nil
        }
    }
}

/// The program beside each API server that encrypts with a key. Another one reports other key ids for the same key
/// (inferred: the control plane has a `kms-plugin-v2-plus` of its own, AKS documentation,
/// supported-kubernetes-versions).
public enum KMSPluginKind: String, Sendable, Codable, Hashable {
    case legacy
    case plus = "v2-plus"

    /// A key as `StoredSecrets` names it: a plugin's own name stands before the keys of all but the legacy one.
    public func label(_ keyID: String) -> String { self == .legacy ? keyID : "\(rawValue):\(keyID)" }
}

/// What ARM's `securityProfile.azureKeyVaultKms` wants of the cluster.
public struct KMSProfile: Sendable, Codable, Hashable {
    public var enabled: Bool
    /// The versioned key identifier (`https://<vault>/keys/<name>/<version>`); empty when KMS never was on.
    public var keyID: String
    public var networkPath: NetworkPath
    public var plugin: KMSPluginKind
    /// How many former keys still decrypt. The legacy KMS has two slots (Azure/kubernetes-kms#291).
    public var formerKeys: Int

    public init(
        enabled: Bool, keyID: String, networkPath: NetworkPath, plugin: KMSPluginKind = .legacy, formerKeys: Int = 1
    ) {
        self.enabled = enabled
        self.keyID = keyID
        self.networkPath = networkPath
        self.plugin = plugin
        self.formerKeys = formerKeys
    }
}

/// Why the vault refused a key operation, as Key Vault's data plane says it.
public struct VaultRefusal: Error, Sendable, CustomStringConvertible {
    /// Key Vault's inner error code, such as `ForbiddenByConnection` or `KeyDisabled`.
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}

/// The vault's data plane as a KMS plugin sees it: asked at every encrypt and decrypt.
///
/// Returns the 32 bytes from which the key's cipher is derived, or throws `VaultRefusal`.
public protocol KeyAccess: Sendable {
    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8]
    func keyMaterial(keyID: String, over path: NetworkPath, to use: KeyUsage) async throws -> [UInt8]
}

/// What a key is asked to do. A key outside of its dates still decrypts (Key Vault documentation, "Date-time controlled
/// operations").
public enum KeyUsage: String, Sendable, Codable, Hashable {
    case encrypt
    case decrypt
}

extension KeyAccess {
    public func keyMaterial(keyID: String, over path: NetworkPath, to use: KeyUsage) async throws -> [UInt8] {
        try await keyMaterial(keyID: keyID, over: path)
    }
}

/// How Secrets are stored, read from the storage itself.
public struct StoredSecrets: Sendable, Codable, Hashable {
    public var plaintext: Int
    /// Encrypted Secrets by the identifier of the key that encrypted them.
    public var encryptedByKey: [String: Int]

    public init(plaintext: Int, encryptedByKey: [String: Int]) {
        self.plaintext = plaintext
        self.encryptedByKey = encryptedByKey
    }

    public var encrypted: Int { encryptedByKey.values.reduce(0, +) }
}

/// What became of a rewrite of all Secrets.
public struct SecretRewrite: Sendable, Codable, Hashable {
    /// Secrets whose patch was taken.
    public var taken: Int
    public var refused: Int
    /// What the API server said of the first that was refused.
    public var firstRefusal: String?

    public init(taken: Int = 0, refused: Int = 0, firstRefusal: String? = nil) {
        self.taken = taken
        self.refused = refused
        self.firstRefusal = firstRefusal
    }
}

/// How a rollout of a new KMS profile reaches the replicas; the faults of convergence live here.
public struct Rollout: Sendable, Codable, Hashable {
    /// Seconds before the first replica takes the new configuration.
    public var delay: Double
    /// Seconds between one replica and the next.
    public var spacing: Double
    /// Replicas (by index) that do not take it at all until `settle()`.
    public var lagging: Set<Int>

    public init(delay: Double = 0, spacing: Double = 0, lagging: Set<Int> = []) {
        self.delay = delay
        self.spacing = spacing
        self.lagging = lagging
    }
}

/// A cluster that stands behind the sandbox's Azure: the real one or the embedded one.
public protocol ClusterBackend: Sendable {
    func start() async throws
    func stop() async

    /// Gives the replicas a new configuration and returns when those that take it have it.
    func apply(_ profile: KMSProfile, rollout: Rollout) async throws
    /// Gives every lagging replica the newest configuration.
    func settle() async throws
    /// Puts one replica back on the configuration that it had before the newest.
    func rollBack(replica: Int) async throws
    /// Restarts every replica, one after another (a KMS plugin's caches are lost).
    func restart() async throws

    /// Counts how Secrets are stored, from the storage itself.
    func storedSecrets() async throws -> StoredSecrets
    /// How many Secrets lie under a key that the newest configuration does not have.
    func secretsLockedOut() async throws -> Int
    /// Sends every Secret an empty patch through an API server and its admission, as AKS's own controller does after a
    /// change of the key ("the migration process will update secrets", AKS documentation).
    func rewriteSecrets() async throws -> SecretRewrite
    /// Corrupts one stored Secret so that no key decrypts it.
    func corruptSecret(namespace: String, name: String) async throws

    /// The address of the API server that clients use, such as `https://127.0.0.1:6443`.
    var serverURL: String { get async }
    /// The PEM of the CA that signed the API server's certificate.
    var caPEM: String { get async }
    /// A bearer token of a user in system:masters.
    var adminToken: String { get async }
    /// A bearer token of an ordinary user with the rights of cluster-admin, subject to priority and fairness.
    var operatorToken: String { get async }
}
