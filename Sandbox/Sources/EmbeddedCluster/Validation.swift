import Foundation

/// What an object must be before it is stored (pkg/registry/core/secret, pkg/apis/core/validation).
enum Validation {
    static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 253, let first = name.utf8.first, let last = name.utf8.last else {
            return false
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// Fills what the server fills, and moves `stringData` into `data`.
    static func normalize(_ kind: ResourceKind, _ object: JSON) throws -> JSON {
        var object = object
        object["kind"] = .string(kind.kind)
        object["apiVersion"] = .string(kind.apiVersion)
        if kind == .secrets {
            if let plain = object["stringData"]?.object {
                var data = object["data"]?.object ?? [:]
                for (name, value) in plain {
                    data[name] = .string(Data((value.string ?? "").utf8).base64EncodedString())
                }
                object["data"] = .object(data)
            }
            object["stringData"] = nil
            if object["data"] == .null { object["data"] = nil }
            if object["type"]?.string?.isEmpty ?? true { object["type"] = "Opaque" }
            for (name, value) in object["data"]?.object ?? [:] {
                guard let text = value.string, Data(base64Encoded: text) != nil else {
                    throw APIStatus.badRequest(
                        "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at \(name)")
                }
            }
        }
        if kind == .storageVersionMigrations { object = try normalizeMigration(object) }
        if kind == .namespaces {
            object["spec"] = object["spec"] ?? ["finalizers": ["kubernetes"]]
            object["status"] = object["status"] ?? ["phase": "Active"]
        }
        return object
    }

    /// What an update may not change, and what it keeps whatever is sent.
    static func update(_ kind: ResourceKind, name: String, from old: JSON, to new: JSON) throws -> JSON {
        var updated = try normalize(kind, new)
        let oldVersion = old[path: "metadata", "resourceVersion"]?.string
        if let version = updated[path: "metadata", "resourceVersion"]?.string, !version.isEmpty, version != oldVersion {
            throw APIStatus.modified(kind, name)
        }
        if let newName = updated[path: "metadata", "name"]?.string, newName != name {
            throw APIStatus.badRequest(
                "the name of the object (\(newName)) does not match the name on the URL (\(name))")
        }
        let oldUID = old[path: "metadata", "uid"]?.string ?? ""
        if let uid = updated[path: "metadata", "uid"]?.string, !uid.isEmpty, uid != oldUID {
            throw immutable(kind, name, "metadata.uid", value: uid)
        }
        if updated["metadata"]?.object == nil { updated["metadata"] = [:] }
        for member in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "selfLink"] {
            updated["metadata"]?[member] = old["metadata"]?[member]
        }
        for member in ["annotations", "labels"] where updated["metadata"]?[member]?.object?.isEmpty ?? true {
            updated["metadata"]?[member] = nil
        }
        if kind == .storageVersionMigrations { return try updateMigration(name, from: old, to: updated) }
        guard kind == .secrets else { return updated }
        if let type = updated["type"]?.string, type != old["type"]?.string {
            throw immutable(kind, name, "type", value: type)
        }
        if old["immutable"] == true {
            guard updated["immutable"] == true, updated["data"] == old["data"] else {
                throw APIStatus.invalid(
                    kind, name, field: "data", reason: "FieldValueForbidden",
                    message: "Forbidden: field is immutable when `immutable` is set")
            }
        }
        return updated
    }

    private static func immutable(_ kind: ResourceKind, _ name: String, _ field: String, value: String) -> APIStatus {
        .invalid(
            kind, name, field: field, reason: "FieldValueInvalid",
            message: "Invalid value: \"\(value)\": field is immutable")
    }
}

/// A label or field selector: what must hold of the values at its keys.
struct Selector {
    private enum Condition {
        case equals(String, String)
        case differs(String, String)
        case isPresent(String)
        case isAbsent(String)
    }
    private let conditions: [Condition]

    var isEmpty: Bool { conditions.isEmpty }

    init(_ text: String?) throws {
        conditions = try (text ?? "").split(separator: ",").map { part in
            let part = part.trimmingCharacters(in: .whitespaces)
            guard !part.contains("(") else { throw APIStatus.badRequest("set selectors are not served here: \(part)") }
            for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
                guard let range = part.range(of: sign) else { continue }
                let (key, value) = (String(part[..<range.lowerBound]), String(part[range.upperBound...]))
                return isEqual ? .equals(key, value) : .differs(key, value)
            }
            return part.hasPrefix("!") ? .isAbsent(String(part.dropFirst())) : .isPresent(part)
        }
    }

    func matches(_ value: (String) -> String?) -> Bool {
        conditions.allSatisfy { condition in
            switch condition {
            case .equals(let key, let wanted): value(key) == wanted
            case .differs(let key, let unwanted): value(key) != unwanted
            case .isPresent(let key): value(key) != nil
            case .isAbsent(let key): value(key) == nil
            }
        }
    }
}
