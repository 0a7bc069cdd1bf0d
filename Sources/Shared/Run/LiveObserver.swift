import Azure
package import AzureResources
import Connections
import FoundationEssentials
import KubeAPI
package import ModeSwitch

/// Reads the world: ARM, vault, key and API server, each on its own, none of them able to fail the others.
package struct LiveObserver: Sendable {
    let arm: ARMClient
    let kube: KubeClient
    let clusterID: AzureResourceID
    /// Nil where no vault is asked, which is so with Azure's own key.
    let vaultID: AzureResourceID?
    let key: KeyIdentifier?
    /// The subscriptions in which other users of the vault are looked for.
    let subscriptions: @Sendable () async -> [String]
    /// Clusters of the same command that may use the vault as Public until they are as far as this one.
    var behind: @Sendable () async -> Set<AzureResourceID> = { [] }
    let now: @Sendable () -> Double
    /// The cluster as it was found: its node resource group tells which private endpoint is its own.
    let found: ManagedCluster
    let looks: ClusterLooks

    /// Looks at the cluster and its API server, and at vault and key unless they were seen a moment ago.
    func observe(_ receipts: Receipts, lastRefusal: AzureRefusal?, closing: Bool) async -> Observation {
        async let cluster = observeCluster(lastRefusal)
        async let kubernetes = observeKubernetes()
        let rest = await observeRest(closing: closing)
        let behind = closing ? Set(await behind().map { $0.description.lowercased() }) : []
        return await Observation(
            cluster: cluster, vault: rest.vault, key: rest.key, kubernetes: kubernetes,
            otherPublicUsers: (rest.users ?? []).filter { !behind.contains($0.lowercased()) }, receipts: receipts)
    }

    private func observeRest(closing: Bool) async -> ClusterLooks.Rest {
        var rest: ClusterLooks.Rest
        if let recent = await looks.recentRest {
            rest = recent
        } else {
            async let vault = observeVault()
            async let keyState = observeKey()
            rest = await ClusterLooks.Rest(vault: vault.observation, found: vault.vault, key: keyState)
            // What could not be read is read again.
            if rest.vault.presence == .present, rest.key == .usable { await looks.take(rest) }
        }
        guard closing, rest.users == nil else { return rest }
        // Who else uses the vault decides whether it may be closed; once it is, nobody asks any more.
        let users = rest.vault.access == .disabled ? [] : await otherPublicUsers(of: rest.found)
        await looks.take(users: users)
        rest.users = users
        return rest
    }

    private func observeCluster(_ lastRefusal: AzureRefusal?) async -> ClusterObservation {
        do {
            let cluster = try await ManagedClusters(arm: arm).get(clusterID)
            await looks.take(cluster)
            return cluster.observation(lastRefusal: lastRefusal)
        } catch {
            await looks.take(nil)
            return ClusterObservation(
                presence: error.kind == .notFound ? .gone : .unreadable(error.description), kms: .none, resourceUID: "")
        }
    }

    func observeVault() async -> (observation: VaultObservation, vault: Vault?) {
        guard let vaultID else { return (VaultObservation(presence: .gone, access: .disabled), nil) }
        do {
            let vault = try await Vaults(arm: arm).get(vaultID)
            return (vault.observation(of: found), vault)
        } catch {
            let presence: VaultObservation.Presence
            switch error.kind {
            case .notFound: presence = .gone
            case .authorizationFailed: presence = .forbidden
            default: presence = .unreadable(error.description)
            }
            return (VaultObservation(presence: presence, access: .disabled), nil)
        }
    }

    package func observeKey() async -> KeyState { await readKey().state }

    /// The state of the key, and what Azure shows of it.
    package func readKey() async -> (state: KeyState, key: VaultKey?) {
        guard let key, let vaultID else { return (.usable, nil) }
        do {
            let found = try await Vaults(arm: arm).key(key, in: vaultID)
            if found.isEnabled == false { return (.disabled, found) }
            if let expires = found.expires, Double(expires) <= now() { return (.expired, found) }
            return (.usable, found)
        } catch {
            return (error.kind == .notFound ? .deleted : .unreadable, nil)
        }
    }

    private func observeKubernetes() async -> KubernetesObservation {
        do {
            return KubernetesObservation(kubeSystemUID: try await kube.clusterUID())
        } catch {
            return KubernetesObservation(reachable: false, kubeSystemUID: "")
        }
    }

    private func otherPublicUsers(of vault: Vault?) async -> [String] {
        guard let vault else { return [] }
        let all = await ManagedClusters(arm: arm).all(in: subscriptions())
        await looks.take(unsearched: all.unreadable.map(\.id))
        return all.found.using(vault, except: clusterID)
            .filter { $0.kms?.mode != .privateAccess }.map(\.id.description)
    }
}
