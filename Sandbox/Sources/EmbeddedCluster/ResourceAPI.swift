import Foundation

/// Serves the stored kinds for one request on one replica.
struct ResourceAPI: Sendable {
    let request: APIRequest
    let target: RequestTarget
    let kind: ResourceKind
    let objects: ObjectAccess
    let admission: Admission
    let clock: any ClusterClock
    /// Continue tokens live that long, in seconds.
    let continueLifetime: Double
    /// Whether server-side apply is taken, as far as the storage version migrator needs it.
    var takesApply = false

    private var isDryRun: Bool { request.query["dryRun"] == "All" }

    func serve() async throws -> APIResponse {
        if let dryRun = request.query["dryRun"], dryRun != "All" {
            throw APIStatus.badRequest("invalid dryRun value: \(dryRun)")
        }
        switch target.verb {
        case "get":
            return APIResponse(try await presenter().one(objects.get(kind, namespace: target.namespace, name: name())))
        case "list": return APIResponse(try await list())
        case "create": return APIResponse(try await presenter().one(create()), status: 201)
        case "update": return APIResponse(try await presenter().one(replace()))
        case "patch": return APIResponse(try await presenter().one(patch()))
        case "delete": return APIResponse(try await delete())
        case "watch": return try await watch()
        default:
            throw APIStatus.methodNotAllowed("the server does not allow this method on the requested resource")
        }
    }

    func presenter() throws -> Presenter {
        Presenter(
            kind: kind, negotiation: try Negotiation(accept: request.headers["accept"]),
            include: try IncludeObject(query: request.query["includeObject"]), now: clock.now())
    }

    private func name() throws -> String {
        guard let name = target.name else {
            throw APIStatus.methodNotAllowed("the server does not allow this method on the requested resource")
        }
        if kind.isNamespaced, target.namespace == nil { throw APIStatus.noSuchPath }
        return name
    }

    private func list() async throws -> JSON {
        let presenter = try presenter()
        let labels = try Selector(request.query["labelSelector"])
        let fields = try Selector(request.query["fieldSelector"])
        let limit = try limit()
        let listing = try await objects.list(
            kind, namespace: target.namespace, limit: limit, token: try continueToken()
        ) { object in
            labels.matches { object[path: "metadata", "labels"]?[$0]?.string }
                && fields.matches { path in
                    path.split(separator: ".").reduce(Optional(object)) { $0?[String($1)] }?.string
                }
        }
        return try presenter.many(listing, hasSelector: !labels.isEmpty || !fields.isEmpty)
    }

    private func limit() throws -> Int? {
        guard let text = request.query["limit"], !text.isEmpty else { return nil }
        guard let limit = Int(text), limit >= 0 else { throw APIStatus.badRequest("invalid limit: \(text)") }
        return limit == 0 ? nil : limit
    }

    private func continueToken() throws -> ContinueToken? {
        guard target.hasContinue, let text = request.query["continue"] else { return nil }
        if let version = request.query["resourceVersion"], !version.isEmpty, version != "0" {
            throw APIStatus.badRequest("specifying resource version is not allowed when using continue")
        }
        let token = try ContinueToken(text: text)
        if token.revision >= 0, clock.now() - token.issued > continueLifetime {
            throw Self.expired(token, continuing: true, now: clock.now())
        }
        return token
    }

    static func expired(_ token: ContinueToken?, continuing: Bool, now: Double) -> APIStatus {
        guard continuing, let token else { return .expired(continuing: nil) }
        return .expired(continuing: ContinueToken(revision: -1, start: token.start, issued: now).text)
    }

    /// The request's body as an object of this kind.
    private func body() throws -> JSON {
        let object = try request.object(of: kind.kind)
        guard object.object != nil else {
            throw APIStatus.badRequest("the object provided is unrecognized (must be of type \(kind.kind))")
        }
        if let given = object["kind"]?.string, given != kind.kind {
            throw APIStatus.badRequest(
                "\(given) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): converting (v1.\(given)) to "
                    + "(core.\(kind.kind)): unknown conversion")
        }
        return object
    }

