package import JSON

/// The members that a cluster showed before a change of its KMS and no longer shows after it, by path, in order.
///
/// Values may change. Empty values say nothing, so they may go; what Azure alone writes may go, and so may the
/// members of the KMS profile, which is what the change is about. Items of lists are told by their names, else by their
/// values if these are texts or numbers (Azure does not keep the order of `availabilityZones`), else by their places.
package func membersGone(before: JSONValue, after: JSONValue) -> [String] {
    var gone: [String] = []
    var shown = before.withoutReadOnlyMembers
    // An identity is told by what is read-only of it.
    shown["identity"] = before["identity"]
    collect(shown, after, path: "", into: &gone)
    return gone.sorted()
}

private let changed: Set<String> = ["properties.securityProfile.azureKeyVaultKms"]

private func collect(_ before: JSONValue, _ after: JSONValue?, path: String, into gone: inout [String]) {
    if changed.contains(path) || !before.saysSomething { return }
    guard let after, after != .null else {
        gone.append(path)
        return
    }
    switch (before, after) {
    case (.object(let members), .object(let kept)):
        for (name, value) in members {
            // Azure is not true to the case of its names: `omsagent`, `omsAgent`.
            let same = kept[name] ?? kept.first { $0.key.lowercased() == name.lowercased() }?.value
            collect(value, same, path: path.isEmpty ? name : "\(path).\(name)", into: &gone)
        }
    case (.array(let items), .array(let kept)):
        for (index, item) in items.enumerated() {
            let (same, name) = counterpart(of: item, at: index, in: kept)
            collect(item, same, path: "\(path)[\(name)]", into: &gone)
        }
    // A value that became another, of whatever type, is still there.
    default: break
    }
}

/// The item that is the same as one of another list, and how that is named.
private func counterpart(of item: JSONValue, at index: Int, in others: [JSONValue]) -> (JSONValue?, name: String) {
    if item.object == nil, item.array == nil {
        // A list of values may be put in another order, and a value may be put in place of another.
        return (others.contains(item) ? item : index < others.count ? others[index] : nil, "\(index)")
    }
    let inPlace = index < others.count ? others[index] : nil
    // The one in the same place first: a name may be there twice.
    let candidates = (inPlace.map { [$0] } ?? []) + others
    if let name = item["name"]?.string { return (candidates.first { $0["name"]?.string == name }, name) }
    if let id = item["id"]?.string {
        return (candidates.first { $0["id"]?.string?.lowercased() == id.lowercased() }, "\(index)")
    }
    return (inPlace, "\(index)")
}

extension JSONValue {
    /// Whether a value is more than nothing: null, an empty text, or a list or an object in which nothing is.
    fileprivate var saysSomething: Bool {
        switch self {
        case .null: false
        case .string(let value): !value.isEmpty
        case .bool, .integer, .double: true
        case .array(let items): items.contains(where: \.saysSomething)
        case .object(let members): members.values.contains(where: \.saysSomething)
        }
    }
}
