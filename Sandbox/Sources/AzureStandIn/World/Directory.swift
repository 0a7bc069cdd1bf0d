import Foundation

/// Who can sign in: a service principal with a secret, or a user with a password.
public struct Principal: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case servicePrincipal = "ServicePrincipal"
        case user = "User"
        case group = "Group"
    }
    public var kind: Kind
    /// The application id of a service principal, the user name of a user.
    public var name: String
    public var objectID: String
    public var secret: String
    /// PEM of the certificate with which a service principal may sign instead, and of its public key.
    public var certificate: String?

    public init(kind: Kind, name: String, objectID: String, secret: String, certificate: String? = nil) {
        self.kind = kind
        self.name = name
        self.objectID = objectID
        self.secret = secret
        self.certificate = certificate
    }
}

/// A role, Azure's own or a custom one.
struct RoleDefinition: Sendable {
    var id: String
    var name: String
    var actions: [String]
    var notActions: [String] = []
    var dataActions: [String] = []
    var notDataActions: [String] = []
    /// What only a custom role has.
    var custom: CustomRole?

    /// Azure's own roles with their true ids, cut to the actions that the sandbox knows.
    static let builtIn: [RoleDefinition] = [
        RoleDefinition(
            id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", name: "Owner", actions: ["*"]),
        RoleDefinition(
            id: "b24988ac-6180-42a0-ab88-20f7382dd24c", name: "Contributor", actions: ["*"],
            notActions: ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"]),
        RoleDefinition(id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader", actions: ["*/read"]),
        RoleDefinition(
            id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", name: "User Access Administrator",
            actions: ["*/read", "Microsoft.Authorization/*"]),
        RoleDefinition(
            id: "f25e0fa2-a7c8-4377-a976-54943a77a395", name: "Key Vault Contributor",
            actions: ["Microsoft.Authorization/*/read", "Microsoft.KeyVault/*"],
            notActions: ["Microsoft.KeyVault/locations/deletedVaults/purge/action"]),
        RoleDefinition(
            id: "00482a5a-887f-4fb3-b363-3b7fe8e74483", name: "Key Vault Administrator",
            actions: ["Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read"],
            dataActions: ["Microsoft.KeyVault/vaults/*"]),
        RoleDefinition(
            id: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", name: "Key Vault Crypto Officer",
            actions: ["Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read"],
            dataActions: ["Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"]),
        RoleDefinition(
            id: "12338af0-0e69-4776-bea7-57ae8d297424", name: "Key Vault Crypto User", actions: [],
            dataActions: [
                "Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/update/action",
                "Microsoft.KeyVault/vaults/keys/backup/action", "Microsoft.KeyVault/vaults/keys/encrypt/action",
                "Microsoft.KeyVault/vaults/keys/decrypt/action", "Microsoft.KeyVault/vaults/keys/wrap/action",
                "Microsoft.KeyVault/vaults/keys/unwrap/action", "Microsoft.KeyVault/vaults/keys/sign/action",
                "Microsoft.KeyVault/vaults/keys/verify/action",
            ]),
        // As Azure's list of built-in roles has it; its description is "read metadata of key vaults".
        RoleDefinition(
            id: "21090545-7ca7-4776-b22c-e363652d74d2", name: "Key Vault Reader",
            actions: [
                "Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
                "Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
                "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
                "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read",
            ],
            dataActions: [
                "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            ]),
        RoleDefinition(
            id: "e147488a-f6f5-4113-8e2d-b22465e65bf6", name: "Key Vault Crypto Service Encryption User",
            actions: ["Microsoft.EventGrid/eventSubscriptions/*"],
            dataActions: [
                "Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/wrap/action",
                "Microsoft.KeyVault/vaults/keys/unwrap/action",
            ]),
        RoleDefinition(
            id: "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8", name: "Azure Kubernetes Service Contributor Role",
            actions: ["Microsoft.ContainerService/*"]),
    ]

    func allows(_ action: String) -> Bool {
        actions.contains { Self.matches($0, action) } && !notActions.contains { Self.matches($0, action) }
    }

    func allowsData(_ action: String) -> Bool {
        dataActions.contains { Self.matches($0, action) } && !notDataActions.contains { Self.matches($0, action) }
    }

    /// Whether an action fits a pattern with `*`, without regard to case.
    static func matches(_ pattern: String, _ action: String) -> Bool {
        let parts = pattern.lowercased().split(separator: "*", omittingEmptySubsequences: false)
        let text = action.lowercased()
        guard parts.count > 1 else { return text == pattern.lowercased() }
        guard text.hasPrefix(parts[0]) else { return false }
        var rest = text.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}

struct CustomRole: Sendable {
    var description: String
    /// Where it can be assigned.
    var scopes: [String]
    var created: String
    var updated: String
    var createdBy: String

    /// Whether it exists at a scope: the scopes above and below its own see it.
    func isSeen(at scope: String) -> Bool { covers(scope) || scopes.contains { isAtOrBelow(scope, $0) } }

    func covers(_ scope: String) -> Bool { scopes.contains { isAtOrBelow($0, scope) } }
}

private let managementGroups = "/providers/microsoft.management/managementgroups/"

/// Whether a scope is another or lies in it; everything lies in the root.
func isAtOrBelow(_ above: String, _ scope: String) -> Bool {
    let (above, scope) = (above.lowercased(), scope.lowercased())
    // The sandbox's management groups hold its subscriptions.
    let isManagementGroup = above.hasPrefix(managementGroups) && scope.hasPrefix("/subscriptions/")
    return above.isEmpty || above == "/" || isManagementGroup || scope == above || scope.hasPrefix(above + "/")
}

/// A role given to a principal at a scope and below.
struct RoleAssignment: Sendable {
    var name: String
    var principalID: String
    var principalKind: Principal.Kind
    var roleID: String
    var scope: String
    var created = "2026-01-05T10:00:00.0000000Z"
    var createdBy = ""

    func covers(_ wanted: String) -> Bool { isAtOrBelow(scope, wanted) }
}

/// A group of Entra; members may be groups, too.
struct DirectoryGroup: Sendable {
    var objectID: String
    var name: String
    var members: Set<String>
}

/// What a deny assignment forbids at a scope and below (Azure RBAC documentation, "Deny assignments").
struct DenyAssignment: Sendable {
    var name: String
    /// Empty for everybody, which Azure writes as the principal of zeros.
    var principals: Set<String>
    var actions: [String]
    var notActions: [String]
    var dataActions: [String]
    var scope: String

    func forbids(_ action: String) -> Bool {
        actions.contains { RoleDefinition.matches($0, action) }
            && !notActions.contains { RoleDefinition.matches($0, action) }
    }

    func forbidsData(_ action: String) -> Bool { dataActions.contains { RoleDefinition.matches($0, action) } }
}

struct Lock: Sendable {
    var name: String
    /// `ReadOnly` or `CanNotDelete`.
    var level: String
    var scope: String
}

struct Subscription: Sendable {
    var id: String
    var name: String
}

struct ResourceGroup: Sendable {
    var name: String
    var location: String
    var tags: JSON = [:]
}
