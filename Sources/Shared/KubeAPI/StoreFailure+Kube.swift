import HTTP
import SecretRewrite

extension StoreFailure {
    /// What a refusal by the API server means for a Secret.
    ///
    /// The API has codes for most of it. Three things are told only in the message, which is therefore looked at: an
    /// admission webhook's refusal, stored bytes that cannot be decrypted, and a key management service that does not
    /// encrypt. A sentence that is not known becomes a plain failure, which is never taken for success.
    /// - Parameter name: the Secret's; nil when a list was asked for.
    init(_ status: KubeStatus, secret name: String?) {
        let message = status.message
        if name != nil, let denial = Self.denial(status) {
            self = denial
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
        if let hook = quoted(after: "failed calling webhook \"", in: message) {
            return .denied(by: hook, detail: message)
        }
        if let policy = quoted(after: "ValidatingAdmissionPolicy '", until: "'", in: message) {
            return .denied(by: policy, detail: message)
        }
        // What authorization refuses, it always refuses in these words; any other 403 is an admission plugin's.
        if status.code == 403, status.isFromAPIServer, !message.contains(" cannot ") {
            return .denied(by: "an admission plugin", detail: message)
        }
        return nil
    }

    /// Storage's words (kubernetes/apiserver, pkg/storage/etcd3/store.go and pkg/storage/value/encrypt).
    private static func internalError(_ status: KubeStatus) -> StoreFailure {
        let message = status.message
        let encrypting = [
            "failed to encrypt", "failed to rotate DEK", "encryptedDEKSource with keyID", "EDEK with keyID",
        ]
        let decrypting = [
            "unable to transform key", "failed to decrypt", "no matching prefix found",
            "identity transformer tried to read encrypted data", "message authentication failed",
            "no matching key was found",
            "invalid PKCS7 data",
        ]
        if encrypting.contains(where: message.contains) { return .encryptFailed(detail: message) }
        if decrypting.contains(where: message.contains) {
            return .undecryptable(key: quoted(after: "unable to transform key \"", in: message), detail: message)
        }
        if let retryAfter = status.retryAfter { return .busy(retryAfter: retryAfter, detail: message) }
        return .other(status: 500, reason: status.reason, detail: message)
    }

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
        case .credential(let text): self = .unauthorized(detail: KubeStatus.cut(text))
        case .answer(let text), .unsound(let text): self = .malformed(detail: text)
        }
    }
}
