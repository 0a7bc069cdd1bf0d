import ArgumentParser
import Live

struct PreflightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight", abstract: "Check everything that could make a switch fail; changes nothing.")

    @OptionGroup var mode: ModeOptions
    @Option(name: .customLong("key-id"), help: "A versioned key in another vault, for a switch without plaintext.")
    var keyID: String?
    @Flag(help: "As `switch --close-vault-first`.") var closeVaultFirst = false
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try options }

    private var options: RunOptions {
        get throws {
            try change.runOptions { given in
                given.target = mode.mode
                given.closeVaultFirst = closeVaultFirst
                given.keyID = keyID
            }
        }
    }

    func run() async throws {
        try await Session(output, change: change, connection: connection).end(
            with: CommandRequest(.preflight, try connection.selection(keyID: keyID), try options))
    }
}
