import HTTP
package import JSON

/// A kind of object that this project reads or writes as a whole. Secrets are not among them, on purpose: see
/// `SecretRequests`.
package struct KubeResource: Sendable, Hashable {
    let group: String
    let version: String
    let plural: String
    let isNamespaced: Bool

    private init(_ group: String, _ version: String, _ plural: String, namespaced: Bool) {
        self.group = group
        self.version = version
        self.plural = plural
        isNamespaced = namespaced
    }

    package static let configMaps = KubeResource("", "v1", "configmaps", namespaced: true)
    package static let leases = KubeResource("coordination.k8s.io", "v1", "leases", namespaced: true)
    package static let namespaces = KubeResource("", "v1", "namespaces", namespaced: false)
    package static let storageVersionMigrations = KubeResource(
        "storagemigration.k8s.io", "v1", "storageversionmigrations", namespaced: false)

    /// The path of the collection, or of one object.
    func path(_ namespace: String?, _ name: String? = nil) -> [String] {
        var path = group.isEmpty ? ["api", version] : ["apis", group, version]
        if isNamespaced, let namespace { path += ["namespaces", namespace] }
        path.append(plural)
        if let name { path.append(name) }
        return path
    }
}

/// An object of the API server, with every member that we do not know.
package struct KubeObject: Sendable, Hashable {
    package var json: JSONValue

    package init(_ json: JSONValue) { self.json = json }

    package var name: String { json[path: "metadata", "name"]?.string ?? "" }
    package var uid: String? { json[path: "metadata", "uid"]?.string }
    /// Opaque for all objects but Secrets: sent back as a precondition, never compared.
    package var resourceVersion: String? { json[path: "metadata", "resourceVersion"]?.string }
    /// The data of a ConfigMap.
    package var configMapData: [String: String] { (json["data"]?.object ?? [:]).compactMapValues(\.string) }
}

extension KubeClient {
    /// One object; nil when the API server says that there is none.
    package func get(
        _ resource: KubeResource, _ name: String, namespace: String? = nil
    ) async throws(KubeError) -> KubeObject? {
        do {
            return KubeObject(try await json(KubeRequest(.get, resource.path(namespace, name))))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// All objects of a kind, at most about ten thousand.
    package func list(
        _ resource: KubeResource, namespace: String? = nil, labelSelector: String? = nil
    ) async throws(KubeError) -> [KubeObject] {
        var items: [KubeObject] = []
        var token: String?
        for _ in 0..<20 {
            var request = KubeRequest(.get, resource.path(namespace), query: ["limit": "500"])
            if let labelSelector { request.query.append(.init(name: "labelSelector", value: labelSelector)) }
            if let token { request.query.append(.init(name: "continue", value: token)) }
            request.maximumBodyBytes = 32 << 20
            let page = try await json(request)
            guard let found = page["items"]?.array else { throw KubeError(request, .answer("it is no list")) }
            items += found.map(KubeObject.init)
            token = page[path: "metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            if token == nil { return items }
        }
        throw KubeError(KubeRequest(.get, resource.path(namespace)), .answer("the list is too long"))
    }

    /// Creates an object. An existing one is an error with `isAlreadyExists`; nothing is overwritten.
    package func create(
        _ resource: KubeResource, _ object: KubeObject, namespace: String? = nil
    ) async throws(KubeError) -> KubeObject {
        try await write(.post, resource.path(namespace), object.json, MediaType.json)
    }

    /// Replaces an object at the resourceVersion that it carries; another writer in between is an error with
    /// `isConflict`.
    package func replace(
        _ resource: KubeResource, _ object: KubeObject, namespace: String? = nil
    ) async throws(KubeError) -> KubeObject {
        let path = resource.path(namespace, object.name)
        guard let version = object.resourceVersion, !version.isEmpty, !object.name.isEmpty else {
            throw KubeError(KubeRequest(.put, path), .unsound("it has no name or no resourceVersion"))
        }
        return try await write(.put, path, object.json, MediaType.json)
    }

    /// Merges members into an object (RFC 7386).
    /// - Parameter resourceVersion: refuses with `isConflict` when the object has moved; nil for whatever it is.
    package func mergePatch(
        _ resource: KubeResource, _ name: String, namespace: String? = nil, _ patch: JSONValue,
        resourceVersion: String? = nil
    ) async throws(KubeError) -> KubeObject {
        var patch = patch
        if let resourceVersion {
            var metadata = patch["metadata"] ?? .object([:])
            metadata["resourceVersion"] = .string(resourceVersion)
            patch["metadata"] = metadata
        }
        return try await write(.patch, resource.path(namespace, name), patch, MediaType.mergePatch)
    }

    /// Deletes an object if it is still the one that was seen; false when there is none any more.
    package func delete(
        _ resource: KubeResource, _ name: String, namespace: String? = nil, uid: String?, resourceVersion: String? = nil
    ) async throws(KubeError) -> Bool {
        var preconditions: [String: JSONValue] = [:]
        if let uid { preconditions["uid"] = .string(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
        guard !preconditions.isEmpty else {
            throw KubeError(KubeRequest(.delete, resource.path(namespace, name)), .unsound("it has no precondition"))
        }
        let options: JSONValue = .object([
            "apiVersion": .string("v1"), "kind": .string("DeleteOptions"), "preconditions": .object(preconditions),
        ])
        do {
            _ = try await write(.delete, resource.path(namespace, name), options, MediaType.json)
            return true
        } catch {
            if error.isNotFound { return false }
            throw error
        }
    }

    private func write(
        _ method: HTTPMethod, _ path: [String], _ body: JSONValue, _ contentType: String
    ) async throws(KubeError) -> KubeObject {
        var request = KubeRequest(method, path)
        if method != .delete { request.query = [.init(name: "fieldManager", value: SecretRequests.fieldManager)] }
        request.contentType = contentType
        request.body = body.bytes()
        return KubeObject(try await json(request))
    }
}
