import ClusterModel
import Foundation

extension StandIn {
    /// The refusals of the AKS resource provider that concern KMS (facts: the threads named in docs/sandbox.md).
    func validate(_ next: Cluster, from old: Cluster, given body: JSON, by version: String) throws {
        let sent = body[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
        if Self.choosesByKey(version), sent?["enabled"]?.bool != true, sent?["keyId"]?.string?.isEmpty == false,
            faults.holds(.offMayHaveKeyID, at: .cluster(old.id)) == nil
        {
            // "must be omitted when the service is disabled" (azure-rest-api-specs); the wording is ours.
            throw Self.badRequest("The key vault key ID must be omitted when Azure Key Vault KMS is disabled.")
        }
        try refuseLegacy(next, from: old, by: version)
        if next.usesNewKMS { return try validateNew(next, from: old) }
        guard next.isKMSOn, next.kms != old.kms || !old.isKMSOn else { return }
        let kms = next.kms ?? [:]
        guard let key = KeyID(next.keyID), !key.version.isEmpty else {
            throw Self.badRequest("The key vault key ID '\(next.keyID)' is invalid for Azure Key Vault KMS.")
        }
        guard let access = kms["keyVaultNetworkAccess"]?.string, !access.isEmpty else {
            throw Self.badRequest("KeyVault network access is unspecified for Azure Key Vault KMS.")
        }
        guard let path = NetworkPath(mode: access) else {
            throw AzureError.aks(
                400, "InvalidParameter", "The value of parameter keyVaultNetworkAccess is invalid.",
                target: "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess")
        }
        guard next.identityObjectID != nil else {
            throw Self.badRequest("Azure Key Vault KMS requires a cluster with a user-assigned identity.")
        }
        let resourceID = kms["keyVaultResourceId"]?.string ?? ""
        switch path {
        case .privateEndpoint: try validatePrivate(next, resourceID: resourceID, key: key)
        case .publicEndpoint, .trustedServices:
            if !resourceID.isEmpty, old.kms?["keyVaultResourceId"]?.string != resourceID {
                throw Self.badRequest("KeyVault resource ID should be empty when KeyVault network access is Public.")
            }
        }
        try refuseModeChange(old, next)
        if path == .publicEndpoint { try checkIdentity(next, key: key) }
    }

    static func badRequest(_ message: String) -> AzureError { .aks(400, "BadRequest", message) }

    private func validatePrivate(_ next: Cluster, resourceID: String, key: KeyID) throws {
        guard !resourceID.isEmpty else {
            throw Self.badRequest("KeyVault resource ID is empty when KeyVault network access is Private.")
        }
        guard next.isVNetIntegrated else {
            throw Self.badRequest("Vnet integration should be enabled when KeyVault network access is Private.")
        }
        guard let id = ResourceID(resourceID), id.type.lowercased() == "microsoft.keyvault/vaults" else {
            throw Self.badRequest("KeyVault resource ID '\(resourceID)' is invalid.")
        }
        guard let index = world.vaultIndex(id) else {
            throw Self.badRequest("KeyVault '\(resourceID)' was not found.")
        }
        guard world.vaults[index].host == key.host else {
            throw Self.badRequest("KeyVault resource ID '\(resourceID)' does not match the key ID '\(next.keyID)'.")
        }
    }

    /// "To change the mode of an attached key vault, you must first turn off KMS."
    func refuseModeChange(_ old: Cluster, _ next: Cluster) throws {
        guard old.isKMSOn, KeyID(old.keyID)?.host == KeyID(next.keyID)?.host,
            old.networkAccess != next.networkAccess
        else { return }
        throw Self.badRequest(
            "Changing KeyVault network access from \(old.networkAccess?.rawValue ?? "") to "
                + "\(next.networkAccess?.rawValue ?? "") is not allowed when Azure Key Vault KMS is enabled. Disable it first."
        )
    }

    /// The provider tries the key over the public endpoint, in the identity's name.
    private func checkIdentity(_ next: Cluster, key: KeyID) throws {
        let lags = faults.take(.permissionCheckLags, at: .cluster(next.id)) != nil
        var reachable = false
        if let index = world.vaultIndex(host: key.host) {
            let vault = world.vaults[index]
            reachable =
                vault.publicNetworkAccess == "Enabled" && !vault.deniesByFirewall
                && mayUseKey(next, key, in: vault) && refusal(of: key, in: vault) == nil
        }
        guard reachable, !lags else {
            throw AzureError.aks(
                400, "AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
                "The identity does not have keys encrypt/decrypt permission on key vault \"https://\(key.host)\"")
        }
    }

    /// Whether a cluster's identity may encrypt and decrypt with a key, by a role at the key, the vault or above.
    func mayUseKey(_ cluster: Cluster, _ key: KeyID, in vault: Vault) -> Bool {
        let place = Place(cluster: cluster.id.name, vault: vault.id.name)
        guard let objectID = cluster.identityObjectID, faults.holds(.identityLostPermission, at: place) == nil else {
            return false
        }
        if vault.usesRoles {
            return ["encrypt", "decrypt"].allSatisfy { verb in
                world.mayData(
                    objectID, "Microsoft.KeyVault/vaults/keys/\(verb)/action", at: "\(vault.id)/keys/\(key.name)")
            }
        }
        let permissions = vault.keyPermissions(of: world.identities(of: objectID))
        return permissions.contains("all") || permissions.isSuperset(of: ["encrypt", "decrypt"])
    }

    func mayApprove(_ cluster: Cluster, vault: Vault) -> Bool {
        let place = Place(cluster: cluster.id.name, vault: vault.id.name)
        guard let objectID = cluster.identityObjectID, faults.holds(.privateEndpointDenied, at: place) == nil else {
            return false
        }
        return world.may(
            objectID, "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action",
            at: vault.id.description)
    }

    /// Why a key cannot be used just now, as Key Vault says it.
    func refusal(of key: KeyID, in vault: Vault, to use: KeyUsage = .encrypt) -> VaultRefusal? {
        guard let found = vault.key(key.name), !found.isDeleted, faults.holds(.keyDeleted, at: .vault(vault)) == nil
        else {
            return VaultRefusal(
                code: "KeyNotFound",
                message: "A key with (name/id) \(key.name)/\(key.version) was not found in this key vault.")
        }
        guard
            let version = key.version.isEmpty
                ? found.versions.last : found.versions.first(where: { $0.version == key.version })
        else {
            return VaultRefusal(
                code: "KeyNotFound",
                message: "A key with (name/id) \(key.name)/\(key.version) was not found in this key vault.")
        }
        guard version.isEnabled, faults.holds(.keyDisabled, at: .vault(vault)) == nil else {
            return VaultRefusal(
                code: "KeyDisabled", message: "Operation \(use.rawValue) is not allowed on a disabled key.")
        }
        if use == .decrypt { return nil }
        let now = Int(configuration.now().timeIntervalSince1970)
        if faults.holds(.keyExpired, at: .vault(vault)) != nil || version.expires.map({ $0 <= now }) ?? false {
            return VaultRefusal(code: "KeyExpired", message: "Operation encrypt isn't allowed on an expired key.")
        }
        if let start = version.notBefore, start > now {
            return VaultRefusal(
                code: "KeyNotYetValid", message: "Operation encrypt is not allowed on a key that is not yet valid.")
        }
        return nil
    }
}
