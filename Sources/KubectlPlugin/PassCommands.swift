import ArgumentParser
import Console
import Live
import ModeSwitch
import SecretRewrite

enum DryRunMode: String, ExpressibleByArgument {
    case none
    case server
}

struct RewriteSecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite-secrets", abstract: "Bring every Secret to the cluster's present encryption.")

    @Option(name: .shortAndLong, help: "Only this namespace; may be repeated.") var namespace: [String] = []
    @Option(help: "none, or server: run admission only, write nothing.") var dryRun = DryRunMode.none
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try change.runOptions() }

    func run() async throws {
        try await runPass(
            "rewrite-secrets", namespaces: namespace.isEmpty ? nil : namespace, dryRun: dryRun == .server, change,
            connection, output)
    }
}

/// Runs one pass outside of a switch and ends with its exit code.
func runPass(
    _ command: String, namespaces: [String]?, dryRun: Bool, _ change: ChangeOptions, _ connection: ConnectionOptions,
    _ output: OutputOptions
) async throws {
    let session = Session(output, timeout: change.timeout)
    do {
        let azure = try session.azure(connection)
        let subject = try await session.subject(connection, azure: azure, for: dryRun ? .reading : .changing)
        let job = RunJob(
            subject: subject, options: try change.runOptions(), azure: azure, surroundings: session.surroundings,
            interruptions: session.interruptions, runID: session.runID)
        let progress = output.progress(
            ProgressState(work: dryRun ? "Trying the rewrite through admission" : "Rewriting Secrets"),
            session.surroundings)
        let (report, code) = try await job.rewriteSecrets(
            namespaces: namespaces, dryRun: dryRun, command: command, sink: progress)
        progress.end()
        try output.write(report, exitCode: code, secretsAtRest: .unknown, session.surroundings)
        throw CommandEnd(code: code)
    } catch let error as CommandEnd {
        throw error
    } catch {
        throw Failure.end(error, command: command, changes: !dryRun, output: output)
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Gather evidence that Secrets are encrypted and readable; only reads.")

    @Flag(help: "Also run the verifying pass over all Secrets, under the lock.") var patch = false
    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { _ = try change.runOptions() }

    func run() async throws {
        let session = Session(output, timeout: change.timeout)
        do {
            let azure = try session.azure(connection)
            let subject = try await session.subject(connection, azure: azure, for: patch ? .changing : .reading)
            let job = RunJob(
                subject: subject, options: try change.runOptions(), azure: azure, surroundings: session.surroundings,
                interruptions: session.interruptions, runID: session.runID)
            let progress = output.progress(ProgressState(work: "Verifying every Secret"), session.surroundings)
            let (result, code, atRest) = try await VerifyJob(job).run(patch: patch, sink: progress)
            progress.end()
            try output.write(result, exitCode: code, secretsAtRest: atRest, session.surroundings)
            throw CommandEnd(code: code)
        } catch let error as CommandEnd {
            throw error
        } catch {
            throw Failure.end(error, command: "verify", changes: patch, output: output)
        }
    }
}
