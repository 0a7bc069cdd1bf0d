/// `securityProfile.azureKeyVaultKms` of a managedCluster as one decides on it, with every member known.
package struct KMSProfile: Sendable, Codable, Hashable {
    package var enabled: Bool
    /// The key's identifier; versioned in the experience that this project drives. Empty when ARM shows none.
    package var keyID: String
    package var mode: NetworkMode
    /// The vault's ARM id; ARM needs it for Private and takes "" for Public.
    package var vaultID: String

    package init(enabled: Bool, keyID: String, mode: NetworkMode, vaultID: String) {
        self.enabled = enabled
        self.keyID = keyID
        self.mode = mode
        self.vaultID = vaultID
    }

    /// The profile of a cluster that never had one.
    package static let none = KMSProfile(enabled: false, keyID: "", mode: .publicAccess, vaultID: "")

    /// Whether it names a key; ids compare without case.
    package func names(_ key: KeyIdentifier) -> Bool { keyID.lowercased() == key.description.lowercased() }

    /// Whether an API server under this profile stores Secrets in the way that `other` does and over the same path.
    ///
    /// The vault's id is not compared: ARM shows it or not for Public (MicrosoftDocs, use-kms-etcd-encryption).
    package func means(_ other: KMSProfile) -> Bool {
        if !enabled && !other.enabled { return true }
        return enabled == other.enabled && mode == other.mode && keyID.lowercased() == other.keyID.lowercased()
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
    package init(_ shown: ShownKMSProfile) {
        self.init(
            enabled: shown.enabled, keyID: shown.keyID, mode: shown.mode ?? .publicAccess, vaultID: shown.vaultID)
    }
}
