import Azure
package import ModeSwitch
import Text

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
        vault = intent.vaultID.name
        vaultID = intent.vaultID.description
        vaultSubscription = intent.vaultID.subscription
        vaultResourceGroup = intent.vaultID.resourceGroup
        keyID = intent.keyID.description
        keyName = intent.keyID.name
    }

    /// The cluster for people, such as `prod in rg-prod`.
    package var shownCluster: String { "\(cluster.printable()) in \(resourceGroup.printable())" }

    /// The vault for people.
    package var shownVault: String { vault.printable() }
}

/// The commands that an error or a plan tells to run next, whole and with every value quoted.
extension Names {
    /// A command of this tool for this cluster; `flags` are literals.
    package func tool(_ command: StaticString, _ flags: String...) -> String {
        let words = "kubectl kms-vault \(command)"
        return ([words] + place("-g", "--name") + flags).joined(separator: " ")
    }

    /// The command that lists clusters, which takes no cluster's name.
    var list: String { "kubectl kms-vault list --subscription \(ShellCommand.quoted(subscription))" }

    func aks(_ command: StaticString, _ flags: String...) -> String {
        (["az aks \(command)"] + place("-g", "-n") + flags).joined(separator: " ")
    }

    func keyVault(_ command: StaticString, _ flags: String...) -> String {
        let words = [
            "az keyvault \(command)", "--subscription \(ShellCommand.quoted(vaultSubscription))",
            "-g \(ShellCommand.quoted(vaultResourceGroup))", "-n \(ShellCommand.quoted(vault))",
        ]
        return (words + flags).joined(separator: " ")
    }

    private func place(_ group: String, _ name: String) -> [String] {
        [
            "--subscription \(ShellCommand.quoted(subscription))", "\(group) \(ShellCommand.quoted(resourceGroup))",
            "\(name) \(ShellCommand.quoted(cluster))",
        ]
    }
}
