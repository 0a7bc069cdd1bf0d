import ArgumentParser
import Commands
import Run

/// The flags of the commands that work on the Secrets of one cluster, and how such a command is run.
struct ClusterOptions: ParsableArguments {
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Acceptance") var accept: AcceptOptions
    @OptionGroup(title: "Pace") var pace: PaceOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try runOptions() }

    /// - Parameter adding: what the command itself was given beside these.
    func runOptions(_ adding: (inout GivenOptions) -> Void = { _ in }) throws -> RunOptions {
        try Self.runOptions(change, accept, pace, adding)
    }

    /// Runs it as the last thing of the process.
    /// - Parameters:
    ///   - keyID: the versioned key that was named.
    ///   - adding: what the command itself was given beside these.
    func end(
        with command: CommandRequest.Command, keyID: String? = nil, adding: (inout GivenOptions) -> Void = { _ in }
    ) async throws -> Never {
        let request = CommandRequest(command, try connection.selection(keyID: keyID), try runOptions(adding))
        try await Session(output, change: change, pace: pace, connection: connection).end(with: request)
    }

    static func runOptions(
        _ change: ChangeOptions, _ accept: AcceptOptions, _ pace: PaceOptions,
        _ adding: (inout GivenOptions) -> Void = { _ in }
    ) throws -> RunOptions {
        var given = GivenOptions()
        given.acceptFailures = accept.failures
        given.acceptUnprovenConvergence = accept.unprovenConvergence
        given.vaultSharedOK = accept.vaultSharedOK
        given.acceptUnknown = accept.unknown
        given.soak = change.soak.seconds
        given.operationTimeout = change.operationTimeout.seconds
        given.timeout = pace.timeout?.seconds
        given.concurrency = pace.concurrency
        given.qps = pace.qps
        adding(&given)
        do { return try given.runOptions() } catch { throw ValidationError("\(error)") }
    }
}

/// The same flags for commands that change no setting: what only a change needs is taken, since scripts may give it,
/// and not listed.
struct LookOptions: ParsableArguments {
    @OptionGroup(title: "Pace") var pace: PaceOptions
    @OptionGroup(visibility: .hidden) var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// Runs it as the last thing of the process.
    func end(
        with command: CommandRequest.Command, keyID: String? = nil, _ accept: AcceptOptions,
        adding: (inout GivenOptions) -> Void = { _ in }
    ) async throws -> Never {
        let request = CommandRequest(
            command, try connection.selection(keyID: keyID),
            try ClusterOptions.runOptions(change, accept, pace, adding))
        try await Session(output, change: change, pace: pace, connection: connection).end(with: request)
    }
}
