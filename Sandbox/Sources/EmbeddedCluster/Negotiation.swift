/// The form in which a client takes objects (k8s.io/apiserver pkg/endpoints/handlers/negotiation).
struct Negotiation: Equatable {
    enum Form: Equatable {
        case object
        case table
        case partialObject
        case partialObjectList
    }

    let form: Form
    /// The version of meta.k8s.io in which a transformed answer is written.
    let metaVersion: String

    /// The first clause of the Accept header that can be met; nothing acceptable is 406.
    init(accept: String?) throws {
        let clauses = (accept ?? "").split(separator: ",").map(String.init)
        guard !clauses.isEmpty else {
            (form, metaVersion) = (.object, "v1")
            return
        }
        for clause in clauses {
            if let met = Self.meet(clause) {
                (form, metaVersion) = met
                return
            }
        }
        throw APIStatus.notAcceptable
    }

    private static func meet(_ clause: String) -> (Form, String)? {
        let parts = clause.split(separator: ";").map { $0.filter { $0 != " " } }
        guard let type = parts.first, ["application/json", "application/*", "*/*"].contains(type) else { return nil }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { parameters[pair[0]] = pair[1] }
        }
        guard let kind = parameters["as"] else { return (.object, "v1") }
        guard let version = parameters["v"], parameters["g"] == "meta.k8s.io", ["v1", "v1beta1"].contains(version)
        else {
            return nil
        }
        switch kind {
        case "Table": return (.table, version)
        case "PartialObjectMetadata": return (.partialObject, version)
        case "PartialObjectMetadataList": return (.partialObjectList, version)
        default: return nil
        }
    }
}

/// What rows of a table carry beside their cells.
enum IncludeObject: String {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"

    init(query: String?) throws {
        guard let query, !query.isEmpty else {
            self = .metadata
            return
        }
        guard let known = IncludeObject(rawValue: query) else {
            throw APIStatus.badRequest("unrecognized includeObject value: \"\(query)\"")
        }
        self = known
    }
}

/// Writes objects and lists in the negotiated form (k8s.io/apiserver pkg/endpoints/handlers/response.go).
struct Presenter {
    let kind: ResourceKind
    let negotiation: Negotiation
    let include: IncludeObject
    let now: Double

    func one(_ object: JSON) throws -> JSON {
        switch negotiation.form {
        case .object: return object
        case .partialObject: return partial(object)
        case .partialObjectList: throw refusal("PartialObjectMetadataList", "not a list")
        case .table:
            return table([object], metadata: ["resourceVersion": object[path: "metadata", "resourceVersion"] ?? ""])
        }
    }

    func many(_ listing: ObjectAccess.Listing, hasSelector: Bool) throws -> JSON {
        var metadata: [String: JSON] = ["resourceVersion": .string(String(listing.revision))]
        if let next = listing.next {
            metadata["continue"] = .string(next.text)
            if !hasSelector { metadata["remainingItemCount"] = .number(String(listing.remaining)) }
        }
        switch negotiation.form {
        case .object:
            return [
                "kind": .string(kind.kind + "List"), "apiVersion": .string(kind.apiVersion),
                "metadata": .object(metadata), "items": .array(listing.items.map(bare)),
            ]
        case .partialObjectList:
            return [
                "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/" + negotiation.metaVersion),
                "metadata": .object(metadata), "items": .array(listing.items.map(partial)),
            ]
        case .partialObject: throw refusal("PartialObjectMetadata", "a list")
        case .table: return table(listing.items, metadata: metadata)
        }
    }

    private func refusal(_ wanted: String, _ what: String) -> APIStatus {
        APIStatus(
            code: 406, reason: "NotAcceptable",
            message: "you requested \(wanted), but the requested object is \(what)")
    }

    /// An item of a list does not repeat its kind.
    private func bare(_ object: JSON) -> JSON {
        var item = object
        item["kind"] = nil
        item["apiVersion"] = nil
        return item
    }

    private func partial(_ object: JSON) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/" + negotiation.metaVersion),
            "metadata": object["metadata"] ?? [:],
        ]
    }

    private func table(_ objects: [JSON], metadata: [String: JSON]) -> JSON {
        let columns = kind.columns
        let definitions = columns.map { column -> JSON in
            [
                "name": .string(column.name), "type": .string(column.type), "format": .string(column.format),
                "description": .string(column.description), "priority": 0,
            ]
        }
        let rows = objects.map { object -> JSON in
            let included: JSON =
                switch include {
                case .none: nil
                case .metadata: partial(object)
                case .object: object
                }
            return ["cells": .array(columns.map { $0.cell(object, now) }), "object": included]
        }
        return [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/" + negotiation.metaVersion),
            "metadata": .object(metadata), "columnDefinitions": .array(definitions), "rows": .array(rows),
        ]
    }
}
