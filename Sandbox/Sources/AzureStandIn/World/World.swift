import Foundation

/// All of Azure that the sandbox knows, as a value.
struct World: Sendable {
    var tenantID: String
    var tenantDomain: String
    var subscriptions: [Subscription]
    var groups: [ResourceGroup]
    var principals: [Principal]
    var assignments: [RoleAssignment]
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

    func roles(of principalID: String, at scope: String) -> [RoleDefinition] {
        assignments.filter { $0.principalID.lowercased() == principalID.lowercased() && $0.covers(scope) }
            .compactMap { role($0.roleID) }
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

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("https://") else { return nil }
        let parts = text.dropFirst(8).split(separator: "/").map(String.init)
        guard parts.count == 3 || parts.count == 4, parts[1].lowercased() == "keys" else { return nil }
        host = parts[0].lowercased()
        name = parts[2]
        version = parts.count == 4 ? parts[3] : ""
    }
}
