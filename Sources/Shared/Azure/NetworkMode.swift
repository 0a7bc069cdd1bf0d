/// How an API server reaches the key vault: ARM's `keyVaultNetworkAccess`.
package enum NetworkMode: String, Sendable, Codable, Hashable, CaseIterable {
    case publicAccess = "Public"
    case privateAccess = "Private"

    /// The vault's access that belongs to the mode.
    package var vaultAccess: VaultAccess { self == .publicAccess ? .enabled : .disabled }
}
