/// Where in the world something happens that a fault may strike. A part that is nil is not known there, and no fault is
/// kept away by it.
struct Place: Sendable {
    var cluster: String?
    var vault: String?

    static func cluster(_ id: ResourceID) -> Place { Place(cluster: id.name) }
    static func vault(_ vault: Vault) -> Place { Place(vault: vault.id.name) }

    /// The place of a scope of ARM: a cluster, a vault, or what is below one of them.
    static func scope(_ scope: String) -> Place {
        let parts = scope.split(separator: "/")
        guard let id = ResourceID(parts.prefix(8).map { "/\($0)" }.joined()) else { return Place() }
        switch id.type.lowercased() {
        case "microsoft.containerservice/managedclusters": return Place(cluster: id.name)
        case "microsoft.keyvault/vaults": return Place(vault: id.name)
        default: return Place()
        }
    }
}

extension ActiveFault {
    /// The cluster to which it is confined.
    var cluster: String? { name.isPlacedByCluster || moment != nil ? text("cluster") : nil }
    /// The vault to which it is confined.
    var vault: String? { name.isPlacedByVault ? text("vault") : nil }
    /// The cluster on which an action acts: the one that it names, or whose moment it was; nil for the first.
    var target: String? { cluster ?? wokenBy }

    private func text(_ member: String) -> String? {
        name == .otherClusterOnVault ? nil : parameters[member]?.string
    }

    func strikes(at place: Place) -> Bool {
        (!name.isPlacedByCluster || Self.fits(cluster, place.cluster)) && Self.fits(vault, place.vault)
    }

    /// Where it wakes at a moment of these clusters or of this vault; nil if the moment is of others.
    func woken(by clusters: [String], in place: String?) -> Place? {
        // A moment of a vault concerns a fault of a vault only if it is the same one.
        guard Self.fits(vault, place) else { return nil }
        guard let cluster else { return Place(cluster: clusters.first, vault: place) }
        return clusters.contains { Self.fits(cluster, $0) } ? Place(cluster: cluster, vault: place) : nil
    }

    private static func fits(_ wanted: String?, _ given: String?) -> Bool {
        guard let wanted, let given else { return true }
        return wanted.lowercased() == given.lowercased()
    }
}

extension FaultName {
    /// What it can be confined to: `cluster`, `vault`, both or neither.
    public var places: [String] { (isPlacedByCluster ? ["cluster"] : []) + (isPlacedByVault ? ["vault"] : []) }

    /// Whether it strikes what is asked of a cluster, or happens to it.
    var isPlacedByCluster: Bool {
        switch self {
        case .tokenExpiresSoon, .tokenClaimsChallenge, .tokenEndpointDown, .signInRevoked, .otherClusterOnVault: false
        default: !isOfVaultAlone
        }
    }

    /// Whether it strikes what is asked of a vault, or happens to it.
    var isPlacedByVault: Bool {
        switch self {
        case .identityLostPermission, .privateEndpointPending, .privateEndpointDenied, .scopeLocked,
            .authorizationLost:
            true
        default: isOfVaultAlone
        }
    }

    private var isOfVaultAlone: Bool {
        switch self {
        case .vaultPolicyKeepsClosed, .vaultPolicyDenies, .vaultChangeIgnored, .lostVaultAnswerBefore,
            .lostVaultAnswer, .vaultConflict, .vaultDeleted, .keyDisabled, .keyExpired, .keyDeleted,
            .terraformVaultRevert, .perimeterAdmitsServices, .vaultPatchMergesRules, .vaultPutKeepsRules,
            .newestThoughDisabled, .armKeyURIHasPort:
            true
        default: false
        }
    }
}

extension StandIn {
    /// A fault that names a cluster or vault which is not there, or a kind of place that it does not have, is a mistake
    /// of whoever scripts it.
    func checkPlace(_ fault: ActiveFault) throws {
        guard fault.name != .otherClusterOnVault else { return }
        if let name = fault.parameters["cluster"]?.string {
            _ = try clusterID(named: name)
            guard fault.name.isPlacedByCluster || fault.moment != nil else { throw noPlace(fault, "cluster") }
        }
        if let name = fault.parameters["vault"]?.string {
            guard world.vaults.contains(where: { $0.id.name.lowercased() == name.lowercased() }) else {
                throw AzureError.arm(404, "UnknownVault", "The sandbox has no vault '\(name)'.")
            }
            guard fault.name.isPlacedByVault else { throw noPlace(fault, "vault") }
        }
    }

    private func noPlace(_ fault: ActiveFault, _ kind: String) -> AzureError {
        AzureError.arm(400, "NoSuchPlace", "The fault '\(fault.name.rawValue)' is of no \(kind).")
    }
}
