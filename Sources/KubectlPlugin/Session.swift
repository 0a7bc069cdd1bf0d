import Commands
import Connections
import Console
import Files
import ModeSwitch
import Run
import Usage

/// Runs a command under kubectl.
struct Session {
    let surroundings: Surroundings
    let interruptions: Interruption
    private let frontEnd: TerminalFrontEnd

    init(
        _ output: OutputOptions, change: ChangeOptions? = nil, pace: PaceOptions? = nil,
        connection: ConnectionOptions? = nil, namesItsClusters: Bool? = nil
    ) {
        interruptions = Interruption(limit: pace?.timeout?.seconds)
        // Tokens must not reach a core file; a system that refuses this is no reason not to work.
        try? secureProcess()
        surroundings = Surroundings.ofThisProcess(observer: output.observer)
        frontEnd = TerminalFrontEnd(
            output: output, surroundings: surroundings, yes: change?.yes ?? false,
            isNamed: namesItsClusters
                ?? (connection?.azure.resourceGroup != nil && connection?.azure.name != nil),
            isInterrupted: { [interruptions] in interruptions.reason != nil })
    }

    func run(_ request: CommandRequest) async -> ModeSwitch.ExitCode {
        if frontEnd.output.format == .html, !request.command.hasPage {
            frontEnd.tell(
                """
                error: -o html is for switch, resume, make-safe and report: \(request.command.name) has no page
                """)
            return .usage
        }
        let runner = CommandRunner(frontEnd, surroundings: surroundings, interruptions: interruptions) {
            try AzureConnection(subscription: $0.selection.subscription, runID: $2, surroundings: $1)
        }
        return await runner.run(request)
    }

    /// Runs a command on many clusters as the last thing of the process.
    func end(with request: FleetRequest) async throws -> Never {
        if frontEnd.output.format == .html {
            frontEnd.tell("error: -o html is for one cluster: -o json has the reports of all")
            throw CommandEnd(code: .usage)
        }
        let runner = FleetRunner(frontEnd, surroundings: surroundings, interruptions: interruptions) {
            try AzureConnection(subscription: $0.subscription, runID: $2, surroundings: $1)
        }
        throw CommandEnd(code: await runner.run(request))
    }

    /// Runs it as the last thing of the process.
    func end(with request: CommandRequest) async throws -> Never { throw CommandEnd(code: await run(request)) }
}