    private func create() async throws -> JSON {
        guard target.name == nil, !kind.isNamespaced || target.namespace != nil else {
            throw APIStatus.methodNotAllowed("the server does not allow this method on the requested resource")
        }
        var object = try Validation.normalize(kind, try body())
        var metadata = object["metadata"]?.object ?? [:]
        var name = metadata["name"]?.string ?? ""
        if name.isEmpty, let prefix = metadata["generateName"]?.string {
            name = prefix + String(UUID().uuidString.lowercased().prefix(5))
        }
        guard Validation.isName(name) else {
            throw APIStatus.invalid(
                kind, name, field: "metadata.name", reason: name.isEmpty ? "FieldValueRequired" : "FieldValueInvalid",
                message: name.isEmpty
                    ? "Required value: name or generateName is required"
                    : "Invalid value: \"\(name)\": a lowercase RFC 1123 subdomain must consist of lower case "
                        + "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character")
        }
        if let namespace = target.namespace {
            if let given = metadata["namespace"]?.string, given != namespace {
                throw APIStatus.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request")
            }
            guard objects.exists(.namespaces, namespace: nil, name: namespace) else {
                throw APIStatus.notFound(.namespaces, namespace)
            }
        }
        guard metadata["resourceVersion"]?.string?.isEmpty ?? true else {
            throw APIStatus.badRequest("resourceVersion should not be set on objects to be created")
        }
        metadata["name"] = .string(name)
        metadata["namespace"] = target.namespace.map { .string($0) }
        metadata["resourceVersion"] = nil
        metadata["uid"] = .string(UUID().uuidString.lowercased())
        metadata["creationTimestamp"] = .string(timestamp(clock.now()))
        object["metadata"] = .object(metadata)
        try admission.check(kind, namespace: target.namespace, operation: "CREATE", isDryRun: isDryRun)
        return try objects.create(kind, namespace: target.namespace, name: name, object: object, dryRun: isDryRun)
    }

    private func replace() async throws -> JSON {
        let (new, name) = (try body(), try name())
        return try await update { _ in
            guard new[path: "metadata", "name"]?.string == name else {
                throw APIStatus.badRequest(
                    "the name of the object (\(new[path: "metadata", "name"]?.string ?? "")) does not match the name on "
                        + "the URL (\(name))")
            }
            return new
        }
    }

    private func patch() async throws -> JSON {
        let contentType = request.headers["content-type"]?.split(separator: ";").first.map(String.init) ?? ""
        if takesApply, contentType == Self.applyMediaType { return try await emptyApply() }
        guard let type = PatchType(rawValue: contentType) else {
            throw APIStatus.unsupportedMediaType(PatchType.allCases.map(\.rawValue))
        }
        let patch: JSON
        do {
            patch = try JSON(parsing: request.body)
        } catch {
            throw APIStatus.badRequest("error decoding patch: \(error)")
        }
        guard type == .json || patch.object != nil else { throw APIStatus.badRequest("a merge patch is an object") }
        return try await update { current in
            switch type {
            case .json: return try current.applying(operations: patch)
            case .merge: return current.merging(patch)
            case .strategic: return current.mergingStrategically(patch)
            }
        }
    }

    func update(_ change: (JSON) throws -> JSON) async throws -> JSON {
        let name = try name()
        return try await objects.update(kind, namespace: target.namespace, name: name, dryRun: isDryRun) { current in
            let wanted = try admission.mutated(
                change(current), kind, namespace: target.namespace, operation: "UPDATE")
            let updated = try Validation.update(kind, name: name, from: current, to: wanted)
            try admission.check(kind, namespace: target.namespace, operation: "UPDATE", isDryRun: isDryRun)
            return updated
        }
    }

    private func delete() async throws -> JSON {
        let name = try name()
        let options = request.body.isEmpty ? [:] : try body(ofDelete: request.body)
        let isTrial = isDryRun || options["dryRun"]?.array?.contains("All") == true
        let object = try await objects.delete(kind, namespace: target.namespace, name: name, dryRun: isTrial) {
            object in
            for (condition, member) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
                let actual = object["metadata"]?[condition]?.string ?? ""
                guard let wanted = options["preconditions"]?[condition]?.string, wanted != actual else { continue }
                throw APIStatus.conflict(
                    kind, name,
                    "Precondition failed: \(member) in precondition: \(wanted), \(member) in object meta: \(actual)")
            }
            try admission.check(kind, namespace: target.namespace, operation: "DELETE", isDryRun: isTrial)
        }
        if kind == .namespaces, !isTrial { await deleteContents(ofNamespace: name) }
        var details = APIStatus.details(kind, name)
        details["uid"] = object[path: "metadata", "uid"]
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": .object(details),
        ]
    }

    private func body(ofDelete bytes: [UInt8]) throws -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw APIStatus.badRequest("DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: \(error)")
        }
    }

    private func deleteContents(ofNamespace namespace: String) async {
        for kind in ResourceKind.all where kind.isNamespaced {
            let page = objects.storage.page(kind, namespace: namespace, from: nil, limit: nil, createdBy: nil)
            for (key, value) in page.items { _ = objects.storage.delete(kind, key, at: value.modified) }
        }
    }
}
