import ArgumentParser
import Commands

/// The flags of the commands that work on the Secrets of one cluster, and how such a command is run.
struct ClusterOptions: ParsableArguments {
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Acceptance") var accept: AcceptOptions
    @OptionGroup(title: "Pace") var pace: PaceOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try given() }

    /// All that was typed.
    /// - Parameter adding: what the command itself was given beside these.
    func given(_ adding: (inout GivenOptions) -> Void = { _ in }) throws -> GivenOptions {
        try GivenOptions(change, accept, pace, connection, adding)
    }

    /// Runs it as the last thing of the process.
    ///
    /// - Parameter fleet: what may make it a command on many clusters.
    func end(
        with command: CommandRequest.Command, on fleet: FleetOptions? = nil,
        adding: (inout GivenOptions) -> Void = { _ in }
    ) async throws -> Never {
        let given = try given(adding)
        if let fleet, let request = try fleet.request(command, given, connection) {
            let session = Session(
                output, change: change, pace: pace, connection: connection,
                namesItsClusters: fleet.namesItsClusters(planID: given.planID))
            try await session.end(with: request)
        }
        let request = try given.request(command)
        try await Session(output, change: change, pace: pace, connection: connection).end(with: request)
    }
}

/// The same flags for commands that change no setting: what only a change needs is taken, since scripts may give it,
/// and not listed.
struct LookOptions: ParsableArguments {
    @OptionGroup(title: "Pace") var pace: PaceOptions
    @OptionGroup(visibility: .hidden) var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func given(_ accept: AcceptOptions, _ adding: (inout GivenOptions) -> Void = { _ in }) throws -> GivenOptions {
        try GivenOptions(change, accept, pace, connection, adding)
    }

    /// Runs it as the last thing of the process.
    func end(
        with command: CommandRequest.Command, _ accept: AcceptOptions, on fleet: FleetOptions? = nil,
        adding: (inout GivenOptions) -> Void = { _ in }
    ) async throws -> Never {
        let given = try given(accept, adding)
        if let fleet, let request = try fleet.request(command, given, connection) {
            try await Session(output, change: change, pace: pace, connection: connection).end(with: request)
        }
        let request = try given.request(command)
        try await Session(output, change: change, pace: pace, connection: connection).end(with: request)
    }
}

extension GivenOptions {
    /// - Throws: `ValidationError` for what no command takes.
    fileprivate init(
        _ change: ChangeOptions, _ accept: AcceptOptions, _ pace: PaceOptions, _ connection: ConnectionOptions,
        _ adding: (inout GivenOptions) -> Void
    ) throws {
        self.init()
        selection = try connection.selection()
        acceptFailures = accept.failures
        acceptUnprovenConvergence = accept.unprovenConvergence
        vaultSharedOK = accept.vaultSharedOK
        acceptUnknown = accept.unknown
        soak = change.soak.seconds
        operationTimeout = change.operationTimeout.seconds
        timeout = pace.timeout?.seconds
        concurrency = pace.concurrency
        qps = pace.qps
        adding(&self)
        do { _ = try runOptions() } catch { throw ValidationError("\(error)") }
    }
}
