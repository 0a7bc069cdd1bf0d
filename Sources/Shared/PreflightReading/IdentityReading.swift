import Azure
import AzureAccount
import AzureResources
import JSON
import Preflight
import Text

/// What the cluster's identity may do with the key, and at the vault.
extension PreflightScene {
    private var takesUserAssignedOnly: Bool {
        [.legacySwitch, .legacyRotation].contains(question.strategy.job)
    }

    /// The object id of the one identity of the control plane. Without one, a check of its own refuses.
    private var principal: Fact<String> {
        guard case .known(let known) = cluster else { return cluster.map { _ in "" } }
        let ids: [String?]
        switch known.identity {
        case .userAssigned(let identities): ids = identities.map(\.principalID)
        // The legacy KMS does not take it, which a check of its own says.
        case .systemAssigned(let id) where !takesUserAssignedOnly: ids = [id]
        case .systemAssigned, .other: return .notApplicable
        }
        return cluster.then { _ throws(Unreadable) in
            guard ids.count == 1, let id = ids[0] else {
                throw Unreadable("the cluster's document does not name one identity with its principal")
            }
            guard isGUID(id) else { throw Unreadable("the identity's principal id is not a GUID") }
            return id
        }
    }

    /// Where the vault has access policies, roles give nothing on the key; approving an endpoint takes a role all the
    /// same.
    func readIdentity() async -> FactChange {
        let principal = principal
        let roles = await principal.thenRead { try await heldRoles(of: $0) }
        let policies = vault.and(principal).then { vault, principal in
            try vault.accessPolicies.compactMap { try Self.policy($0, principal) }
        }
        return {
            $0.identity.principalID = principal
            $0.identity.roles = roles
            $0.identity.accessPolicies = policies
        }
    }

    func readDenials() async -> FactChange {
        let denials = await principal.thenRead { principal in
            let items = try await arm.list(
                vaultID.urlPath + "/providers/Microsoft.Authorization/denyAssignments",
                apiVersion: PreflightAPIVersions.denyAssignments, query: [("$filter", "atScope()")])
            return try items.compactMap { try DenyAssignment($0).denial(to: principal, at: vaultID) }
        }
        return { $0.identity.denials = denials }
    }

    /// A policy with an application counts only for a user who comes through that application.
    private static func policy(
        _ policy: JSONValue, _ principal: String
    ) throws(Unreadable) -> PreflightFacts.AccessPolicy? {
        guard try policy.text("applicationId", absent: "").isEmpty else { return nil }
        let id = try policy.text("objectId", absent: "")
        return PreflightFacts.AccessPolicy(
            objectID: id, isOwn: id.lowercased() == principal.lowercased(),
            keyPermissions: try policy.texts("permissions.keys"))
    }

    private static let authorization = "/providers/Microsoft.Authorization"

    /// At the key, where one request shows what was given at it, at the vault and above, also to groups that the
    /// identity is in (learn.microsoft.com, "List Azure role assignments using the REST API", assignedTo).
    private func heldRoles(of principal: String) async throws -> [PreflightFacts.HeldRole] {
        let key = try KeyIdentifier(parsing: subject.keyID)
        let keyID = try vaultID.child("keys", key.name)
        let items = try await assignments(of: principal, at: keyID)
        var roles: [PreflightFacts.HeldRole] = []
        for item in items {
            guard let assignment = RoleAssignment(item) else {
                throw Unreadable("a role assignment is not what Azure documents")
            }
            guard assignment.holds(for: keyID) else { continue }
            // At the vault, so that no right to the whole subscription is needed.
            let path = vaultID.urlPath + Self.authorization + "/roleDefinitions/"
            let definition = await roleDefinitions.definition(assignment.roleID) { [arm] in
                await .reading {
                    try await arm.get(
                        path + percentEncoded(assignment.roleID), apiVersion: PreflightAPIVersions.roleAssignments)
                }
            }
            roles.append(
                try Self.role(assignment, item, definition, isOnKeyOnly: !assignment.holds(for: vaultID)))
        }
        return roles
    }

    /// A key that is not there has no assignments of its own: then the vault's are looked at.
    private func assignments(of principal: String, at key: AzureResourceID) async throws -> [JSONValue] {
        func list(_ resource: AzureResourceID) async throws(ARMError) -> [JSONValue] {
            try await arm.list(
                resource.urlPath + Self.authorization + "/roleAssignments",
                apiVersion: PreflightAPIVersions.roleAssignments, query: [("$filter", "assignedTo('\(principal)')")])
        }
        do throws(ARMError) { return try await list(key) } catch {
            guard error.kind == .notFound || error.kind == .invalidRequest else { throw error }
            return try await list(vaultID)
        }
    }

