package import Azure
import Text

/// The lines of a cluster's and a vault's definition that must change with the mode.
///
/// The next apply of an unchanged definition reverts the mode: `key_vault_network_access` defaults to Public, and
/// a removed block turns KMS off (hashicorp/terraform-provider-azurerm, `key_management_service`).
package struct InfrastructureAsCode: Sendable, Hashable, Codable {
    /// For `azurerm_kubernetes_cluster` and `azurerm_key_vault`.
    package let terraform: String
    /// For `Microsoft.ContainerService/managedClusters` and `Microsoft.KeyVault/vaults`.
    package let bicep: String

    /// The lines for a cluster that has this key in this mode. `vaultResourceID` counts for Private only: for Public
    /// ARM wants it empty.
    ///
    /// - Parameter vaultIsOpen: nil leaves the vault's line out, where it is not known or a perimeter rules the vault.
    package init(mode: NetworkMode, keyID: String, vaultResourceID: String, vaultIsOpen: Bool?) {
        let cluster = """
            # azurerm_kubernetes_cluster
            key_management_service {
              key_vault_key_id         = \(Self.terraformString(keyID))
              key_vault_network_access = "\(mode.rawValue)"
            }
            """
        let properties = """
            // Microsoft.ContainerService/managedClusters, under properties
            securityProfile: {
              azureKeyVaultKms: {
                enabled: true
                keyId: \(Self.bicepString(keyID))
                keyVaultNetworkAccess: '\(mode.rawValue)'
                keyVaultResourceId: \(Self.bicepString(mode == .privateAccess ? vaultResourceID : ""))
              }
            }
            """
        guard let vaultIsOpen else {
            terraform = cluster
            bicep = properties
            return
        }
        terraform = cluster + "\n\n# azurerm_key_vault\npublic_network_access_enabled = \(vaultIsOpen)"
        bicep =
            properties + "\n\n// Microsoft.KeyVault/vaults, under properties\npublicNetworkAccess: "
            + "'\(vaultIsOpen ? "Enabled" : "Disabled")'"
    }

    /// A quoted template of Terraform's language, in which `${` and `%{` would begin an expression.
    private static func terraformString(_ text: String) -> String {
        var literal = ""
        var previous: Character?
        for character in text.printable(limit: .max) {
            switch character {
            case "\"", "\\": literal += "\\\(character)"
            case "{" where previous == "$" || previous == "%": literal += "\(previous ?? " "){"
            default: literal.append(character)
            }
            previous = character
        }
        return "\"\(literal)\""
    }

    private static func bicepString(_ text: String) -> String {
        var literal = ""
        var previous: Character?
        for character in text.printable(limit: .max) {
            switch character {
            case "'", "\\": literal += "\\\(character)"
            case "{" where previous == "$":
                literal.removeLast()
                literal += "\\${"
            default: literal.append(character)
            }
            previous = character
        }
        return "'\(literal)'"
    }
}
