package import JSON

/// What one role, or one entry of a list of permissions, allows: actions with `*` for any text, less the exceptions.
package struct Permission: Sendable, Hashable {
    /// Patterns of control-plane actions.
    package let actions: [String]
    /// Exceptions to `actions`.
    package let notActions: [String]
    /// Patterns of data-plane actions.
    package let dataActions: [String]
    /// Exceptions to `dataActions`.
    package let notDataActions: [String]

    package init(
        actions: [String] = [], notActions: [String] = [], dataActions: [String] = [], notDataActions: [String] = []
    ) {
        self.actions = actions
        self.notActions = notActions
        self.dataActions = dataActions
        self.notDataActions = notDataActions
    }

    package init(_ document: JSONValue) {
        func texts(_ member: String) -> [String] { (document[member]?.array ?? []).compactMap(\.string) }
        self.init(
            actions: texts("actions"), notActions: texts("notActions"), dataActions: texts("dataActions"),
            notDataActions: texts("notDataActions"))
    }

    /// Whether a control-plane action such as `Microsoft.KeyVault/vaults/write` is allowed.
    package func allows(_ action: String) -> Bool {
        actions.contains { actionPattern($0, matches: action) }
            && !notActions.contains { actionPattern($0, matches: action) }
    }

    /// Whether a data-plane action such as `Microsoft.KeyVault/vaults/keys/decrypt/action` is allowed.
    package func allowsData(_ action: String) -> Bool {
        dataActions.contains { actionPattern($0, matches: action) }
            && !notDataActions.contains { actionPattern($0, matches: action) }
    }
}

/// Several permissions add up: what one of them excludes, another may allow (Azure's rule for notActions).
extension Sequence<Permission> {
    /// Whether any of them allows a control-plane action.
    package func allow(_ action: String) -> Bool { contains { $0.allows(action) } }
    /// Whether any of them allows a data-plane action.
    package func allowData(_ action: String) -> Bool { contains { $0.allowsData(action) } }
}

/// Whether an action matches a pattern, without case; `*` stands for any text, also an empty one and one with slashes.
package func actionPattern(_ pattern: String, matches action: String) -> Bool {
    let pattern = Array(pattern.lowercased().utf8)
    let action = Array(action.lowercased().utf8)
    let star = UInt8(ascii: "*")
    var (p, a) = (0, 0)
    var retry: (pattern: Int, action: Int)?
    while a < action.count {
        if p < pattern.count, pattern[p] == star {
            retry = (p, a)
            p += 1
        } else if p < pattern.count, pattern[p] == action[a] {
            p += 1
            a += 1
        } else if let back = retry {
            retry = (back.pattern, back.action + 1)
            p = back.pattern + 1
            a = back.action + 1
        } else {
            return false
        }
    }
    return pattern[p...].allSatisfy { $0 == star }
}
