package import Azure

/// `securityProfile.azureKeyVaultKms` of a managedCluster, as far as decisions need it.
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

    /// Whether an API server under this profile stores Secrets in the way that `other` does and over the same path.
    ///
    /// The vault's id is not compared: ARM shows it or not for Public (MicrosoftDocs, use-kms-etcd-encryption).
    package func means(_ other: KMSProfile) -> Bool {
        if !enabled && !other.enabled { return true }
        return enabled == other.enabled && mode == other.mode && keyID.lowercased() == other.keyID.lowercased()
    }
}
