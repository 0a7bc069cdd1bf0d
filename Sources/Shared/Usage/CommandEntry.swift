/// What there is to know of a command before it runs: the plugin's parser, the az extension and docs/commands.md take
/// it from here.
package struct CommandEntry: Sendable, Hashable {
    /// How az offers it.
    package struct Az: Sendable, Hashable {
        package struct Example: Sendable, Hashable {
            package let title: String
            /// After the command's name and its cluster.
            package let arguments: String
        }

        /// After `az aks kms-vault-mode`.
        package let name: String
        /// Whether it changes the cluster: if the shim dies, Secrets may be plaintext.
        package let changes: Bool
        /// What it takes beside the cluster and what every command of az takes.
        package let options: [OptionEntry]
        /// The function in az-extension's _tables.py that makes a table of its result.
        package let table: String
        package let summary: String
        package let details: String?
        package let examples: [Example]
    }

    /// One sentence.
    package let summary: String
    /// Of kubectl's command.
    package let options: [OptionEntry]
    /// Whether it is about one cluster.
    package let takesCluster: Bool
    package let az: Az?

    init(_ summary: String, takesCluster: Bool = true, _ options: [OptionEntry], az: AzForm? = nil) {
        self.summary = summary
        self.takesCluster = takesCluster
        self.options = options
        self.az = az.map {
            Az(
                name: $0.name, changes: $0.changes, options: $0.options, table: $0.table,
                summary: $0.summary ?? summary,
                details: $0.details,
                examples: $0.examples.map { Az.Example(title: $0, arguments: $1) })
        }
    }

    /// What az's help says of the group of its commands.
    package static let azGroup = (
        summary:
            "Switch the key vault behind a cluster's KMS etcd encryption between public and private network access.",
        details: """
        With KMS on, the vault's network mode cannot be changed. These commands turn KMS off, rewrite all Secrets, \
        change the vault, turn KMS on again and rewrite all Secrets, in the order that is safe, and prove the \
        result. If a run is interrupted, resume finishes it, and make-safe goes back to encrypted and readable.
        """
    )

    struct AzForm {
        var name: String
        var changes = false
        var options: [OptionEntry]
        var table: String
        var summary: String?
        var details: String?
        var examples: KeyValuePairs<String, String>
    }
}
