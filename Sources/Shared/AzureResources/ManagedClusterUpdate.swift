package import Azure
package import JSON

/// What an update sets in `securityProfile`.
package enum KMSSetting: Sendable, Hashable {
    /// Turns KMS off.
    case off
    /// Turns KMS on over the vault's public endpoint.
    case onPublic(key: KeyIdentifier)
    /// Turns KMS on over a private endpoint, for which AKS needs the vault's id.
    case onPrivate(key: KeyIdentifier, vault: AzureResourceID)
    /// The new KMS experience, with Azure's own key.
    case platformManaged
    /// The new KMS experience, with a key of a vault; without a version, and with the vault's id in both modes.
    case customerManaged(key: KeyIdentifier, NetworkMode, vault: AzureResourceID)

    /// Whether it is of the new KMS experience, from which there is no way back.
    var isNew: Bool {
        switch self {
        case .off, .onPublic, .onPrivate: false
        case .platformManaged, .customerManaged: true
        }
    }
}

extension ManagedCluster {
    /// The body of a PUT that changes the KMS profile and nothing else, for the API version by which the cluster was
    /// read.
    ///
    /// It is the document that was read, without the members that Azure marks as read-only. Members that are not known
    /// here stay, so nothing is turned off by an update that did not know it.
    ///
    /// Throws what `refuse` throws, and `.unreadableAnswer` for a cluster whose document has no place for a profile.
    ///
    /// - Parameter hadLegacyKMS: whether the run that asks for it saw the legacy KMS on, and turned it off. An API
    ///   version that hides the new experience no longer tells it then.
    package func updateBody(
        settingKMS setting: KMSSetting, hadLegacyKMS: Bool = false
    ) throws(ARMError) -> JSONValue {
        try refuse(setting, hadLegacyKMS)
        var body = document.withoutReadOnlyMembers
        var properties = body["properties"] ?? .object([:])
        var security = properties["securityProfile"] ?? .object([:])
        // Set within anything but an object, the profile would be missing in what is sent.
        guard security.object != nil else {
            throw ARMError(
                kind: .unreadableAnswer("the cluster's securityProfile is not an object"), action: "PUT \(id.name)")
        }
        if setting.isNew {
            security["kubernetesResourceObjectEncryptionProfile"] = .object([
                "infrastructureEncryption": .string("Enabled")
            ])
        }
        if let member = kmsMember(setting) { security["azureKeyVaultKms"] = member }
        properties["securityProfile"] = security
        body["properties"] = properties
        return body
    }

    /// The one place that every update of KMS passes. Throws `.newKMSExperience` for a cluster from which there is no
    /// way back to the KMS that this would set, and `.unknownKMS` for one that may be such a cluster.
    private func refuse(_ setting: KMSSetting, _ hadLegacyKMS: Bool) throws(ARMError) {
        let action = "PUT \(id.name)"
        guard !encryption.isNewExperience || setting.isNew else {
            throw ARMError(kind: .newKMSExperience(encryption.state), action: action)
        }
        switch (encryption.state, encryption.doubt) {
        case (.unknown, .hidden?) where hadLegacyKMS && !setting.isNew: break
        case (.unknown, _): throw ARMError(kind: .unknownKMS(encryption.why ?? ""), action: action)
        default: break
        }
        if setting.isNew, !ClusterAPIVersion.showsPlatformEncryption(apiVersion) {
            throw ARMError(
                kind: .unknownKMS(
                    "API version \(apiVersion), the newest stable one of this cloud, has no new KMS experience"),
                action: action)
        }
        // Since 2026-07-01 a key id without a version moves the cluster to the new experience, for good.
        switch setting {
        case .onPublic(let key) where key.version == nil, .onPrivate(let key, _) where key.version == nil:
            throw ARMError(kind: .unknownKMS("the key id \(key) has no version"), action: action)
        default: break
        }
    }

    /// Nil where the member stays as it is: a cluster that never had a key of a vault has none afterwards.
    ///
    /// The bodies of the new experience are those that aks-preview builds (managed_cluster_decorator.py,
    /// update_kms_pmk_cmk), whose live tests saw them accepted.
    private func kmsMember(_ setting: KMSSetting) -> JSONValue? {
        var profile = kmsDocument ?? .object([:])
        switch setting {
        case .off:
            // Since 2026-07-01 the key id "must be omitted when the service is disabled"; az keeps it, as older
            // versions were seen to accept.
            if ClusterAPIVersion.showsPlatformEncryption(apiVersion) { return .object(["enabled": .bool(false)]) }
            profile["enabled"] = .bool(false)
        case .onPublic(let key):
            profile["enabled"] = .bool(true)
            profile["keyId"] = .string(key.description)
            profile["keyVaultNetworkAccess"] = .string(NetworkMode.publicAccess.rawValue)
            profile["keyVaultResourceId"] = .string("")
        case .onPrivate(let key, let vault):
            profile["enabled"] = .bool(true)
            profile["keyId"] = .string(key.description)
            profile["keyVaultNetworkAccess"] = .string(NetworkMode.privateAccess.rawValue)
            profile["keyVaultResourceId"] = .string(vault.description)
        case .platformManaged:
            return kmsDocument == nil ? nil : .object(["enabled": .bool(false)])
        case .customerManaged(let key, let mode, let vault):
            return .object([
                "enabled": .bool(true), "keyId": .string(key.versionless.description),
                "keyVaultNetworkAccess": .string(mode.rawValue), "keyVaultResourceId": .string(vault.description),
            ])
        }
        return profile
    }

    /// Whether nothing was changed since an earlier look: the same eTag or, where Azure gives none, the same document.
    package func isUnchanged(since earlier: ManagedCluster) -> Bool {
        guard resourceUID == earlier.resourceUID else { return false }
        if let eTag, let before = earlier.eTag { return eTag == before }
        return document == earlier.document
    }
}
