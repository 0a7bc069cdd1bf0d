import ArgumentParser
import Live

enum DryRunMode: String, ExpressibleByArgument {
    case none
    case server
}

struct RewriteSecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite-secrets", abstract: "Rewrite every Secret with the cluster's present encryption.",
        usage: "kubectl kms-vault rewrite-secrets [flags]",
        discussion: """
            Examples:
              kubectl kms-vault rewrite-secrets
              kubectl kms-vault rewrite-secrets -n team-a --dry-run server
            """)

    @Option(name: .shortAndLong, help: "Only this namespace; may be repeated.") var namespace: [String] = []
    @Option(help: "none, or server: run admission only, write nothing.") var dryRun = DryRunMode.none
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await cluster.end(
            with: .rewriteSecrets(namespaces: namespace.isEmpty ? nil : namespace, dryRun: dryRun == .server))
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Gather evidence that Secrets are encrypted and readable; only reads.",
        usage: "kubectl kms-vault verify [flags]",
        discussion: """
            Examples:
              kubectl kms-vault verify
              kubectl kms-vault verify --patch -o json
            """)

    @Flag(help: "Also run the verifying pass over all Secrets, under the lock.") var patch = false
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await cluster.end(with: .verify(patch: patch))
    }
}
