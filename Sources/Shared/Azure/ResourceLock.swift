/// A lock on a resource or on something above it.
package struct ResourceLock: Sendable, Hashable {
    /// The lock's own id.
    package let id: String
    /// `ReadOnly` or `CanNotDelete`.
    package let level: String

    package init(id: String, level: String) {
        self.id = id
        self.level = level
    }

    /// What it is set on: the id up to the lock itself.
    package var scope: String {
        let marker = "/providers/microsoft.authorization/locks/"
        guard let range = id.lowercased().firstRange(of: marker) else { return "" }
        return String(id.lowercased()[..<range.lowerBound])
    }

    /// Whether it holds for the resource of an id: it is set on it or above it.
    package func holds(for resource: String) -> Bool { isAtOrAbove(scope, resource) }
}

/// Whether what is given or set at a scope counts for the resource of an id. An empty scope counts for all.
package func isAtOrAbove(_ scope: String, _ resource: String) -> Bool {
    var scope = scope.lowercased()
    while scope.hasSuffix("/") { scope.removeLast() }
    let id = resource.lowercased()
    return scope.isEmpty || id == scope || id.hasPrefix(scope + "/")
        || scope.hasPrefix("/providers/microsoft.management/managementgroups/")
}
