import ArgumentParser
import Console
import Live
import ModeSwitch

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a switch that was interrupted, from any state.")

    @Option(name: .customLong("key-id"), help: "The versioned key, where Azure and the journal do not tell it.")
    var keyID: String?
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try change.runOptions() }

    func run() async throws {
        try await goOn("resume", .changing, keyID, change, connection, output) { try await $0.prepareResume() }
    }
}

struct MakeSafeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-safe", abstract: "Go back to encrypted and readable, from any state.")

    @Option(name: .customLong("key-id"), help: "The versioned key, where Azure and the journal do not tell it.")
    var keyID: String?
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try change.runOptions() }

    func run() async throws {
        try await goOn("make-safe", .rescuing, keyID, change, connection, output) { try await $0.prepareMakeSafe() }
    }
}

/// Both commands go on from what is there; they differ in where to.
private func goOn(
    _ command: String, _ purpose: SubjectFinder.Purpose, _ keyID: String?, _ change: ChangeOptions,
    _ connection: ConnectionOptions, _ output: OutputOptions,
    prepare: (RunJob) async throws -> RunJob.Prepared
) async throws {
    let session = Session(output, timeout: change.timeout)
    do {
        let azure = try session.azure(connection)
        let subject = try await session.subject(connection, keyID: keyID, azure: azure, for: purpose)
        let job = RunJob(
            subject: subject, options: try change.runOptions(), azure: azure, surroundings: session.surroundings,
            interruptions: session.interruptions, runID: session.runID)
        let prepared = try await prepare(job)
        try session.confirm(prepared, yes: change.yes, connection)
        try await session.run(job, prepared, command: command)
    } catch let error as CommandEnd {
        throw error
    } catch let error as ValidationError {
        throw error
    } catch {
        throw Failure.end(error, command: command, changes: true, output: output)
    }
}
