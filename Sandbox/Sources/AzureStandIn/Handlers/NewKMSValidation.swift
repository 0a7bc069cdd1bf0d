import ClusterModel

/// The refusals that concern the newer experience of KMS. Azure's own words for them are in no document: they are ours,
/// unless a source stands beside them.
extension StandIn {
    /// Counts what only a client sends that knows nothing of the newer experience, and refuses to turn the older one on
    /// there. What Azure answers is not known: "you can't disable the feature" is all that its documentation says.
    func refuseLegacy(_ next: Cluster, from old: Cluster, by version: String) throws {
        guard old.usesNewKMS || faults.holds(.newKMSExperience, at: .cluster(old.id)) != nil, next.kms != old.kms else {
            return
        }
        let turnsOn = next.isKMSOn && KeyID(next.keyID)?.version.isEmpty == false
        let isHidden = MemberModel.managedCluster.shown(next.resource, to: version)[path: Cluster.newKMSPath] == nil
        guard turnsOn || (isHidden && old.isKMSOn && !next.isKMSOn) else { return }
        planes[old.id, default: ControlPlane()].legacyPutsOnNewExperience += 1
        guard turnsOn else { return }
        throw Self.badRequest(
            "A versioned key ID is not allowed when Kubernetes resource object encryption is enabled.")
    }

    func validateNew(_ next: Cluster, from old: Cluster) throws {
        if !old.usesNewKMS { try refuseOldKubernetes(next) }
        guard next.isKMSOn, next.kms != old.kms || !old.isKMSOn || !old.usesNewKMS else { return }
        if !old.usesNewKMS, old.isKMSOn, faults.holds(.refuseDirectCustomerKey, at: .cluster(old.id)) != nil {
            throw Self.badRequest(
                "Migrating Azure Key Vault KMS to a customer-managed key is not allowed. Migrate to a platform-managed key "
                    + "first.")
        }
        if old.usesNewKMS, faults.holds(.refuseNewModeChange, at: .cluster(old.id)) != nil {
            try refuseModeChange(old, next)
        }
        try validateCustomerKey(next, from: old)
    }

    /// "Clusters with version 1.33 or later" (AKS documentation, kms-data-encryption).
    private func refuseOldKubernetes(_ next: Cluster) throws {
        let version = next.resource[path: ["properties", "currentKubernetesVersion"]]?.string ?? ""
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) < (1, 33) else { return }
        throw Self.badRequest(
            "Kubernetes resource object encryption needs Kubernetes version 1.33 or later, not '\(version)'.")
    }

    /// A customer's key of the newer experience: the vault is named in both modes, and Private needs the vault's way
    /// for trusted services, no private endpoint and no VNet integration (Azure/AKS#3542; aks-preview's live tests).
    private func validateCustomerKey(_ next: Cluster, from old: Cluster) throws {
        let kms = next.kms ?? [:]
        guard let key = KeyID(next.keyID), key.version.isEmpty || isLegacyBody(next, of: old) else {
            throw Self.badRequest("The key vault key ID '\(next.keyID)' is invalid for Azure Key Vault KMS.")
        }
        guard let path = next.networkAccess else {
            throw Self.badRequest("KeyVault network access is unspecified for Azure Key Vault KMS.")
        }
        guard let index = vaultIndex(kms, key, isLegacyBody: !key.version.isEmpty) else {
            throw Self.badRequest("KeyVault resource ID is empty or was not found.")
        }
        guard world.vaults[index].host == key.host else {
            throw Self.badRequest(
                "KeyVault resource ID '\(world.vaults[index].id)' does not match the key ID '\(next.keyID)'.")
        }
        guard next.identityObjectID != nil else {
            throw Self.badRequest("Azure Key Vault KMS requires a cluster with a user-assigned identity.")
        }
        let used = key.version.isEmpty ? newestVersion(of: key).flatMap(KeyID.init) ?? key : key
        try checkIdentity(next, used, in: world.vaults[index], over: path)
    }

    /// The legacy KMS unchanged beside the profile (aks-preview's decorator, for the documented migration).
    private func isLegacyBody(_ next: Cluster, of old: Cluster) -> Bool {
        !old.usesNewKMS && old.isKMSOn && next.kms == old.kms
            && faults.holds(.refuseVersionedMigration, at: .cluster(old.id)) == nil
    }

    /// The legacy KMS has no vault's id for Public.
    private func vaultIndex(_ kms: JSON, _ key: KeyID, isLegacyBody: Bool) -> Int? {
        let given = kms["keyVaultResourceId"]?.string ?? ""
        if given.isEmpty, isLegacyBody { return world.vaultIndex(host: key.host) }
        return ResourceID(given).flatMap { world.vaultIndex($0) }
    }

    /// The provider tries the key in the identity's name: encrypt and decrypt for both modes, and for Private the right
    /// to read the vault, which are what aks-preview's live tests give (the documentation's two pages ask for more, and
    /// for different things).
    private func checkIdentity(_ next: Cluster, _ key: KeyID, in vault: Vault, over path: NetworkPath) throws {
        let (identity, place) = (next.identityObjectID ?? "", Place.cluster(next.id))
        let lags = faults.take(.permissionCheckLags, at: place) != nil
        let isReachable =
            path == .publicEndpoint
            ? vault.isOpenToAll : letsServicesIn(vault) || faults.holds(.privateCheckDeferred, at: place) != nil
        let isStrict = faults.holds(.newKMSNeedsContributor, at: place) != nil
        // Key Vault Reader's `vaults/*/read` does not name the vault itself, which it is there to read.
        let actions = isStrict ? ["vaults/write"] : ["vaults/read", "vaults/keys/read"]
        let hasRole =
            path == .publicEndpoint && !isStrict
            || actions.contains { world.may(identity, "Microsoft.KeyVault/\($0)", at: vault.id.description) }
        guard isReachable, !lags, mayUseKey(next, key, in: vault), refusal(of: key, in: vault) == nil else {
            throw AzureError.aks(
                400, "AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
                "The identity does not have keys encrypt/decrypt permission on key vault \"https://\(key.host)\"")
        }
        guard hasRole else {
            throw AzureError.aks(
                400, "AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
                "The identity is not authorized to perform 'Microsoft.KeyVault/\(actions[0])' on key vault '\(vault.id)'."
            )
        }
    }
}
