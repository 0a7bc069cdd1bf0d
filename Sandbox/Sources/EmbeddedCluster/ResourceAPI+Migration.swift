extension ResourceAPI {
    static let applyMediaType = "application/apply-patch+yaml"

    /// The empty server-side apply, as far as the storage version migrator sends it: JSON, without any field of its
    /// own, so that no manager is recorded and the object stays as it is. What is not there, or has another UID, is a
    /// conflict (k8s.io/apiserver pkg/registry/generic/registry/store.go, `Update`).
    func emptyApply() async throws -> JSON {
        guard let object = try? JSON(parsing: request.body), object["apiVersion"]?.string == kind.apiVersion,
            object["kind"]?.string == kind.kind
        else { throw APIStatus.badRequest("the apply's apiVersion and kind must be those of the path") }
        let metadata = object["metadata"]?.object ?? [:]
        guard Set(object.object?.keys.map(\.self) ?? []).subtracting(["apiVersion", "kind", "metadata"]).isEmpty,
            Set(metadata.keys).subtracting(["uid", "resourceVersion"]).isEmpty
        else { throw APIStatus.badRequest("only an apply without fields is served here") }
        let (name, uid) = (target.name ?? "", metadata["uid"]?.string ?? "")
        guard objects.exists(kind, namespace: target.namespace, name: name) else {
            throw APIStatus.conflict(
                kind, name,
                "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
        }
        return try await update { current in
            let wanted = current.merging(["metadata": ["resourceVersion": metadata["resourceVersion"] ?? .null]])
            guard wanted[path: "metadata", "resourceVersion"] == current[path: "metadata", "resourceVersion"] else {
                throw APIStatus.modified(kind, name)
            }
            let found = current[path: "metadata", "uid"]?.string ?? ""
            guard uid.isEmpty || uid == found else {
                throw APIStatus.conflict(
                    kind, name,
                    "uid mismatch: the provided object specified uid \(uid), and the found object has uid \(found)")
            }
            return wanted
        }
    }

    /// A watch that ends with its first events, as a server may end one at any time; clients then watch again.
    func watch() async throws -> APIResponse {
        guard kind == .storageVersionMigrations else {
            throw APIStatus.methodNotAllowed("watch is not supported on resources of kind \"\(kind.qualified)\"")
        }
        let fields = try Selector(request.query["fieldSelector"])
        let since = request.query["resourceVersion"].flatMap(Int.init) ?? 0
        let seconds = min(request.query["timeoutSeconds"].flatMap(Double.init) ?? 60, 60)
        let end = clock.now() + seconds
        let presenter = try presenter()
        while true {
            let events = objects.storage.changes(kind, since: since).filter { change in
                fields.matches { change.object[path: "metadata", String($0.dropFirst("metadata.".count))]?.string }
            }
            guard events.isEmpty, clock.now() < end else {
                let lines = try events.map { change -> [UInt8] in
                    let event: JSON = ["type": .string(change.type), "object": try presenter.one(change.object)]
                    return event.encoded() + Array("\n".utf8)
                }
                return APIResponse(status: 200, body: lines.flatMap(\.self))
            }
            try await clock.sleep(seconds: 0.02)
        }
    }
}
