package import Azure
package import JSON

/// What an update sets in `securityProfile.azureKeyVaultKms`.
package enum KMSSetting: Sendable, Hashable {
    /// Turns KMS off.
    case off
    /// Turns KMS on over the vault's public endpoint.
    case onPublic(key: KeyIdentifier)
    /// Turns KMS on over a private endpoint, for which AKS needs the vault's id.
    case onPrivate(key: KeyIdentifier, vault: AzureResourceID)
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
        security["azureKeyVaultKms"] = kmsMember(setting)
        properties["securityProfile"] = security
        body["properties"] = properties
        return body
    }

    /// The one place that every update of KMS passes. Throws `.newKMSExperience` for a cluster from which there is no
    /// way back to the KMS that this would set, and `.unknownKMS` for one that may be such a cluster.
    private func refuse(_ setting: KMSSetting, _ hadLegacyKMS: Bool) throws(ARMError) {
        let action = "PUT \(id.name)"
        guard !encryption.isNewExperience else {
            throw ARMError(kind: .newKMSExperience(encryption.state), action: action)
        }
        switch (encryption.state, encryption.doubt) {
        case (.unknown, .hidden?) where hadLegacyKMS: break
        case (.unknown, _): throw ARMError(kind: .unknownKMS(encryption.why ?? ""), action: action)
        default: break
        }
        // Since 2026-07-01 a key id without a version moves the cluster to the new experience, for good.
        switch setting {
        case .onPublic(let key) where key.version == nil, .onPrivate(let key, _) where key.version == nil:
            throw ARMError(kind: .unknownKMS("the key id \(key) has no version"), action: action)
        default: break
        }
    }

    private func kmsMember(_ setting: KMSSetting) -> JSONValue {
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
