/// The states of KMS in which a world can begin.
public enum KMSStart: String, Sendable, CaseIterable {
    /// Legacy, never on.
    case legacyOff = "Off"
    /// Legacy, turned off as az does it: the key's id stays.
    case legacyOffWithKey = "OffWithKey"
    case legacyPublic = "Public"
    case legacyPrivate = "Private"
    /// The newer experience with the platform's key, never another.
    case platform = "PlatformManaged"
    /// The platform's key after a legacy one, whose versioned id stays.
    case platformAfterLegacy = "PlatformManagedAfterLegacy"
    /// The platform's key after a customer's key of the newer experience, whose id without a version stays.
    case platformAfterCustomer = "PlatformManagedAfterCustomer"
    case customerPublic = "CustomerPublic"
    case customerPrivate = "CustomerPrivate"

    var isNew: Bool {
        switch self {
        case .legacyOff, .legacyOffWithKey, .legacyPublic, .legacyPrivate: false
        default: true
        }
    }

    /// Whether the first vault is closed at the start, as whoever made this state has left it.
    public var closesVault: Bool { self == .legacyPrivate || self == .customerPrivate }

    /// `azureKeyVaultKms`, as aks-preview's live tests see it for the newer experience.
    func kms(versioned: String, plain: String, vault: String) -> JSON? {
        switch self {
        case .legacyOff, .platform: nil
        case .legacyOffWithKey, .platformAfterLegacy:
            ["enabled": false, "keyId": .string(versioned), "keyVaultNetworkAccess": "Public"]
        case .legacyPublic: ["enabled": true, "keyId": .string(versioned), "keyVaultNetworkAccess": "Public"]
        case .legacyPrivate:
            [
                "enabled": true, "keyId": .string(versioned), "keyVaultNetworkAccess": "Private",
                "keyVaultResourceId": .string(vault),
            ]
        case .platformAfterCustomer:
            [
                "enabled": false, "keyId": .string(plain), "keyVaultNetworkAccess": "Public",
                "keyVaultResourceId": .string(vault),
            ]
        case .customerPublic, .customerPrivate:
            [
                "enabled": true, "keyId": .string(plain),
                "keyVaultNetworkAccess": self == .customerPublic ? "Public" : "Private",
                "keyVaultResourceId": .string(vault),
            ]
        }
    }
}
