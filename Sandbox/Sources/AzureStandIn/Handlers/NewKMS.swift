import ClusterModel

/// The newer experience of KMS: how a PUT comes to it, and what the control plane makes of it.
extension StandIn {
    /// The key of a cluster whose key the platform manages; the versions after the first have a number.
    static let platformKeyID = "platform-managed"

    /// Whether the form of the key's id says which experience is meant: since 2026-07-01 (azure-rest-api-specs,
    /// `keyId`).
    static func choosesByKey(_ version: String) -> Bool { version.prefix(10) >= "2026-07-01" }

    /// The newer experience is never left again: "you can't disable the feature" (AKS documentation, limitations). A
    /// version that does not know its profile cannot leave it out.
    func keepNewKMS(of old: Cluster, in next: inout Cluster, given body: JSON, by version: String) throws {
        let isSent = body[path: Cluster.newKMSPath + ["infrastructureEncryption"]]?.string == "Enabled"
        let isChosenByKey = Self.choosesByKey(version) && next.isKMSOn && KeyID(next.keyID)?.version.isEmpty == true
        guard old.usesNewKMS else {
            guard isChosenByKey, !isSent else { return }
            guard faults.holds(.customerKeyNeedsProfile, at: .cluster(old.id)) == nil else {
                throw Self.badRequest(
                    "A versionless key ID is allowed only when Kubernetes resource object encryption is enabled.")
            }
            next.resource[path: Cluster.newKMSPath] = ["infrastructureEncryption": "Enabled"]
            return
        }
        let whole: JSON = ["properties": ["securityProfile": [Cluster.newKMSPath[2]: ["infrastructureEncryption": ""]]]]
        let isKnown = MemberModel.managedCluster.shown(whole, to: version)[path: Cluster.newKMSPath] != nil
        let isLeftOut = body[path: Cluster.newKMSPath + ["infrastructureEncryption"]] == nil
        if isKnown, !isSent, !(isLeftOut && faults.holds(.newKMSKeptIfLeftOut, at: .cluster(old.id)) != nil) {
            throw Self.badRequest("Kubernetes resource object encryption cannot be disabled once it is enabled.")
        }
        next.resource[path: Cluster.newKMSPath] = ["infrastructureEncryption": "Enabled"]
    }

    /// What is kept after a migration whose body has the legacy KMS unchanged, as aks-preview sends it for
    /// `--kms-infrastructure-encryption Enabled` alone: the state that a customer's key has in every document, a key's
    /// id without a version and the vault's id. That Azure changes them so is inferred.
    func migrated(_ next: Cluster, from old: Cluster) -> Cluster {
        guard next.usesNewKMS, !old.usesNewKMS, next.isKMSOn, let key = KeyID(next.keyID), !key.version.isEmpty,
            faults.holds(.migrationKeepsKeyID, at: .cluster(old.id)) == nil
        else { return next }
        var settled = next
        settled.kms?["keyId"] = .string(key.plain)
        if next.vaultID == nil, let index = world.vaultIndex(host: key.host) {
            settled.kms?["keyVaultResourceId"] = .string(world.vaults[index].id.description)
        }
        return settled
    }

    /// The platform's key, or the customer's at the version that the controller knows.
    func newProfile(for cluster: Cluster) -> KMSProfile {
        let former = faults.holds(.newKMSTwoKeys, at: .cluster(cluster.id)) != nil ? 1 : Int.max
        guard cluster.isKMSOn else {
            planes[cluster.id, default: ControlPlane()].noticedKey = nil
            return KMSProfile(
                enabled: true, keyID: plane(cluster.id).controller.platformKeyID, networkPath: .publicEndpoint,
                plugin: .plus,
                formerKeys: former)
        }
        return KMSProfile(
            enabled: true, keyID: versionInUse(cluster),
            networkPath: cluster.networkAccess == .privateEndpoint ? .trustedServices : .publicEndpoint,
            plugin: faults.holds(.migrationKeepsStoredForm, at: .cluster(cluster.id)) != nil ? .legacy : .plus,
            formerKeys: former)
    }

    /// API servers go on with a version until the controller knows of a newer one. An id that has a version stays at
    /// it; one whose key is not to be had stays without, and the plugin fails with it.
    private func versionInUse(_ cluster: Cluster) -> String {
        guard let key = KeyID(cluster.keyID), key.version.isEmpty else { return cluster.keyID }
        if let noticedKey = plane(cluster.id).noticedKey, KeyID(noticedKey)?.plain == key.plain { return noticedKey }
        guard let newest = newestVersion(of: key) else { return cluster.keyID }
        planes[cluster.id, default: ControlPlane()].noticedKey = newest
        return newest
    }

    /// The newest version of a key that is enabled, as `https://HOST/keys/NAME/VERSION`.
    func newestVersion(of key: KeyID) -> String? {
        guard let index = world.vaultIndex(host: key.host), let found = world.vaults[index].key(key.name),
            !found.isDeleted,
            let newest = found.versions.last(where: {
                $0.isEnabled || faults.holds(.newestThoughDisabled, at: .vault(world.vaults[index])) != nil
            })
        else { return nil }
        return "\(key.plain)/\(newest.version)"
    }

    /// Whether a vault lets Azure's own services in: everybody gets in, or its rules name them. Key Vault's 403 says
    /// "bypass is not set to 'AzureServices'" of a vault that was never told. A perimeter's rules come before the
    /// firewall's (inferred).
    func letsServicesIn(_ vault: Vault) -> Bool {
        if vault.publicNetworkAccess == "SecuredByPerimeter" {
            return vault.namesTrustedServices && faults.holds(.perimeterAdmitsServices, at: .vault(vault)) != nil
        }
        return vault.isOpenToAll || vault.namesTrustedServices
    }
}
