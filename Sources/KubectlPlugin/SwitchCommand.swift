import ArgumentParser
import Live
import ModeSwitch

struct ModeOptions: ParsableArguments {
    @Flag(name: .customLong("private"), help: "The vault goes private.") var toPrivate = false
    @Flag(name: .customLong("public"), help: "The vault goes public.") var toPublic = false

    func validate() throws {
        guard toPrivate != toPublic else { throw ValidationError("give --private or --public") }
    }

    var mode: NetworkMode { toPrivate ? .privateAccess : .publicAccess }
}

struct SwitchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Switch the vault to private or public: the whole job.",
        discussion: """
            kubectl kms-vault switch --private
            kubectl kms-vault switch --public --dry-run
            """)

    @OptionGroup var mode: ModeOptions
    @Flag(help: "Print the plan and its id; change nothing.") var dryRun = false
    @Option(help: "Run only if the plan still has this id.") var planID: String?
    @Option(
        name: .customLong("key-id"),
        help: "A versioned key; in another vault, already in the target mode, for a switch without plaintext.")
    var keyID: String?
    @Flag(help: "The older order: close the vault while KMS is off. Riskier.") var closeVaultFirst = false
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try options }

    private var options: RunOptions {
        get throws {
            try change.runOptions { given in
                given.target = mode.mode
                given.closeVaultFirst = closeVaultFirst
                given.planID = planID
                given.keyID = keyID
            }
        }
    }

    func run() async throws {
        try await Session(output, change: change, connection: connection).end(
            with: CommandRequest(.switchMode(dryRun: dryRun), try connection.selection(keyID: keyID), try options))
    }
}
