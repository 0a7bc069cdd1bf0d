import ArgumentParser
import Commands
import Console
import Files
import ModeSwitch
import Platform
import Text
import Usage

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .history, usage: "kubectl kms-vault history [flags]",
        discussion: """
            Examples:
              kubectl kms-vault history
              kubectl kms-vault history -g RESOURCE_GROUP --name CLUSTER -o json
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await Session(output, connection: connection).end(
            with: CommandRequest(.history, try connection.selection()))
    }
}

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .report, usage: "kubectl kms-vault report [RUN] [flags]",
        discussion: """
            Examples:
              kubectl kms-vault report                       the newest run
              kubectl kms-vault report 3f2a -o html > report.html
              kubectl kms-vault report --verify report.html

            RUN is a run's id, or the beginning of it; history lists them.
            """)

    @Argument(help: "The run's id, or the beginning of it.") var runID: String?
    @Option(.reportToCheck) var verify: String?
    @Option(.digest) var digest: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if verify != nil, runID != nil { throw ValidationError("give RUN or --verify FILE, not both") }
        if digest != nil, verify == nil { throw ValidationError("--digest goes with --verify") }
    }

    func run() async throws {
        if let verify { throw CommandEnd(code: try check(verify)) }
        try await Session(output, connection: connection).end(
            with: CommandRequest(.report(run: runID), try connection.selection()))
    }

    private func check(_ path: String) throws -> ModeSwitch.ExitCode {
        let result = ReportCheck(path, expecting: digest)
        let code: ModeSwitch.ExitCode = result.verdict == .asWritten ? .done : .failed
        try StandardOutput.show(
            try render(result, as: output.format, exitCode: code, secretsAtRest: .unknown))
        return code
    }
}
