import Azure
package import ModeSwitch
import Text
package import Usage

/// The names that a person and a command need, taken from ids; each is as the id has it, so it may be hostile.
package struct Names: Sendable, Hashable {
    package let subscription: String
    package let resourceGroup: String
    package let cluster: String
    package let vault: String
    package let vaultID: String
    package let vaultSubscription: String
    package let vaultResourceGroup: String
    package let keyID: String
    package let keyName: String

    package init(_ intent: Intent) {
        subscription = intent.clusterID.subscription
        resourceGroup = intent.clusterID.resourceGroup
        cluster = intent.clusterID.name
        vault = intent.vaultID?.name ?? ""
        vaultID = intent.vaultID?.description ?? ""
        vaultSubscription = intent.vaultID?.subscription ?? ""
        vaultResourceGroup = intent.vaultID?.resourceGroup ?? ""
        keyID = intent.keyID?.description ?? intent.original.keyID
        keyName = intent.keyID?.name ?? (try? KeyIdentifier(parsing: intent.original.keyID))?.name ?? ""
    }

    /// The cluster for people, such as `prod in rg-prod`.
    package var shownCluster: String { "\(cluster.printable()) in \(resourceGroup.printable())" }

    /// The vault for people.
    package var shownVault: String { vault.printable() }
}

/// The commands that an error or a plan tells to run next, whole and with every value quoted.
extension Names {
    /// A command of this tool for this cluster.
    package func tool(_ command: CommandName, _ arguments: ToolCommand.Argument...) -> ShellCommand {
        let place = ToolCommand.Cluster(subscription: subscription, resourceGroup: resourceGroup, name: cluster)
        return .own(command, in: place, arguments)
    }

    /// The command that lists clusters, which takes no cluster's name.
    package var list: ShellCommand { .own(.list, .value(.subscription, subscription)) }

    package func aks(_ command: StaticString) -> ShellCommand {
        "az aks \(literal: command) --subscription \(subscription) -g \(resourceGroup) -n \(cluster)"
    }

    /// What is left of the key that KMS uses, its older versions included.
    package var keyVersions: ShellCommand {
        "az keyvault key list-versions --vault-name \(vault) --name \(keyName) --query \"[].[kid, attributes.enabled]\""
    }

    package func keyVault(_ command: StaticString) -> ShellCommand {
        "az keyvault \(literal: command) --subscription \(vaultSubscription) -g \(vaultResourceGroup) -n \(vault)"
    }
}
