package import JSON

/// A member that one API version shows of a resource and another hides.
package struct HiddenMember: Sendable, Hashable, CustomStringConvertible {
    /// Such as `properties.securityProfile.imageCleaner`; items of lists by their names.
    package let path: String
    /// False for the values that stand for "not set": false, "", an empty list or object.
    package let isSet: Bool

    package var description: String { isSet ? path : "\(path) (not set)" }
}

/// The members of `fuller` that `partial` does not have, by path, in order.
///
/// A PUT with the API version of `partial` may reset them. Values are compared nowhere: the two documents are read one
/// after the other, so they may differ.
package func membersHidden(in partial: JSONValue, butShownIn fuller: JSONValue) -> [HiddenMember] {
    var found: [HiddenMember] = []
    collect(partial, fuller, path: "", into: &found)
    return found.sorted { $0.path < $1.path }
}

private func collect(_ partial: JSONValue, _ fuller: JSONValue, path: String, into found: inout [HiddenMember]) {
    switch (partial, fuller) {
    case (.object(let known), .object(let members)):
        for (name, value) in members {
            let place = path.isEmpty ? name : "\(path).\(name)"
            if let same = known[name], same != .null {
                collect(same, value, path: place, into: &found)
            } else if value != .null {
                found.append(HiddenMember(path: place, isSet: value.isSet))
            }
        }
    case (.array(let known), .array(let items)):
        for (index, item) in items.enumerated() {
            let name = item["name"]?.string
            let same = name.flatMap { name in known.first { $0["name"]?.string == name } }
            guard let same = same ?? (name == nil && index < known.count ? known[index] : nil) else { continue }
            collect(same, item, path: "\(path)[\(name ?? String(index))]", into: &found)
        }
    default: break
    }
}

extension JSONValue {
    /// Whether a value stands for more than "not set".
    fileprivate var isSet: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .string(let value): !value.isEmpty
        case .integer, .double: true
        case .array(let items): !items.isEmpty
        case .object(let members): members.values.contains { $0.isSet }
        }
    }
}
