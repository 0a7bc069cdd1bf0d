import Foundation

/// All of Azure that the sandbox knows, as a value.
struct World: Sendable {
    var tenantID: String
    var tenantDomain: String
    var subscriptions: [Subscription]
    var groups: [ResourceGroup]
    var principals: [Principal]
    var assignments: [RoleAssignment]
    var directoryGroups: [DirectoryGroup] = []
    var denials: [DenyAssignment] = []
    var customRoles: [RoleDefinition] = []
    var locks: [Lock] = []
    var clusters: [Cluster]
    var vaults: [Vault]
    var identities: [ResourceID: JSON] = [:]
    var operations: [String: Operation] = [:]
    var unregisteredProviders: Set<String> = []

    func role(_ id: String) -> RoleDefinition? {
        (RoleDefinition.builtIn + customRoles).first { $0.id == id.lowercased() }
    }

    /// The roles that a principal has at a scope, by itself or as a member of groups.
    func roles(of principalID: String, at scope: String) -> [RoleDefinition] {
        let mine = identities(of: principalID)
        return assignments.filter { mine.contains($0.principalID.lowercased()) && $0.covers(scope) }
            .compactMap { role($0.roleID) }
    }

    /// A principal and the groups that it is in, directly or through groups, in lower case.
    func identities(of principalID: String) -> Set<String> {
        var found: Set = [principalID.lowercased()]
        var isGrowing = true
        while isGrowing {
            let more = directoryGroups.filter { group in group.members.contains { found.contains($0.lowercased()) } }
                .map { $0.objectID.lowercased() }
            isGrowing = !found.isSuperset(of: more)
            found.formUnion(more)
        }
        return found
    }

    private func denials(of principalID: String, at scope: String) -> [DenyAssignment] {
        let mine = identities(of: principalID)
        return denials.filter { denial in
            isAtOrBelow(denial.scope, scope)
                && (denial.principals.isEmpty || denial.principals.contains { mine.contains($0.lowercased()) })
        }
    }

    /// Azure's role-based access control: a role allows it, and no deny assignment forbids it.
    func may(_ principalID: String, _ action: String, at scope: String) -> Bool {
        roles(of: principalID, at: scope).contains { $0.allows(action) }
            && !denials(of: principalID, at: scope).contains { $0.forbids(action) }
    }

    func mayData(_ principalID: String, _ action: String, at scope: String) -> Bool {
        roles(of: principalID, at: scope).contains { $0.allowsData(action) }
            && !denials(of: principalID, at: scope).contains { $0.forbidsData(action) }
    }

    func clusterIndex(_ id: ResourceID) -> Int? { clusters.firstIndex { $0.id == id && !$0.isDeleted } }
    func vaultIndex(_ id: ResourceID) -> Int? { vaults.firstIndex { $0.id == id && $0.deletedAt == nil } }
    func vaultIndex(host: String) -> Int? {
        vaults.firstIndex { $0.host == host.lowercased() && $0.deletedAt == nil }
    }
    func group(_ name: String) -> ResourceGroup? { groups.first { $0.name.lowercased() == name.lowercased() } }
    func subscription(_ id: String) -> Subscription? {
        subscriptions.first { $0.id.lowercased() == id.lowercased() }
    }

    /// The lock that forbids writing at a scope: only `ReadOnly` ones do.
    func readOnlyLock(over scope: String) -> Lock? {
        locks.first {
            $0.level == "ReadOnly"
                && (scope.lowercased() == $0.scope.lowercased()
                    || scope.lowercased().hasPrefix($0.scope.lowercased() + "/"))
        }
    }
}

/// The versioned identifier of a key in parts: `https://HOST/keys/NAME/VERSION`.
struct KeyID: Sendable, Hashable {
    var host: String
    var name: String
    /// Empty in a versionless identifier, which only the newer experience of KMS takes.
    var version: String

    /// The identifier without a version.
    var plain: String { "https://\(host)/keys/\(name)" }

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("https://") else { return nil }
        let parts = text.dropFirst(8).split(separator: "/").map(String.init)
        guard parts.count == 3 || parts.count == 4, parts[1].lowercased() == "keys" else { return nil }
        host = parts[0].lowercased()
        name = parts[2]
        version = parts.count == 4 ? parts[3] : ""
    }
}
