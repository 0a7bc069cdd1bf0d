import ClusterModel
import Crypto
import Foundation

/// A key and the path over which it is reached.
struct KeyUse: Sendable, Hashable, Codable {
    var keyID: String
    var path: NetworkPath
    var plugin = KMSPluginKind.legacy

    /// The key id that the Azure plugin reports: hex(sha256(key identifier)) (Azure/kubernetes-kms, keyvault.go). That
    /// of another plugin is inferred to differ.
    var reportedID: String { hexDigest(plugin.label(keyID)) }
}

func hexDigest(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }.joined()
}

/// Why a KMS call failed, as the API server sees it through gRPC.
struct KMSFailure: Error, CustomStringConvertible {
    let description: String

    init(_ call: String, _ refusal: any Error) {
        let cause =
            if let refusal = refusal as? VaultRefusal {
                "Status=403 Code=\"Forbidden\" Message=\"\(refusal.message)\" InnerError={\"code\":\"\(refusal.code)\"}"
            } else {
                String(describing: refusal)
            }
        description = "rpc error: code = Unknown desc = failed to \(call), error: keyvault.BaseClient: \(cause)"
    }

    init(_ text: String) { description = text }
}

/// The KMS v2 plugin beside an API server: asks the vault at every call and keeps nothing.
struct KMSPlugin: Sendable {
    /// The key that encrypts, then those that only decrypt.
    let keys: [KeyUse]
    let access: any KeyAccess

    private func cipher(_ key: KeyUse, to use: KeyUsage) async throws -> SymmetricKey {
        SymmetricKey(data: try await access.keyMaterial(keyID: key.keyID, over: key.path, to: use))
    }

    private func current() throws -> KeyUse {
        guard let key = keys.first else { throw KMSFailure("no key is configured") }
        return key
    }

    /// The current key id, after a round trip through the vault.
    func status() async throws -> String {
        let key = try current()
        do {
            let cipher = try await cipher(key, to: .encrypt)
            let box = try AES.GCM.seal(Data("status".utf8), using: cipher)
            _ = try AES.GCM.open(box, using: cipher)
            return key.reportedID
        } catch {
            throw KMSFailure("encrypt", error)
        }
    }

    func encrypt(_ plaintext: [UInt8]) async throws -> (ciphertext: [UInt8], keyID: String) {
        let key = try current()
        do {
            let box = try AES.GCM.seal(Data(plaintext), using: try await cipher(key, to: .encrypt))
            guard let combined = box.combined else { throw KMSFailure("a nonce of unusual size") }
            return (Array(combined), key.reportedID)
        } catch {
            throw KMSFailure("encrypt", error)
        }
    }

    func decrypt(_ ciphertext: [UInt8], keyID: String) async throws -> [UInt8] {
        guard let key = keys.first(where: { $0.reportedID == keyID }) else {
            throw KMSFailure(
                "rpc error: code = Unknown desc = key id \(keyID) does not match the expected key id "
                    + (keys.first?.reportedID ?? ""))
        }
        do {
            let box = try AES.GCM.SealedBox(combined: Data(ciphertext))
            return Array(try AES.GCM.open(box, using: try await cipher(key, to: .decrypt)))
        } catch {
            throw KMSFailure("decrypt", error)
        }
    }
}