    private static func role(
        _ assignment: RoleAssignment, _ item: JSONValue, _ definition: Fact<JSONValue>, isOnKeyOnly: Bool
    ) throws(Unreadable) -> PreflightFacts.HeldRole {
        let permissions = definition.then { definition in
            try definition.items("properties.permissions", absentIsEmpty: false).map { try Permission(strict: $0) }
        }
        let name = definition.then { try $0.text("properties.roleName", absent: assignment.roleID) }
        return PreflightFacts.HeldRole(
            name: name.value ?? assignment.roleID, permissions: permissions.value, isOnKeyOnly: isOnKeyOnly,
            isConditional: assignment.hasCondition,
            assigned: Timestamp.iso8601(try item.text("properties.createdOn", absent: "")))
    }
}

/// What roles allow, as far as it was read; a role is read once as long as the reader lives.
actor RoleDefinitions {
    private var known: [String: JSONValue] = [:]

    func definition(_ id: String, _ read: @Sendable () async -> Fact<JSONValue>) async -> Fact<JSONValue> {
        if let definition = known[id] { return .known(definition) }
        let fact = await read()
        known[id] = fact.value
        return fact
    }
}

/// A deny assignment (Microsoft.Authorization/denyAssignments, 2022-04-01): the opposite of a role, with exceptions.
struct DenyAssignment {
    private struct Principal {
        let id: String
        let type: String

        init(_ document: JSONValue) throws(Unreadable) {
            id = try document.text("id", absent: "").lowercased()
            type = try document.text("type", absent: "").lowercased()
        }

        /// All of the directory have the id of zeros.
        var isEveryone: Bool { id == "00000000-0000-0000-0000-000000000000" }
        /// What an identity can be in: its type is told, and else it may be a group.
        var mayHold: Bool { !["user", "serviceprincipal"].contains(type) }
    }

    let name: String
    private let permissions: [Permission]
    private let principals: [Principal]
    private let excluded: [Principal]
    private let scope: String
    private let staysAtScope: Bool
    private let hasCondition: Bool

    init(_ document: JSONValue) throws(Unreadable) {
        let place = "properties."
        name = try document.text(place + "denyAssignmentName", absent: try document.text("id", absent: "no name"))
        permissions = try Self.each(document, place + "permissions") { item throws(Unreadable) in
            try Permission(strict: item)
        }
        principals = try Self.each(document, place + "principals") { item throws(Unreadable) in try Principal(item) }
        excluded = try Self.each(document, place + "excludePrincipals") { item throws(Unreadable) in
            try Principal(item)
        }
        scope = try document.text(place + "scope", absent: "").lowercased()
        staysAtScope = try document.flag(place + "doNotApplyToChildScopes", absent: false)
        hasCondition = try !document.text(place + "condition", absent: "").isEmpty
    }

    private static func each<Item>(
        _ document: JSONValue, _ path: String, _ read: (JSONValue) throws(Unreadable) -> Item
    ) throws(Unreadable) -> [Item] {
        var items: [Item] = []
        for item in try document.items(path) { items.append(try read(item)) }
        return items
    }

    /// What it may mean for a principal at a resource; nil where it clearly holds for others only.
    func denial(to principal: String, at resource: AzureResourceID) -> PreflightFacts.Denial? {
        let mine = principal.lowercased()
        if excluded.contains(where: { $0.id == mine }) { return nil }
        let isNamed = principals.contains { $0.id == mine || $0.isEveryone }
        guard isNamed || principals.contains(where: \.mayHold) else { return nil }
        let isHere = scope == resource.description.lowercased()
        if staysAtScope, !isHere { return nil }
        let isSure = isNamed && !excluded.contains(where: \.mayHold) && !hasCondition && !staysAtScope
        return PreflightFacts.Denial(name: name, permissions: permissions, surelyHolds: isSure)
    }
}

extension Permission {
    init(strict document: JSONValue) throws(Unreadable) {
        self.init(
            actions: try document.texts("actions"), notActions: try document.texts("notActions"),
            dataActions: try document.texts("dataActions"), notDataActions: try document.texts("notDataActions"))
    }
}
