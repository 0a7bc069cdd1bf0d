import ArgumentParser
import Commands
import Connections
import Run
import Usage

/// The flags that make a command one on many clusters.
struct FleetOptions: ParsableArguments {
    @Option(.allIn) var allIn: String?
    @Option(.query) var query: [String] = []
    @Flag(.allClusters) var allClusters = false
    @Option(.parallel) var parallel = 4
    @Option(.stageBy) var stageBy: String?
    @Option(.pause) var pause = Span(seconds: 0)
    @Flag(.keepGoing) var keepGoing = false
    @Flag(.fleetAdmin) var admin = false

    func validate() throws {
        let named = [allIn != nil, !query.isEmpty, allClusters].count(where: \.self)
        guard named <= 1 else {
            throw ValidationError("--all-in, --query and --all-clusters do not go together")
        }
        if named == 0, stageBy != nil || pause.seconds > 0 || keepGoing || admin || parallel != 4 {
            throw ValidationError(
                "--parallel, --stage-by, --pause, --keep-going and --admin go with --all-in, --query or --all-clusters")
        }
        guard (1...100).contains(parallel) else { throw ValidationError("--parallel takes 1 to 100") }
        if stageBy != nil, allIn != nil {
            throw ValidationError("--stage-by does not go with --all-in: the file names its stages itself")
        }
        _ = try tags()
    }

    private func tags() throws -> [String: String] {
        var tags: [String: String] = [:]
        for pair in query {
            guard let split = pair.firstIndex(of: "="), split != pair.startIndex else {
                throw ValidationError("--query takes TAG=VALUE, not '\(pair)'")
            }
            tags[String(pair[..<split])] = String(pair[pair.index(after: split)...])
        }
        return tags
    }

    private func source() throws -> FleetRequest.Source? {
        if let allIn { return .file(allIn) }
        if allClusters { return .all }
        return query.isEmpty ? nil : .tags(try tags())
    }

    /// The command on many clusters; nil where it is about one.
    ///
    /// - Throws: `ValidationError` for options that name one cluster or its key.
    func request(
        _ command: CommandRequest.Command, _ given: GivenOptions, _ connection: ConnectionOptions
    ) throws -> FleetRequest? {
        guard let source = try source() else { return nil }
        try refuseOptionsOfOne(given, connection)
        if source == .all, connection.azure.resourceGroup == nil, connection.azure.subscription == nil {
            throw ValidationError("--all-clusters needs --resource-group or --subscription")
        }
        var request = FleetRequest(command, source, options: try given.runOptions())
        // A run that only the cluster knows of is believed to have the target that was typed.
        if case .switchMode = command { request.options.targetIsNamed = true }
        request.subscription = connection.azure.subscription
        request.resourceGroup = connection.azure.resourceGroup
        request.asAdmin = admin
        request.parallel = parallel
        request.stageTag = stageBy
        request.pause = pause.seconds
        request.keepsGoing = keepGoing
        return request
    }

    private func refuseOptionsOfOne(_ given: GivenOptions, _ connection: ConnectionOptions) throws {
        let ofOne: [(Bool, String)] = [
            (connection.azure.name != nil, "--name"),
            (connection.azure.keyVaultResourceID != nil, "--key-vault-resource-id"),
            (given.selection.keyID != nil, "--key-id"), (given.closeVaultFirst, "--close-vault-first"),
            (given.reportFile != nil, "--report"), (connection.kubeconfig.isGiven, "options of the kubeconfig"),
            (allIn != nil && connection.azure.resourceGroup != nil, "--resource-group"),
        ]
        guard let (_, name) = ofOne.first(where: \.0) else { return }
        throw ValidationError("many clusters and \(name) do not go together: it is about one")
    }

    /// Whether those who gave `--yes` have said which clusters they mean.
    func namesItsClusters(planID: String?) -> Bool { allIn != nil || planID != nil }
}
