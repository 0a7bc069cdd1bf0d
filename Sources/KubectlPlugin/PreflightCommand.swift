import ArgumentParser
import Console
import Live
import ModeSwitch

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

    func validate() throws { _ = try change.runOptions() }

    func run() async throws {
        let session = Session(output, timeout: change.timeout)
        do {
            var options = try change.runOptions()
            options.target = mode.mode
            options.closeVaultFirst = closeVaultFirst
            let azure = try session.azure(connection)
            let subject = try await session.subject(connection, keyID: keyID, azure: azure, for: .reading)
            let job = RunJob(
                subject: subject, options: options, azure: azure, surroundings: session.surroundings,
                interruptions: session.interruptions, runID: session.runID)
            let prepared = try await job.prepareSwitch()
            let progress = output.progress(ProgressState(work: "Preflight"), session.surroundings)
            let report = try await job.preflight(prepared, sink: progress)
            progress.end()
            try output.write(report, exitCode: report.exitCode, secretsAtRest: .unknown, session.surroundings)
            throw CommandEnd(code: report.exitCode)
        } catch let error as CommandEnd {
            throw error
        } catch {
            throw Failure.end(error, command: "preflight", changes: true, output: output)
        }
    }
}
