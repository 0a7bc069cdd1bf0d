/// An ARM resource id in parts. Its names compare without regard to case, as ARM's do.
public struct ResourceID: Sendable, Hashable, CustomStringConvertible {
    public var subscription: String
    public var group: String
    /// Such as `Microsoft.KeyVault/vaults`.
    public var type: String
    public var name: String

    public init(subscription: String, group: String, type: String, name: String) {
        self.subscription = subscription
        self.group = group
        self.type = type
        self.name = name
    }

    /// Reads `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 8, parts[0].lowercased() == "subscriptions",
            parts[2].lowercased() == "resourcegroups", parts[4].lowercased() == "providers"
        else { return nil }
        self.init(subscription: parts[1], group: parts[3], type: parts[5] + "/" + parts[6], name: parts[7])
    }

    public var description: String {
        "/subscriptions/\(subscription)/resourceGroups/\(group)/providers/\(type)/\(name)"
    }

    /// AKS writes `resourcegroups` in lower case in the ids of its own answers.
    public var asAKSWritesIt: String {
        "/subscriptions/\(subscription)/resourcegroups/\(group)/providers/\(type)/\(name)"
    }

    public static func == (left: ResourceID, right: ResourceID) -> Bool {
        left.description.lowercased() == right.description.lowercased()
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(description.lowercased()) }
}
