package import Azure
package import JSON
import Text

/// A role given to a principal at a scope.
package struct RoleAssignment: Sendable, Hashable {
    /// Where it was given.
    package let scope: String
    /// The GUID of the role definition.
    package let roleID: String
    /// A condition makes it unsure what the role allows.
    package let hasCondition: Bool

    /// Nil for a document that names no scope or role.
    package init?(_ document: JSONValue) {
        guard let scope = document[path: "properties", "scope"]?.string,
            let role = document[path: "properties", "roleDefinitionId"]?.string?.split(separator: "/").last,
            isGUID(String(role))
        else { return nil }
        self.scope = scope
        roleID = role.lowercased()
        hasCondition = document[path: "properties", "condition"]?.string?.isEmpty == false
    }

    /// Whether it counts for a resource: it was given at it or above it.
    package func holds(for resource: AzureResourceID) -> Bool { isAtOrAbove(scope, resource.description) }
}

/// Reads locks, roles and permissions.
package struct Authorization: Sendable {
    /// The client.
    package let arm: ARMClient

    package init(arm: ARMClient) { self.arm = arm }

    private static let provider = "/providers/Microsoft.Authorization"

    /// The locks that hold for a resource.
    package func locks(on resource: AzureResourceID) async throws(ARMError) -> [ResourceLock] {
        let items = try await arm.list(
            resource.urlPath + Self.provider + "/locks", apiVersion: APIVersions.locks)
        return items.map {
            ResourceLock(id: $0["id"]?.string ?? "", level: $0[path: "properties", "level"]?.string ?? "")
        }.filter { $0.holds(for: resource.description) }
    }

    /// What the caller may do at a resource.
    package func ownPermissions(at resource: AzureResourceID) async throws(ARMError) -> [Permission] {
        try await arm.list(
            resource.urlPath + Self.provider + "/permissions", apiVersion: APIVersions.permissions
        ).map { Permission($0) }
    }
}
