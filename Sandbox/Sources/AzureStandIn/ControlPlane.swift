import ClusterModel
import Foundation

/// What stands behind one managed cluster: its API servers, what they were told, and the controller of its keys.
struct ControlPlane: Sendable {
    var backend: (any ClusterBackend)?
    /// What was given to the backend last, and whether a failure left replicas without it.
    var applied: KMSProfile?
    var isAppliedInPart = false
    var rolloutErrors: [String] = []
    /// PUTs that treated a cluster on the newer experience of KMS as one on the older.
    var legacyPutsOnNewExperience = 0
    /// The version of the customer's key that the controller of the newer experience knows of, with its address.
    var noticedKey: String?
    var controller = KeyController()
}

extension StandIn {
    /// The cluster that is meant where none is named.
    var firstCluster: ResourceID { description.clusterID }

    /// - Parameter id: of a managed cluster of the world's description; others have nothing behind them.
    func plane(_ id: ResourceID) -> ControlPlane { planes[id] ?? ControlPlane() }

    /// Puts API servers behind a managed cluster, by default the first, and gives them the profile that ARM shows.
    public func attach(_ backend: any ClusterBackend, to name: String? = nil) async throws {
        let id = try clusterID(named: name)
        planes[id, default: ControlPlane()].backend = backend
        let host = URL(string: await backend.serverURL)?.host ?? "localhost"
        guard let index = world.clusterIndex(id) else { return }
        world.clusters[index].resource[path: ["properties", "fqdn"]] = .string(host)
        let wanted = profile(for: world.clusters[index])
        try await backend.apply(wanted, rollout: Rollout())
        planes[id, default: ControlPlane()].applied = wanted
    }

    /// The vaults as the KMS plugins of one cluster meet them, and the webhook that its API servers ask. A cluster that
    /// is not there is let in nowhere.
    public nonisolated func access(of name: String) -> any KeyAccess & TokenReviewer {
        var view = description
        view.cluster = name
        return ClusterAccess(azure: self, cluster: description.plan(name)?.id(in: description) ?? view.clusterID)
    }

    /// Gives a profile to a cluster's API servers; a backend that fails is told of in /sandbox/state.
    func apply(_ profile: KMSProfile, _ rollout: Rollout, to id: ResourceID) async {
        do {
            try await plane(id).backend?.apply(profile, rollout: rollout)
            planes[id, default: ControlPlane()].applied = profile
            planes[id, default: ControlPlane()].isAppliedInPart = false
        } catch {
            planes[id, default: ControlPlane()].isAppliedInPart = true
            planes[id, default: ControlPlane()].rolloutErrors.append("\(error)")
        }
    }

    /// The id of a cluster that /sandbox was told by name; the first, where none was named.
    func clusterID(named name: String?) throws -> ResourceID {
        guard let name else { return firstCluster }
        guard let plan = description.plan(name) else {
            throw AzureError.arm(404, "UnknownCluster", "The sandbox has no cluster '\(name)'.")
        }
        return plan.id(in: description)
    }

    /// The clusters whose profile names a key of this vault.
    func clusters(on vault: Vault) -> [ResourceID] {
        world.clusters.filter { !$0.isDeleted && KeyID($0.keyID)?.host == vault.host }.map(\.id)
    }
}

/// One cluster's way to the vaults, in the name of its own identity and by its own private endpoints.
private struct ClusterAccess: KeyAccess, TokenReviewer {
    let azure: StandIn
    let cluster: ResourceID

    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        try await keyMaterial(keyID: keyID, over: path, to: .encrypt)
    }

    func keyMaterial(keyID: String, over path: NetworkPath, to use: KeyUsage) async throws -> [UInt8] {
        try await azure.keyMaterial(keyID: keyID, over: path, to: use, for: cluster)
    }

    func user(ofToken token: String) async -> ReviewedUser? { await azure.user(ofToken: token) }
}
