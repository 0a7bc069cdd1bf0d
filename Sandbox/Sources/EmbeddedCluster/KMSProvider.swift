import Crypto
import Foundation
import Synchronization

/// One replica's KMS v2 transformer, with the state that hides a lost vault: the DEK seed for writes, and the cache for
/// reads (k8s.io/apiserver pkg/storage/value/encrypt/envelope/kmsv2/envelope.go,
/// pkg/server/options/encryptionconfig/config.go).
final class KMSProvider: Sendable {
    private struct WriteState {
        var seed: SymmetricKey
        var encryptedSeed: [UInt8]
        var keyID: String
        var expires: Double
    }

    private struct State {
        var plugin: KMSPlugin
        var write: WriteState?
        var seeds: [[UInt8]: SymmetricKey] = [:]
        var lastFailure: String? = "the status was not asked yet"
        var statusTimes: [String: Double] = [:]
    }

    let name: String
    private let clock: any ClusterClock
    /// How long writes go on after the last good Status: 3 minutes, scaled.
    private let coasting: Double
    private let state: Mutex<State>

    init(name: String, plugin: KMSPlugin, clock: any ClusterClock, coasting: Double) {
        self.name = name
        self.clock = clock
        self.coasting = coasting
        state = Mutex(State(plugin: plugin))
    }

    var prefix: String { "k8s:enc:kms:v2:\(name):" }
    var lastFailure: String? { state.withLock { $0.lastFailure } }
    /// When each key id was last reported by a good Status.
    var statusTimes: [String: Double] { state.withLock { $0.statusTimes } }
    var cachedSeeds: Int { state.withLock { $0.seeds.count } }

    /// The plugin restarts with other keys while the API server runs on; what it has cached stays.
    func replacePlugin(_ plugin: KMSPlugin) { state.withLock { $0.plugin = plugin } }

    /// Asks Status; a new key id makes a new seed, the same one lets writes go on for another three minutes.
    @discardableResult func poll() async -> Bool {
        let plugin = state.withLock { $0.plugin }
        do {
            let keyID = try await plugin.status()
            let now = clock.now()
            let isCurrent = state.withLock { state in
                state.statusTimes[keyID] = now
                guard state.write?.keyID == keyID else { return false }
                state.write?.expires = now + coasting
                return true
            }
            if !isCurrent {
                let seed = SymmetricKey(size: .bits256)
                let (encrypted, usedKeyID) = try await plugin.encrypt(seed.withUnsafeBytes { Array($0) })
                state.withLock { state in
                    state.write = WriteState(
                        seed: seed, encryptedSeed: encrypted, keyID: usedKeyID, expires: now + coasting)
                    state.seeds[encrypted] = seed
                }
            }
            state.withLock { $0.lastFailure = nil }
            return true
        } catch {
            state.withLock { $0.lastFailure = String(describing: error) }
            return false
        }
    }

    private func writeState() throws -> WriteState {
        guard let write = state.withLock({ $0.write }) else { throw KMSFailure("got unexpected nil transformer") }
        return write
    }

    func encrypt(_ plaintext: [UInt8], key: String) throws -> (bytes: [UInt8], keyID: String) {
        let write = try writeState()
        let now = clock.now()
        guard now <= write.expires else {
            throw KMSFailure(
                "encryptedDEKSource with keyID hash \"\(Self.hash(write.keyID))\" expired at "
                    + "\(timestamp(write.expires)) (current time is \(timestamp(now)))")
        }
        let info = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let box = try AES.GCM.seal(
            Data(plaintext), using: Self.expand(write.seed, info), authenticating: Data(key.utf8))
        guard let combined = box.combined else { throw KMSFailure("a nonce of unusual size") }
        let object = EncryptedObject(
            encryptedData: info + Array(combined), keyID: write.keyID, encryptedDEKSource: write.encryptedSeed)
        return (object.serialized(), write.keyID)
    }

    /// Decrypts; stale when another key id or another kind of DEK source wrote it than would write now.
    func decrypt(_ bytes: ArraySlice<UInt8>, key: String) async throws -> (
        plaintext: [UInt8], isStale: Bool, keyID: String
    ) {
        guard let object = EncryptedObject(serialized: bytes) else {
            throw KMSFailure("failed to unmarshal EncryptedObject")
        }
        let writeKeyID = try writeState().keyID
        let seed = try await seed(object)
        guard object.encryptedData.count > 32 else {
            throw KMSFailure("the stored data was shorter than the required size")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: Data(object.encryptedData[32...]))
            let plaintext = try AES.GCM.open(
                box, using: Self.expand(seed, Array(object.encryptedData[..<32])), authenticating: Data(key.utf8))
            return (Array(plaintext), object.keyID != writeKeyID || object.sourceType != 1, object.keyID)
        } catch {
            throw KMSFailure("cipher: message authentication failed")
        }
    }

    private func seed(_ object: EncryptedObject) async throws -> SymmetricKey {
        let source = object.encryptedDEKSource
        let (cached, plugin) = state.withLock { ($0.seeds[source], $0.plugin) }
        if let cached { return cached }
        do {
            let seed = SymmetricKey(data: try await plugin.decrypt(source, keyID: object.keyID))
            state.withLock { $0.seeds[source] = seed }
            return seed
        } catch {
            throw KMSFailure("failed to decrypt DEK, error: \(error)")
        }
    }

    private static func expand(_ seed: SymmetricKey, _ info: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.expand(pseudoRandomKey: seed, info: info, outputByteCount: 32)
    }

    /// A key id as metrics and messages show it.
    static func hash(_ keyID: String) -> String { "sha256:" + hexDigest(keyID) }
}
