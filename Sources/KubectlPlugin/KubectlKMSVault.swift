import ArgumentParser

/// `kubectl kms-vault`: switches the network mode of the key vault behind an AKS cluster's KMS etcd encryption.
@main
struct KubectlKMSVault: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubectl kms-vault",
        abstract: "Switch an AKS cluster's KMS key vault between public and private.")
}
