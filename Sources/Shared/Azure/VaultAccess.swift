/// A vault's `publicNetworkAccess`.
package enum VaultAccess: String, Sendable, Codable, Hashable, CaseIterable {
    case enabled = "Enabled"
    case disabled = "Disabled"
    /// A network security perimeter rules; this project never overwrites it.
    case securedByPerimeter = "SecuredByPerimeter"
}
