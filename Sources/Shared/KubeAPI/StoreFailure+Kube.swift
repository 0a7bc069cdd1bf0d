import HTTP
import SecretRewrite
import Text

extension StoreFailure {
    /// What a refusal by the API server means for a Secret.
    ///
    /// The API has codes for most of it. Four things are told only in the message, which is therefore looked at: an
    /// admission webhook's refusal, stored bytes that cannot be decrypted, a key management service that does not
    /// encrypt, and storage that is away for a moment. A sentence that is not known becomes a plain failure, which is
    /// never taken for success.
    /// - Parameter name: the Secret's; nil when a list was asked for.
    init(_ status: KubeStatus, secret name: String?) {
        let message = status.message
        if name != nil, let denial = Self.denial(status) {
            self = denial
            return
        }
        // The cache that lists come from fills itself by a list, and quotes why that fails (Kubernetes 1.34, 429).
        if status.code == 429, let undecryptable = Self.undecryptable(status) {
            self = undecryptable
            return
        }
        switch status.code {
        case 401: self = .unauthorized(detail: message)
        case 403: self = .forbidden(detail: message)
        case 404 where Self.isGone(status, name): self = .gone
        case 406: self = .wouldSendData(detail: message)
        case 409: self = .conflict(detail: message)
        case 410: self = .expired(inconsistentToken: status.inconsistentToken)
        case 422: self = .invalid(fields: status.fields.joined(separator: ", "), detail: message)
        case 408, 429, 502, 503, 504: self = .busy(retryAfter: status.retryAfter, detail: message)
        case 500: self = Self.internalError(status)
        default: self = .other(status: status.code, reason: status.reason, detail: message)
        }
    }

    /// Deleted is only what the API server calls so by its name: a proxy's 404 must never count as done.
    private static func isGone(_ status: KubeStatus, _ name: String?) -> Bool {
        guard status.isFromAPIServer, status.reason == "NotFound" else { return false }
        guard let name else { return status.kind == "namespaces" }
        return status.kind == "secrets" && status.name == name || status.kind == "namespaces"
    }

    /// Admission's words (kubernetes/apiserver, pkg/admission/plugin/webhook/errors and .../policy/validating).
    private static func denial(_ status: KubeStatus) -> StoreFailure? {
        let message = status.message
        if let hook = quoted(after: "admission webhook \"", in: message) {
            return message.contains("does not support dry run")
                ? .dryRunUnsupported(by: hook, detail: message) : .denied(by: hook, detail: message)
        }
        // No answer is no denial (pkg/util/webhook/error.go): a time-out, no endpoints, a refused connection.
        if let hook = quoted(after: "failed calling webhook \"", in: message) {
            return .webhookAway(by: hook, detail: message)
        }
        for start in ["ValidatingAdmissionPolicy '", "policy '"] where message.contains("denied request") {
            if let policy = quoted(after: start, until: "'", in: message) {
                return .denied(by: policy, detail: message)
            }
        }
        // What authorization refuses, it always refuses in these words; any other 403 is an admission plugin's.
        if status.code == 403, status.isFromAPIServer, !message.contains(" cannot ") {
            return .denied(by: "an admission plugin", detail: message)
        }
        return nil
    }

    private static func internalError(_ status: KubeStatus) -> StoreFailure {
        let message = status.message
        if encrypting.contains(where: message.contains) { return .encryptFailed(detail: message) }
        if let undecryptable = undecryptable(status) { return undecryptable }
        if let retryAfter = status.retryAfter { return .busy(retryAfter: retryAfter, detail: message) }
        if momentary.contains(where: message.contains) { return .busy(retryAfter: nil, detail: message) }
        return .other(status: 500, reason: status.reason, detail: message)
    }

    /// Stored bytes that no provider gives back. Whether the key is lost or its vault is only out of reach cannot be
    /// told from the words: in both cases nobody can read the Secret now, and that must never look like a busy server.
    private static func undecryptable(_ status: KubeStatus) -> StoreFailure? {
        let message = status.message
        guard status.reason == "StorageReadError" || decrypting.contains(where: message.contains) else { return nil }
        let named =
            status.storageKeys.isEmpty
            ? [quoted(after: "unable to transform key \"", in: message) ?? corruptKey(message)].compactMap { $0 }
            : status.storageKeys
        return .undecryptable(keys: named, detail: message)
    }

    /// Of `StorageError: corrupt object, Code: 7, Key: K, …` (pkg/storage/errors.go).
    private static func corruptKey(_ message: String) -> String? {
        guard message.contains("corrupt object"), let start = message.firstRange(of: ", Key: ")?.upperBound,
            let end = message[start...].firstRange(of: ", ResourceVersion:")?.lowerBound
        else { return nil }
        return String(message[start..<end])
    }

    // Storage's words (kubernetes/apiserver, pkg/storage/value/encrypt: envelope, kmsv2, identity, aes).
    private static let encrypting = [
        "failed to encrypt", "failed to rotate DEK", "encryptedDEKSource with keyID", "EDEK with keyID",
    ]
    /// The same, and pkg/storage/etcd3: store.go, corrupt_obj_deleter.go.
    private static let decrypting = [
        "unable to transform key", "data from the storage is not transformable", "unable to transform or decode",
        "StorageError: corrupt object", "failed to decrypt", "no matching prefix found",
        "identity transformer tried to read encrypted data", "message authentication failed",
        "no matching key was found", "invalid PKCS7 data",
    ]
    /// etcd's words (api/v3rpc/rpctypes/error.go), those of its client, and those of the API server about a request
    /// that took too long.
    private static let momentary = [
        "etcdserver: leader changed", "etcdserver: no leader", "etcdserver: request timed out",
        "etcdserver: too many requests", "etcdserver: server stopped", "etcdserver: not leader",
        "context deadline exceeded", "unable to return a response in the time allotted",
        "code = Unavailable", "transport is closing", "http2: client connection lost",
    ]

    private static func quoted(after start: String, until end: Character = "\"", in text: String) -> String? {
        guard let range = text.firstRange(of: start), let close = text[range.upperBound...].firstIndex(of: end) else {
            return nil
        }
        return String(text[range.upperBound..<close])
    }

    /// What a request that brought no usable status means.
    init(_ error: KubeError, secret name: String?) {
        switch error.cause {
        case .status(let status): self.init(status, secret: name)
        case .transport(let error):
            switch error.kind {
            case .bodyTooLarge, .badURL: self = .malformed(detail: error.description)
            default: self = .lost(detail: error.description)
            }
        case .credential(let text): self = .unauthorized(detail: text.onOneLine())
        case .answer(let text), .unsound(let text): self = .malformed(detail: text)
        }
    }
}
