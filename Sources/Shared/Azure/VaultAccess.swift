/// A vault's `publicNetworkAccess`.
package enum VaultAccess: String, Sendable, Codable, Hashable, CaseIterable {
    case enabled = "Enabled"
    case disabled = "Disabled"
    /// A network security perimeter rules; this project never overwrites it.
    case securedByPerimeter = "SecuredByPerimeter"
}

/// One thing that is set of a vault's network. The raw values of the first two are those of `publicNetworkAccess`, as
/// records of runs have them.
package enum VaultSetting: String, Sendable, Codable, Hashable, CaseIterable {
    /// `publicNetworkAccess` Enabled.
    case open = "Enabled"
    /// `publicNetworkAccess` Disabled.
    case closed = "Disabled"
    /// `networkAcls.bypass` AzureServices, set explicitly, and the default action as it is.
    case trustServices = "bypass AzureServices"
    /// `networkAcls.defaultAction` Deny, with the same bypass.
    case denyNetworks = "defaultAction Deny"
    /// `networkAcls.defaultAction` Allow, with the same bypass.
    case allowNetworks = "defaultAction Allow"

    /// The access that it sets; nil for one of the firewall's rules.
    package var access: VaultAccess? {
        switch self {
        case .open: .enabled
        case .closed: .disabled
        case .trustServices, .denyNetworks, .allowNetworks: nil
        }
    }

    /// Whether it turns somebody away.
    package var narrows: Bool { self == .closed || self == .denyNetworks }
}

/// Whether trusted services of Azure pass a vault's firewall.
package enum ServiceTrust: String, Sendable, Codable, Hashable {
    /// `networkAcls.bypass` is shown as AzureServices.
    case explicit
    /// No rules are shown. Key Vault asks for an explicit bypass where the public network is disabled (its 403: "bypass
    /// is not set to 'AzureServices'").
    case byDefault
    case none
}
