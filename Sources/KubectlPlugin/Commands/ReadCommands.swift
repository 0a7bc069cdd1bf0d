import ArgumentParser
import Commands
import Connections
import ModeSwitch
import Run
import Usage

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .status, usage: "kubectl kms-vault status [flags]",
        discussion: """
            Examples:
              kubectl kms-vault status
              kubectl kms-vault status --watch
              kubectl kms-vault status --context prod -o json
            """)

    @Flag(.watch) var watch = false
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard try fleet.request(.status, GivenOptions(), connection) != nil, watch else { return }
        throw ValidationError("--watch is for one cluster")
    }

    func run() async throws {
        let session = Session(output, connection: connection)
        if let request = try fleet.request(.status, GivenOptions(), connection) { try await session.end(with: request) }
        let request = CommandRequest(.status, try connection.selection())
        guard watch else { try await session.end(with: request) }
        while session.interruptions.reason == nil {
            let code = await session.run(request)
            guard code == .done else { throw CommandEnd(code: code) }
            await session.interruptions.sleep(10)
        }
        throw CommandEnd(code: .interrupted)
    }
}

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .list, usage: "kubectl kms-vault list [flags]",
        discussion: """
            Examples:
              kubectl kms-vault list
              kubectl kms-vault list --subscription Production -o yaml
            """)

    @Option(.listedSubscription) var subscription: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        var selection = SubjectSelection()
        selection.subscription = subscription
        try await Session(output).end(with: CommandRequest(.list, selection))
    }
}
