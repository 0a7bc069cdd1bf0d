import ArgumentParser
import Live

/// The flags of the commands that work on the Secrets of one cluster, and how such a command is run.
struct ClusterOptions: ParsableArguments {
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try change.runOptions() }

    /// Runs it as the last thing of the process.
    /// - Parameters:
    ///   - keyID: the versioned key that was named.
    ///   - adding: what the command itself was given beside these.
    func end(
        with command: CommandRequest.Command, keyID: String? = nil, adding: (inout GivenOptions) -> Void = { _ in }
    ) async throws -> Never {
        let request = CommandRequest(
            command, try connection.selection(keyID: keyID), try change.runOptions(adding))
        try await Session(output, change: change, connection: connection).end(with: request)
    }
}
