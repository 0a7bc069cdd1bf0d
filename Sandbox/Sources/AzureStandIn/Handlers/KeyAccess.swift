import ClusterModel

extension StandIn: KeyAccess {
    /// The vault as the first cluster's KMS plugin meets it.
    public func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        try await keyMaterial(keyID: keyID, over: path, to: .encrypt)
    }

    public func keyMaterial(keyID: String, over path: NetworkPath, to use: KeyUsage) async throws -> [UInt8] {
        try keyMaterial(keyID: keyID, over: path, to: use, for: firstCluster)
    }

    /// The vault as a cluster's KMS plugin meets it, with the network path of the profile that started the plugin.
    func keyMaterial(
        keyID: String, over path: NetworkPath, to use: KeyUsage, for cluster: ResourceID
    ) throws -> [UInt8] {
        // The platform's own key is in no vault of the customer.
        if keyID.hasPrefix(Self.platformKeyID) { return KeyMaterial.derive(keyID) }
        guard let key = KeyID(keyID), let index = world.vaultIndex(host: key.host) else {
            throw VaultRefusal(code: "VaultNotFound", message: "The vault of '\(keyID)' cannot be resolved.")
        }
        let vault = world.vaults[index]
        switch path {
        case .publicEndpoint:
            if vault.publicNetworkAccess != "Enabled" {
                throw VaultRefusal(code: "ForbiddenByConnection", message: Self.closedMessage)
            }
            if vault.deniesByFirewall {
                throw VaultRefusal(code: "ForbiddenByFirewall", message: "Client address is not authorized.")
            }
        case .trustedServices:
            guard letsServicesIn(vault) else {
                throw VaultRefusal(code: "ForbiddenByConnection", message: Self.bypassMessage)
            }
        case .privateEndpoint:
            let place = Place(cluster: cluster.name, vault: vault.id.name)
            let isPending = faults.holds(.privateEndpointPending, at: place) != nil
            let isApproved = vault.connections.contains { $0.status == "Approved" && $0.cluster == cluster }
            guard isApproved, !isPending else {
                throw VaultRefusal(code: "ForbiddenByConnection", message: Self.bypassMessage)
            }
        }
        guard let owner = world.clusters.first(where: { $0.id == cluster }), mayUseKey(owner, key, in: vault) else {
            throw VaultRefusal(
                code: "ForbiddenByRbac", message: "Caller is not authorized to perform action on resource.")
        }
        if let refusal = refusal(of: key, in: vault, to: use) { throw refusal }
        return KeyMaterial.derive(keyID)
    }

    private static let bypassMessage =
        "Connection is not an approved private link and caller was ignored because bypass is not set to "
        + "'AzureServices' and PublicNetworkAccess is set to 'Disabled'."

    static let closedMessage =
        "Public network access is disabled and request is not from a trusted service nor via an approved private link."
}
