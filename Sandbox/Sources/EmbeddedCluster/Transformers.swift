/// One entry of a replica's encryption configuration for Secrets.
enum EncryptionProvider: Sendable {
    case identity
    case kms(KMSProvider)

    var prefix: String {
        switch self {
        case .identity: ""
        case .kms(let provider): provider.prefix
        }
    }
}

/// What a transformation did, for the counters.
struct Transformation: Sendable, Hashable {
    enum Direction: String, Sendable { case fromStorage = "from_storage", toStorage = "to_storage" }
    var direction: Direction
    var prefix: String
    var isOK: Bool
}

/// The providers of one replica in their order: the first one writes, and whatever another one decoded is stale
/// (k8s.io/apiserver pkg/storage/value/transformer.go, prefixTransformers).
struct Transformers: Sendable {
    let providers: [EncryptionProvider]
    /// Told of every transformation and of every use of a key.
    var record: @Sendable (Transformation) -> Void = { _ in }
    var recordKey: @Sendable (_ direction: Transformation.Direction, _ provider: String, _ keyID: String) -> Void = {
        _, _, _ in
    }

    static let encryptedPrefix = Array("k8s:enc:".utf8)

    func fromStorage(_ bytes: [UInt8], key: String) async throws -> (plaintext: [UInt8], isStale: Bool) {
        var failures: [String] = []
        for (index, provider) in providers.enumerated() {
            switch provider {
            case .identity:
                // Identity refuses what is encrypted and lets a later provider try.
                guard !bytes.starts(with: Self.encryptedPrefix) else { continue }
                record(Transformation(direction: .fromStorage, prefix: "identity", isOK: true))
                return (bytes, index != 0)
            case .kms(let kms):
                guard bytes.starts(with: kms.prefix.utf8) else { continue }
                do {
                    let result = try await kms.decrypt(bytes[kms.prefix.utf8.count...], key: key)
                    record(Transformation(direction: .fromStorage, prefix: kms.prefix, isOK: true))
                    recordKey(.fromStorage, kms.name, result.keyID)
                    return (result.plaintext, result.isStale || index != 0)
                } catch {
                    record(Transformation(direction: .fromStorage, prefix: kms.prefix, isOK: false))
                    failures.append(String(describing: error))
                }
            }
        }
        guard failures.isEmpty else {
            throw KMSFailure(failures.count == 1 ? failures[0] : "[" + failures.joined(separator: ", ") + "]")
        }
        record(Transformation(direction: .fromStorage, prefix: "unknown", isOK: false))
        throw KMSFailure("no matching prefix found")
    }

    func toStorage(_ plaintext: [UInt8], key: String) throws -> [UInt8] {
        guard let writer = providers.first, case .kms(let kms) = writer else {
            record(Transformation(direction: .toStorage, prefix: "", isOK: true))
            return plaintext
        }
        do {
            let (bytes, keyID) = try kms.encrypt(plaintext, key: key)
            record(Transformation(direction: .toStorage, prefix: kms.prefix, isOK: true))
            recordKey(.toStorage, kms.name, keyID)
            return Array(kms.prefix.utf8) + bytes
        } catch {
            record(Transformation(direction: .toStorage, prefix: kms.prefix, isOK: false))
            throw error
        }
    }
}
