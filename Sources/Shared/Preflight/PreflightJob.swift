/// What a preflight is for. The checks of the legacy switch are the whole list; the other jobs leave out those about
/// what they do not touch.
package enum PreflightJob: Sendable, Hashable {
    /// The mode of the legacy KMS.
    case legacySwitch
    /// Another version of the legacy KMS's key.
    case rotation
    /// The mode of a customer's key, a migration, or a new version of the key, on the new KMS experience.
    case newKMS(usesVault: Bool)

    /// Whether a key in a vault is used.
    package var usesVault: Bool { self != .newKMS(usesVault: false) }

    /// Whether a check says something of the job.
    func asks(_ check: String) -> Bool {
        switch self {
        case .legacySwitch: true
        case .rotation: check != "kms-mode-differs"
        case .newKMS(let usesVault):
            !Self.ofLegacy.contains(check) && (usesVault || !Self.ofVault.contains(check))
        }
    }

    /// About KMS going off and on, private endpoints, and versions that the new experience does not name.
    private static let ofLegacy: Set<String> = [
        "kms-enabled", "kms-mode-differs", "kms-new-experience", "strategy", "vnet-integration", "network-rules",
        "kms-v1-limits", "key-versioned", "identity-approves-endpoint", "vault-network-mode", "vault-firewall",
        "private-endpoint-connections", "providers-registered",
    ]

    private static let ofVault: Set<String> = [
        "vault-present", "vault-provisioning-state", "vault-owns-key", "vault-tenant", "vault-purge-protection",
        "key-present", "key-enabled", "key-lifetime", "key-operations", "key-type", "identity-user-assigned",
        "identity-encrypt-decrypt", "identity-rights-settled", "identity-not-denied", "rights-on-vault", "shared-vault",
        "other-consumers", "policy-restrictions",
    ]
}
