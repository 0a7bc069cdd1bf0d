import AzureAccount
import AzureResources
import JSON
import Preflight

/// The key, and what the cluster's identity may do with it.
extension PreflightScene {
    func readKey() async -> FactChange {
        let key: AzureResources.KeyIdentifier
        do {
            key = try AzureResources.KeyIdentifier(parsing: subject.keyID)
        } catch {
            return Self.everyKeyFact("\(error)")
        }
        let document: JSONValue
        do {
            document = try await Vaults(arm: arm).key(key, in: subject.vault).document
        } catch {
            // A vault that is not there has no keys either, but that is another fact than a key that is gone.
            guard error.kind == .notFound, vault.value != nil else { return Self.everyKeyFact("\(error)") }
            return {
                Self.everyKeyFact("the key is not there")(&$0)
                $0.key.presence = .known(.gone)
            }
        }
        return Self.facts(of: document, key)
    }

    private static func facts(of document: JSONValue, _ key: AzureResources.KeyIdentifier) -> FactChange {
        let isThisOne = Fact<JSONValue>.known(document).then { document throws(Unreadable) in
            let uri = try document.text(
                "properties." + (key.version == nil ? "keyUri" : "keyUriWithVersion"), absent: "")
            guard uri.isEmpty || uri.lowercased() == key.description.lowercased() else {
                throw Unreadable("Azure described another key than \(key)")
            }
            return document
        }
        return {
            $0.key.presence = isThisOne.map { _ in .present }
            $0.key.enabled = isThisOne.then { document throws(Unreadable) in
                guard try document.member("properties.attributes.enabled") != nil else {
                    throw Unreadable("Azure does not tell whether the key is enabled")
                }
                return try document.flag("properties.attributes.enabled", absent: false)
            }
            $0.key.expires = isThisOne.then { try $0.number("properties.attributes.exp") }
            $0.key.notBefore = isThisOne.then { try $0.number("properties.attributes.nbf") }
            $0.key.operations = isThisOne.then { try $0.texts("properties.keyOps", absentIsEmpty: false) }
            $0.key.type = isThisOne.then { try $0.text("properties.kty") }
        }
    }

    private static func everyKeyFact(_ reason: String) -> FactChange {
        {
            $0.key.presence = .unreadable(reason)
            $0.key.enabled = .unreadable(reason)
            $0.key.expires = .unreadable(reason)
            $0.key.notBefore = .unreadable(reason)
            $0.key.operations = .unreadable(reason)
            $0.key.type = .unreadable(reason)
        }
    }

    /// The object id of the one user-assigned identity of the control plane.
    private var principal: Fact<String> {
        cluster.then { cluster throws(Unreadable) in
            guard case .userAssigned(let identities) = cluster.identity else {
                throw Unreadable("the cluster has no user-assigned identity")
            }
            guard identities.count == 1, let id = identities[0].principalID else {
                throw Unreadable("the cluster's document does not name one identity with its principal")
            }
            guard isGUID(id) else { throw Unreadable("the identity's principal id is not a GUID") }
            return id
        }
    }

    func readIdentity() async -> FactChange {
        let principal = principal
        let roles = await principal.thenRead { try await HeldRole.read(of: $0, at: subject.vault, arm: arm) }
        let policies = vault.then { vault in
            try (vault.document.flag("properties.enableRbacAuthorization", absent: false), vault.accessPolicies)
        }
        let keys: Fact<[String]> =
            if case .known((true, _)) = policies {
                .notApplicable
            } else {
                principal.and(policies).then { principal, policies in
                    try policies.1.filter { $0.objectID?.lowercased() == principal.lowercased() }
                        .flatMap { try $0.document.texts("permissions.keys") }
                }
            }
        return {
            $0.identity.principalID = principal
            $0.identity.permissions = roles.then(HeldRole.permissions)
            $0.identity.roles = roles.map { $0.map(\.name) }
            $0.identity.newestAssignment = roles.map { $0.compactMap(\.assigned).max() }
            $0.identity.accessPolicyKeys = keys
        }
    }
}

/// A role that a principal holds at a resource, itself or through a group.
struct HeldRole: Sendable {
    var name: String
    var permissions: [ARMPermission]
    /// A condition makes it unsure what the role gives.
    var hasCondition: Bool
    /// Seconds since 1970; nil if Azure does not tell.
    var assigned: Int64?

    static func read(of principal: String, at resource: AzureResourceID, arm: ARMClient) async throws -> [HeldRole] {
        let provider = "/providers/Microsoft.Authorization"
        let items = try await arm.list(
            resource.urlPath + provider + "/roleAssignments", apiVersion: PreflightAPIVersions.roleAssignments,
            query: [("$filter", "assignedTo('\(principal)')")])
        var definitions: [String: JSONValue] = [:]
        var roles: [HeldRole] = []
        for item in items {
            guard let assignment = RoleAssignment(item) else {
                throw Unreadable("a role assignment is not what Azure documents")
            }
            guard assignment.holds(for: resource) else { continue }
            let definition: JSONValue
            if let known = definitions[assignment.roleID] {
                definition = known
            } else {
                // At the resource itself, so that no right to the whole subscription is needed.
                definition = try await arm.get(
                    resource.urlPath + provider + "/roleDefinitions/" + percentEncoded(assignment.roleID),
                    apiVersion: PreflightAPIVersions.roleAssignments)
                definitions[assignment.roleID] = definition
            }
            roles.append(
                HeldRole(
                    name: try definition.text("properties.roleName", absent: assignment.roleID),
                    permissions: try definition.items("properties.permissions", absentIsEmpty: false)
                        .map { try ARMPermission(strict: $0) },
                    hasCondition: assignment.hasCondition,
                    assigned: Timestamp.iso8601(try item.text("properties.createdOn", absent: ""))))
        }
        return roles
    }

    /// What the roles give for sure.
    /// - Throws: when something that the work needs hangs on a condition.
    static func permissions(of roles: [HeldRole]) throws(Unreadable) -> [ARMPermission] {
        let sure = roles.filter { !$0.hasCondition }.flatMap(\.permissions)
        for role in roles where role.hasCondition {
            let data = ["encrypt", "decrypt"].map { "Microsoft.KeyVault/vaults/keys/\($0)/action" }
            let approval = "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action"
            let addsData = data.contains { role.permissions.allowData($0) && !sure.allowData($0) }
            if addsData || role.permissions.allow(approval) && !sure.allow(approval) {
                throw Unreadable("the role \(role.name) was given under a condition")
            }
        }
        return sure
    }
}

extension ARMPermission {
    init(strict document: JSONValue) throws(Unreadable) {
        self.init(
            actions: try document.texts("actions"), notActions: try document.texts("notActions"),
            dataActions: try document.texts("dataActions"), notDataActions: try document.texts("notDataActions"))
    }
}
