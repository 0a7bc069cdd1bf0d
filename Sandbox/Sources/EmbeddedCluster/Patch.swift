import Foundation

/// The kinds of patch that the API takes.
enum PatchType: String, CaseIterable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
}

extension JSON {
    /// RFC 7386.
    func merging(_ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (name, change) in changes {
            if change == .null {
                members[name] = nil
            } else {
                members[name] = (members[name] ?? .null).merging(change)
            }
        }
        return .object(members)
    }

    /// A strategic merge as far as the kinds here need it: their lists are replaced, and directives are `$patch` and
    /// lists of order.
    func mergingStrategically(_ patch: JSON) -> JSON {
        guard case .object(var changes) = patch else { return patch }
        let directive = changes.removeValue(forKey: "$patch")?.string
        if directive == "replace" { return .object(changes) }
        if directive == "delete" { return [:] }
        var members = object ?? [:]
        for (name, change) in changes where !name.hasPrefix("$") {
            if change == .null {
                members[name] = nil
            } else {
                members[name] = (members[name] ?? .null).mergingStrategically(change)
            }
        }
        return .object(members)
    }

    /// RFC 6902 for objects: `add`, `replace`, `remove`, `test` at paths of members.
    func applying(operations: JSON) throws -> JSON {
        guard let operations = operations.array else { throw APIStatus.badRequest("a JSON patch is an array") }
        return try operations.reduce(self) { try $0.applying(operation: $1) }
    }

    private func applying(operation: JSON) throws -> JSON {
        guard let name = operation["op"]?.string, let pointer = operation["path"]?.string, pointer.hasPrefix("/") else {
            throw APIStatus.badRequest("a JSON patch operation needs op and path")
        }
        let path = pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        }
        let present = path.reduce(Optional(self)) { $0?[$1] }
        let failed = APIStatus(
            code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request")
        switch name {
        case "test":
            guard present == operation["value"] else { throw failed }
            return self
        case "add", "replace":
            guard let value = operation["value"], name == "add" || present != nil else { throw failed }
            return setting(path[...], to: value)
        case "remove":
            guard present != nil else { throw failed }
            return setting(path[...], to: nil)
        default: throw APIStatus.badRequest("unexpected kind: \(name)")
        }
    }

    private func setting(_ path: ArraySlice<String>, to value: JSON?) -> JSON {
        guard let first = path.first else { return value ?? .null }
        var changed = self
        changed[first] = path.count == 1 ? value : (self[first] ?? [:]).setting(path.dropFirst(), to: value)
        return changed
    }
}
