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

    package init(_ document: JSONValue) {
        func texts(_ member: String) -> [String] { (document[member]?.array ?? []).compactMap(\.string) }
        actions = texts("actions")
        notActions = texts("notActions")
        dataActions = texts("dataActions")
        notDataActions = texts("notDataActions")
    }
}
