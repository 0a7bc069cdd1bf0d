package import ModeSwitch
import Text

/// The names that a person and a command need, taken from ARM ids; each is as the id has it, so it may be hostile.
package struct Names: Sendable, Hashable {
    package let subscription: String
    package let resourceGroup: String
    package let cluster: String
    package let clusterID: String
    package let vault: String
    package let vaultID: String
    package let vaultSubscription: String
    package let vaultResourceGroup: String
    package let keyID: String

    package init(_ intent: Intent) {
        clusterID = intent.clusterID
        subscription = member("subscriptions", of: intent.clusterID)
        resourceGroup = member("resourceGroups", of: intent.clusterID)
        cluster = member("managedClusters", of: intent.clusterID)
        vaultID = intent.vaultID
        vault = member("vaults", of: intent.vaultID)
        vaultSubscription = member("subscriptions", of: intent.vaultID)
        vaultResourceGroup = member("resourceGroups", of: intent.vaultID)
        keyID = intent.keyID
    }

    /// The cluster for people, such as `prod in rg-prod`.
    package var shownCluster: String {
        cluster.isEmpty ? clusterID.printable() : "\(cluster.printable()) in \(resourceGroup.printable())"
    }

    /// The vault for people.
    package var shownVault: String { vault.isEmpty ? vaultID.printable() : vault.printable() }

    /// The key's name, the second part of `https://VAULT/keys/NAME/VERSION`; empty when the id is no such URL.
    var keyName: String {
        let parts = keyID.split(separator: "/")
        return parts.count >= 4 && parts[2] == "keys" ? String(parts[3]) : ""
    }
}

/// What follows a type's name in an ARM id, whose type names have no fixed case; empty when it is not there.
private func member(_ type: String, of id: String) -> String {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard let index = parts.firstIndex(where: { $0.lowercased() == type.lowercased() }), index + 1 < parts.count
    else { return "" }
    return String(parts[index + 1])
}

/// The commands that an error or a plan tells to run next, whole and with every value quoted.
extension Names {
    /// A command of this tool for this cluster; `flags` are literals.
    package func tool(_ command: StaticString, _ flags: String...) -> String {
        let words = "kubectl kms-vault \(command)"
        return ([words] + place("-g", "--name") + flags).joined(separator: " ")
    }

    /// The command that lists clusters, which takes no cluster's name.
    var list: String {
        "kubectl kms-vault list" + (subscription.isEmpty ? "" : " --subscription \(ShellCommand.quoted(subscription))")
    }

    func aks(_ command: StaticString, _ flags: String...) -> String {
        (["az aks \(command)"] + place("-g", "-n") + flags).joined(separator: " ")
    }

    func keyVault(_ command: StaticString, _ flags: String...) -> String {
        var words = ["az keyvault \(command)"]
        if !vaultSubscription.isEmpty { words.append("--subscription \(ShellCommand.quoted(vaultSubscription))") }
        if !vaultResourceGroup.isEmpty { words.append("-g \(ShellCommand.quoted(vaultResourceGroup))") }
        words.append("-n \(ShellCommand.quoted(vault))")
        return (words + flags).joined(separator: " ")
    }

    private func place(_ group: String, _ name: String) -> [String] {
        guard !cluster.isEmpty else { return [] }
        return [
            "--subscription \(ShellCommand.quoted(subscription))", "\(group) \(ShellCommand.quoted(resourceGroup))",
            "\(name) \(ShellCommand.quoted(cluster))",
        ]
    }
}
