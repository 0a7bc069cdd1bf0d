/// A stored object that cannot be read, as it is named since Kubernetes 1.37 (KEP-3926; k8s.io/apiserver
/// pkg/storage/errors.go and etcd3/corrupt_obj_deleter.go).
struct CorruptObject: Sendable {
    let key: String
    let message: String

    init(key: String, cause: String) {
        self.key = key
        message =
            "StorageError: corrupt object, Code: 7, Key: \(key), ResourceVersion: 0, AdditionalErrorMsg: "
            + "data from the storage is not transformable revision=0: \(cause)"
    }

    /// - Parameter status: the error that a single read of it would answer.
    init(key: String, status: any Error) {
        self.key = key
        let prefix = "Internal error occurred: "
        let text = (status as? APIStatus)?.message ?? "\(status)"
        message = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}

extension APIStatus {
    /// What a list answers whose page has objects that cannot be read: it names 100 of them at most.
    static func unreadable(_ kind: ResourceKind, _ objects: [CorruptObject]) -> APIStatus {
        let most = 100
        var causes: [JSON] = objects.prefix(most).map {
            ["reason": "UnexpectedServerResponse", "message": .string($0.message), "field": .string($0.key)]
        }
        if objects.count > most {
            causes.append(["reason": "FieldValueTooMany", "message": "too many errors, the list is truncated"])
        }
        return APIStatus(
            code: 500, reason: "StorageReadError",
            message: "failed to read one or more \(kind.qualified) from the storage",
            details: [
                "kind": .string(kind.plural), "name": .string(kind.storagePrefix), "causes": .array(causes),
            ])
    }
}
