package import Azure

extension Vaults {
    /// The vaults that own the host of a key's id. Names are unique within a cloud, so it is one or none; the vault's
    /// own URI decides, not its name.
    package func find(
        ownerOf key: KeyIdentifier, in subscriptions: [String]
    ) async -> SearchResult<Vault> {
        await search(subscriptions) { subscription throws(ARMError) in
            var owners: [Vault] = []
            for id in try await ids(named: key.vaultName, subscription: subscription) {
                let vault = try await get(id)
                if vault.owns(key) { owners.append(vault) }
            }
            return owners
        }
    }
}

extension ManagedClusters {
    /// All clusters of several subscriptions.
    package func all(in subscriptions: [String]) async -> SearchResult<ManagedCluster> {
        await search(subscriptions) { subscription throws(ARMError) in
            try await list(subscription: subscription)
        }
    }
}

extension Sequence<ManagedCluster> {
    /// The clusters that use a vault for KMS, whatever the mode, other than one of them.
    package func using(_ vault: Vault, except id: AzureResourceID) -> [ManagedCluster] {
        filter { cluster in
            guard cluster.id != id, let kms = cluster.kms, kms.enabled else { return false }
            if let key = try? KeyIdentifier(parsing: kms.keyID) { return vault.owns(key) }
            return (try? AzureResourceID(parsing: kms.vaultID)) == vault.id
        }
    }
}
