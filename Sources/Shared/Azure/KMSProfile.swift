/// What encrypts the Secrets of a managedCluster as one decides on it, with every member known: of
/// `securityProfile` its `azureKeyVaultKms`, and whether its `kubernetesResourceObjectEncryptionProfile` is on.
package struct KMSProfile: Sendable, Hashable {
    /// Whether a key in a key vault is used.
    package var enabled: Bool
    /// The key's identifier; versioned for the legacy KMS. Empty when ARM shows none.
    package var keyID: String
    package var mode: NetworkMode
    /// The vault's ARM id; ARM needs it for Private and takes "" for Public.
    package var vaultID: String
    /// Whether the cluster is on the new KMS experience, where Azure's own key is used as long as no other is.
    package var isNew: Bool

    package init(enabled: Bool, keyID: String, mode: NetworkMode, vaultID: String, isNew: Bool = false) {
        self.enabled = enabled
        self.keyID = keyID
        self.mode = mode
        self.vaultID = vaultID
        self.isNew = isNew
    }

    /// The profile of a cluster that never had one.
    package static let none = KMSProfile(enabled: false, keyID: "", mode: .publicAccess, vaultID: "")

    /// The profile of the new KMS experience with Azure's own key.
    package static let platformManaged = KMSProfile(
        enabled: false, keyID: "", mode: .publicAccess, vaultID: "", isNew: true)

    /// Whether new Secrets are encrypted.
    package var encrypts: Bool { enabled || isNew }

    /// Whether Azure's own key is used.
    package var isPlatformManaged: Bool { isNew && !enabled }

    /// What tells the key by which Secrets are stored from any other; nil for none. Another plugin serves the new
    /// experience, so a key of a vault is another one there (inferred from AKS' list of components, which names
    /// `kms-plugin-v2-plus` beside the legacy one).
    package var storageKey: String? {
        guard encrypts else { return nil }
        guard isNew else { return keyID.lowercased() }
        guard enabled else { return "platform-managed" }
        // A migration by aks-preview leaves the version in the id, and Azure takes the newest one all the same.
        let key = (try? KeyIdentifier(parsing: keyID))?.versionless.description ?? keyID
        return "new \(key.lowercased())"
    }

    /// In a few words, such as `Private`, `off` or `platform-managed key`.
    package var words: String {
        if isPlatformManaged { return "platform-managed key" }
        guard enabled else { return "off" }
        return isNew ? "customer-managed key, \(mode.rawValue)" : mode.rawValue
    }

    /// Whether it names a key; ids compare without case.
    package func names(_ key: KeyIdentifier) -> Bool { keyID.lowercased() == key.description.lowercased() }

    /// Whether an API server under this profile stores Secrets in the way that `other` does and over the same path.
    ///
    /// The vault's id is not compared: ARM shows it or not for Public (MicrosoftDocs, use-kms-etcd-encryption).
    package func means(_ other: KMSProfile) -> Bool {
        guard isNew == other.isNew else { return false }
        if !enabled && !other.enabled { return true }
        return enabled == other.enabled && mode == other.mode && keyID.lowercased() == other.keyID.lowercased()
    }
}

extension KMSProfile: Codable {
    private enum CodingKeys: String, CodingKey { case enabled, keyID, mode, vaultID, isNew }

    /// Without `isNew`, as older versions wrote it, it is of the legacy KMS.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            enabled: try values.decode(Bool.self, forKey: .enabled),
            keyID: try values.decode(String.self, forKey: .keyID),
            mode: try values.decode(NetworkMode.self, forKey: .mode),
            vaultID: try values.decode(String.self, forKey: .vaultID),
            isNew: try values.decodeIfPresent(Bool.self, forKey: .isNew) ?? false)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(enabled, forKey: .enabled)
        try values.encode(keyID, forKey: .keyID)
        try values.encode(mode, forKey: .mode)
        try values.encode(vaultID, forKey: .vaultID)
        if isNew { try values.encode(true, forKey: .isNew) }
    }
}

/// The same as ARM shows it, where members may be missing or of values that are not known here.
///
/// After KMS was turned off the other members may be kept, empty or gone, so nothing may rest on them then.
package struct ShownKMSProfile: Sendable, Hashable {
    /// Whether KMS is on, or is being turned on: the wish, not the state.
    package var enabled: Bool
    /// Empty when ARM shows none.
    package var keyID: String
    /// Nil when ARM shows none, or one that is not known.
    package var mode: NetworkMode?
    /// The vault's ARM id. It may be there for Public as well; empty when ARM shows none.
    package var vaultID: String

    package init(enabled: Bool, keyID: String = "", mode: NetworkMode? = nil, vaultID: String = "") {
        self.enabled = enabled
        self.keyID = keyID
        self.mode = mode
        self.vaultID = vaultID
    }
}

extension KMSProfile {
    /// What is shown, with Azure's default for a mode that is not.
    package init(_ shown: ShownKMSProfile, isNew: Bool = false) {
        self.init(
            enabled: shown.enabled, keyID: shown.keyID, mode: shown.mode ?? .publicAccess, vaultID: shown.vaultID,
            isNew: isNew)
    }
}
