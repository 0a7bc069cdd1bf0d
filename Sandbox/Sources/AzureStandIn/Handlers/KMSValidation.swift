import ClusterModel
import Foundation

extension StandIn {
    /// The refusals of the AKS resource provider that concern KMS (facts: the threads named in docs/sandbox.md).
    func validate(_ next: Cluster, from old: Cluster, given body: JSON, by version: String) throws {
        let sent = body[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
        if Self.choosesByKey(version), sent?["enabled"]?.bool != true, sent?["keyId"]?.string?.isEmpty == false {
            // "must be omitted when the service is disabled" (azure-rest-api-specs); the wording is ours.
            throw Self.badRequest("The key vault key ID must be omitted when Azure Key Vault KMS is disabled.")
        }
        try refuseLegacy(next, from: old, by: version)
        guard next.isKMSOn, next.kms != old.kms || !old.isKMSOn else { return }
        let kms = next.kms ?? [:]
        if next.usesNewKMS { return try validateCustomerKey(next, kms) }
        guard let key = KeyID(next.keyID), !key.version.isEmpty else {
            throw Self.badRequest("The key vault key ID '\(next.keyID)' is invalid for Azure Key Vault KMS.")
        }
        guard let access = kms["keyVaultNetworkAccess"]?.string, !access.isEmpty else {
            throw Self.badRequest("KeyVault network access is unspecified for Azure Key Vault KMS.")
        }
        guard let path = NetworkPath(rawValue: access) else {
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
        case .publicEndpoint:
            if !resourceID.isEmpty, old.kms?["keyVaultResourceId"]?.string != resourceID {
                throw Self.badRequest("KeyVault resource ID should be empty when KeyVault network access is Public.")
            }
        }
        try refuseModeChange(old, next)
        if path == .publicEndpoint { try checkIdentity(next, key: key) }
    }

    /// Counts what only a client sends that knows nothing of the newer experience, and refuses to turn the older one on
    /// there. What Azure answers is not known: "you can't disable the feature" is all that its documentation says.
    private func refuseLegacy(_ next: Cluster, from old: Cluster, by version: String) throws {
        guard old.usesNewKMS || faults.holds(.newKMSExperience) != nil, next.kms != old.kms else { return }
        let turnsOn = next.isKMSOn && KeyID(next.keyID)?.version.isEmpty == false
        let isHidden = MemberModel.managedCluster.shown(next.resource, to: version)[path: Cluster.newKMSPath] == nil
        guard turnsOn || (isHidden && old.isKMSOn && !next.isKMSOn) else { return }
        legacyPutsOnNewExperience += 1
        guard turnsOn else { return }
        throw Self.badRequest(
            "A versioned key ID is not allowed when Kubernetes resource object encryption is enabled.")
    }

    /// A customer's key of the newer experience: the vault is named in both modes, and Private needs the vault's way
    /// for trusted services, no private endpoint and no VNet integration (Azure/AKS#3542; aks-preview's live tests).
    private func validateCustomerKey(_ next: Cluster, _ kms: JSON) throws {
        guard let key = KeyID(next.keyID) else {
            throw Self.badRequest("The key vault key ID '\(next.keyID)' is invalid for Azure Key Vault KMS.")
        }
        guard let access = kms["keyVaultNetworkAccess"]?.string, NetworkPath(rawValue: access) != nil else {
            throw Self.badRequest("KeyVault network access is unspecified for Azure Key Vault KMS.")
        }
        guard let id = ResourceID(kms["keyVaultResourceId"]?.string ?? ""), let index = world.vaultIndex(id) else {
            throw Self.badRequest("KeyVault resource ID is empty or was not found.")
        }
        guard world.vaults[index].host == key.host else {
            throw Self.badRequest("KeyVault resource ID '\(id)' does not match the key ID '\(next.keyID)'.")
        }
        guard next.identityObjectID != nil else {
            throw Self.badRequest("Azure Key Vault KMS requires a cluster with a user-assigned identity.")
        }
    }

    private static func badRequest(_ message: String) -> AzureError { .aks(400, "BadRequest", message) }

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
    private func refuseModeChange(_ old: Cluster, _ next: Cluster) throws {
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
        let lags = faults.take(.permissionCheckLags) != nil
        var reachable = false
        if let index = world.vaultIndex(host: key.host) {
            let vault = world.vaults[index]
            reachable =
                vault.publicNetworkAccess == "Enabled" && !vault.deniesByFirewall
                && mayUseKey(next.identityObjectID, key, in: vault) && refusal(of: key, in: vault) == nil
        }
        guard reachable, !lags else {
            throw AzureError.aks(
                400, "AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
                "The identity does not have keys encrypt/decrypt permission on key vault \"https://\(key.host)\"")
        }
    }

    /// Whether an identity may encrypt and decrypt with a key, by a role at the key, the vault or above.
    func mayUseKey(_ objectID: String?, _ key: KeyID, in vault: Vault) -> Bool {
        guard let objectID, faults.holds(.identityLostPermission) == nil else { return false }
        if vault.usesRoles {
            return ["encrypt", "decrypt"].allSatisfy { verb in
                world.mayData(
                    objectID, "Microsoft.KeyVault/vaults/keys/\(verb)/action", at: "\(vault.id)/keys/\(key.name)")
            }
        }
        let permissions = vault.keyPermissions(of: world.identities(of: objectID))
        return permissions.contains("all") || permissions.isSuperset(of: ["encrypt", "decrypt"])
    }

    func mayApprove(_ objectID: String?, vault: Vault) -> Bool {
        guard let objectID, faults.holds(.privateEndpointDenied) == nil else { return false }
        return world.may(
            objectID, "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action",
            at: vault.id.description)
    }

    /// Why a key cannot be used just now, as Key Vault says it.
    func refusal(of key: KeyID, in vault: Vault, to use: KeyUsage = .encrypt) -> VaultRefusal? {
        guard let found = vault.key(key.name), !found.isDeleted, faults.holds(.keyDeleted) == nil else {
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
        guard version.isEnabled, faults.holds(.keyDisabled) == nil else {
            return VaultRefusal(
                code: "KeyDisabled", message: "Operation \(use.rawValue) is not allowed on a disabled key.")
        }
        if use == .decrypt { return nil }
        let now = Int(configuration.now().timeIntervalSince1970)
        if faults.holds(.keyExpired) != nil || version.expires.map({ $0 <= now }) ?? false {
            return VaultRefusal(code: "KeyExpired", message: "Operation encrypt isn't allowed on an expired key.")
        }
        if let start = version.notBefore, start > now {
            return VaultRefusal(
                code: "KeyNotYetValid", message: "Operation encrypt is not allowed on a key that is not yet valid.")
        }
        return nil
    }
}

extension StandIn: KeyAccess {
    /// The vault as the cluster's KMS plugin meets it, with the network path of the profile that started the plugin.
    public func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        try await keyMaterial(keyID: keyID, over: path, to: .encrypt)
    }

    public func keyMaterial(keyID: String, over path: NetworkPath, to use: KeyUsage) async throws -> [UInt8] {
        // The platform's own key is in no vault of the customer.
        if keyID == Self.platformKeyID { return KeyMaterial.derive(keyID) }
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
        case .privateEndpoint where key.version.isEmpty:
            guard vault.isOpenToTrustedServices else {
                throw VaultRefusal(code: "ForbiddenByConnection", message: Self.bypassMessage)
            }
        case .privateEndpoint:
            let isPending = faults.holds(.privateEndpointPending) != nil
            let isApproved = vault.connections.contains {
                $0.status == "Approved" && $0.cluster == description.clusterID
            }
            guard isApproved, !isPending else {
                throw VaultRefusal(code: "ForbiddenByConnection", message: Self.bypassMessage)
            }
        }
        let identity = world.clusters.first { $0.id == description.clusterID }?.identityObjectID
        guard mayUseKey(identity, key, in: vault) else {
            throw VaultRefusal(
                code: "ForbiddenByRbac", message: "Caller is not authorized to perform action on resource.")
        }
        if let refusal = refusal(of: key, in: vault, to: use) { throw refusal }
        return KeyMaterial.derive(keyID)
    }

    /// The key of a cluster whose key the platform manages.
    static let platformKeyID = "platform-managed"

    private static let bypassMessage =
        "Connection is not an approved private link and caller was ignored because bypass is not set to "
        + "'AzureServices' and PublicNetworkAccess is set to 'Disabled'."

    static let closedMessage =
        "Public network access is disabled and request is not from a trusted service nor via an approved private link."
}
