import ArgumentParser
import Commands
import SecretRewrite
import Usage

enum DryRunMode: String, ExpressibleByArgument {
    case none
    case server
}

struct RewriteSecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .rewriteSecrets, usage: "kubectl kms-vault rewrite-secrets [flags]",
        discussion: """
            Examples:
              kubectl kms-vault rewrite-secrets
              kubectl kms-vault rewrite-secrets -n team-a --dry-run server
            """)

    @Option(.namespace) var namespace: [String] = []
    @Option(.passDryRun) var dryRun = DryRunMode.none
    @OptionGroup var engine: EngineOptions
    @Option(.resources) var resources: [String] = []
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        let isOfEngine = engine.engine == RewriteEngine.svm.rawValue
        if isOfEngine, !namespace.isEmpty {
            throw ValidationError("--engine svm rewrites all Secrets: it does not go with --namespace")
        }
        if isOfEngine, dryRun == .server { throw ValidationError("--engine svm does not go with --dry-run server") }
        _ = try cluster.given(add)
    }

    func run() async throws {
        try await cluster.end(
            with: .rewriteSecrets(namespaces: namespace.isEmpty ? nil : namespace, dryRun: dryRun == .server),
            adding: add)
    }

    private func add(to given: inout GivenOptions) {
        engine.add(to: &given)
        given.resources = resources
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .verify, usage: "kubectl kms-vault verify [flags]",
        discussion: """
            Examples:
              kubectl kms-vault verify
              kubectl kms-vault verify --patch -o json
            """)

    @Flag(.patch) var patch = false
    @OptionGroup(visibility: .hidden) var accept: AcceptOptions
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var look: LookOptions

    func validate() throws {
        let given = try look.given(accept)
        _ = try fleet.request(.verify(patch: patch), given, look.connection)
    }

    func run() async throws {
        try await look.end(with: .verify(patch: patch), accept, on: fleet)
    }
}
