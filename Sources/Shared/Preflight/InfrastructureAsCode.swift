package import Azure
import Text

/// The lines of a cluster's and a vault's definition that must change with the mode.
///
/// The next apply of an unchanged definition reverts the mode: `key_vault_network_access` defaults to Public, and
/// a removed block turns KMS off (hashicorp/terraform-provider-azurerm, `key_management_service`).
package struct InfrastructureAsCode: Sendable, Hashable {
    package let mode: NetworkMode
    package let keyID: String
    /// Counts for Private only: for Public ARM wants it empty.
    package let vaultResourceID: String
    /// Nil leaves the vault's lines out, where it is not known or a perimeter rules the vault.
    package let vaultIsOpen: Bool?

    package init(mode: NetworkMode, keyID: String, vaultResourceID: String, vaultIsOpen: Bool?) {
        self.mode = mode
        self.keyID = keyID
        self.vaultResourceID = vaultResourceID
        self.vaultIsOpen = vaultIsOpen
    }

    /// The lines by language, as reports name them.
    package var byLanguage: [String: String] {
        [
            "terraform": terraform, "bicep": bicep, "arm": arm, "pulumi": pulumi, "clusterAPI": clusterAPI,
            "azureServiceOperator": serviceOperator,
        ]
    }

    private var isPrivate: Bool { mode == .privateAccess }

    private func joined(_ cluster: String, vault: (Bool) -> String) -> String {
        vaultIsOpen.map { cluster + "\n\n" + vault($0) } ?? cluster
    }

    /// For `azurerm_kubernetes_cluster` and `azurerm_key_vault`.
    package var terraform: String {
        joined(
            """
            # azurerm_kubernetes_cluster
            key_management_service {
              key_vault_key_id         = \(Self.terraformString(keyID))
              key_vault_network_access = "\(mode.rawValue)"
            }
            """
        ) { "# azurerm_key_vault\npublic_network_access_enabled = \($0)" }
    }

    /// For `Microsoft.ContainerService/managedClusters` and `Microsoft.KeyVault/vaults`.
    package var bicep: String {
        joined(
            """
            // Microsoft.ContainerService/managedClusters, under properties
            securityProfile: {
              azureKeyVaultKms: {
                enabled: true
                keyId: \(Self.bicepString(keyID))
                keyVaultNetworkAccess: '\(mode.rawValue)'
                keyVaultResourceId: \(Self.bicepString(isPrivate ? vaultResourceID : ""))
              }
            }
            """
        ) {
            "// Microsoft.KeyVault/vaults, under properties\npublicNetworkAccess: '\($0 ? "Enabled" : "Disabled")'"
        }
    }

    /// Members of an ARM template's `properties`; JSON's only comments are those that ARM allows.
    package var arm: String {
        joined(
            """
            // Microsoft.ContainerService/managedClusters, under properties
            "securityProfile": {
              "azureKeyVaultKms": {
                "enabled": true,
                "keyId": \(Self.armString(keyID)),
                "keyVaultNetworkAccess": "\(mode.rawValue)",
                "keyVaultResourceId": \(Self.armString(isPrivate ? vaultResourceID : ""))
              }
            }
            """
        ) {
            """
            // Microsoft.KeyVault/vaults, under properties
            "publicNetworkAccess": "\($0 ? "Enabled" : "Disabled")"
            """
        }
    }

    /// For `azure-native:containerservice:ManagedCluster` and `azure-native:keyvault:Vault` in Pulumi's YAML; programs
    /// have the same members.
    package var pulumi: String {
        joined(
            """
            # azure-native:containerservice:ManagedCluster, under properties
            securityProfile:
              azureKeyVaultKms:
                enabled: true
                keyId: \(Self.pulumiString(keyID))
                keyVaultNetworkAccess: \(mode.rawValue)
                keyVaultResourceId: \(Self.pulumiString(isPrivate ? vaultResourceID : ""))
            """
        ) {
            """
            # azure-native:keyvault:Vault, under properties
            properties:
              publicNetworkAccess: \($0 ? "Enabled" : "Disabled")
            """
        }
    }

    /// For an `AzureManagedControlPlane` (kubernetes-sigs/cluster-api-provider-azure, api/v1beta1,
    /// `ManagedClusterSecurityProfile`), which has no vaults.
    package var clusterAPI: String {
        let lines = """
            # AzureManagedControlPlane, under spec
            securityProfile:
              azureKeyVaultKms:
                enabled: true
                keyID: \(Self.yamlString(keyID))
                keyVaultNetworkAccess: \(mode.rawValue)
            """
        return isPrivate ? lines + "\n    keyVaultResourceID: \(Self.yamlString(vaultResourceID))" : lines
    }

    /// For a `ManagedCluster` of containerservice.azure.com and a `Vault` of keyvault.azure.com
    /// (Azure/azure-service-operator, `AzureKeyVaultKms`).
    package var serviceOperator: String {
        var lines = """
            # ManagedCluster of containerservice.azure.com, under spec
            securityProfile:
              azureKeyVaultKms:
                enabled: true
                keyId: \(Self.yamlString(keyID))
                keyVaultNetworkAccess: \(mode.rawValue)
            """
        if isPrivate {
            lines += "\n    keyVaultResourceReference:\n      armId: \(Self.yamlString(vaultResourceID))"
        }
        return joined(lines) {
            """
            # Vault of keyvault.azure.com, under spec
            properties:
              publicNetworkAccess: \($0 ? "Enabled" : "Disabled")
            """
        }
    }

    /// A double-quoted scalar of YAML, in which JSON's escapes mean the same (YAML 1.2, 1.3 and 7.3.1).
    private static func yamlString(_ text: String) -> String {
        let escaped = text.printable(limit: .max).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    /// YAML in which `${` would begin an expression.
    private static func pulumiString(_ text: String) -> String { yamlString(text).replacing("${", with: "$${") }

    /// A string of JSON; one that begins with `[` would be an expression of the template.
    private static func armString(_ text: String) -> String {
        yamlString(text.hasPrefix("[") ? "[" + text : text)
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
