import ArgumentParser
import Live

struct PreflightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight", abstract: "Check everything that could make a switch fail; changes nothing.",
        usage: "kubectl kms-vault preflight (--private | --public) [flags]",
        discussion: """
            Examples:
              kubectl kms-vault preflight --private
              kubectl kms-vault preflight --public -o json
            """)

    @OptionGroup(title: "Target") var target: TargetOptions
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try options }

    private var options: RunOptions {
        get throws { try change.runOptions { target.add(to: &$0) } }
    }

    func run() async throws {
        try await Session(output, change: change, connection: connection).end(
            with: CommandRequest(.preflight, try connection.selection(keyID: target.keyID), try options))
    }
}
