import ClusterModel
import Crypto
import Foundation

/// Seals the API server's data keys as one key version of a vault would: AES-256-GCM, bound to the key's identifier.
struct KeyCipher: Sendable {
    private let keyID: String
    private let key: SymmetricKey

    /// - Parameter material: the vault's secret for this key version, as `KeyAccess` hands it out.
    init(keyID: String, material: [UInt8]) {
        self.keyID = keyID
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material), info: Data("kms-vault-sandbox".utf8), outputByteCount: 32)
    }

    func seal(_ plain: Data) throws -> Data {
        let box = try AES.GCM.seal(plain, using: key, authenticating: Data(keyID.utf8))
        // 12 bytes are GCM's standard nonce, for which the combined form always exists.
        return Data(box.nonce) + box.ciphertext + box.tag
    }

    /// - Throws: `VaultRefusal` `BadParameter` when these bytes were not sealed with this key, as Key Vault answers.
    func open(_ sealed: Data) throws -> Data {
        do {
            return try AES.GCM.open(
                AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Data(keyID.utf8))
        } catch {
            throw VaultRefusal(code: "BadParameter", message: "the value was not encrypted with key \(keyID)")
        }
    }
}
