import ArgumentParser
import Console
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

    func validate() throws {
        if closeVaultFirst, mode.toPublic { throw ValidationError("--close-vault-first goes with --private") }
        if closeVaultFirst, keyID != nil { throw ValidationError("--close-vault-first does not go with --key-id") }
        _ = try change.runOptions()
    }

    func run() async throws {
        let session = Session(output, timeout: change.timeout)
        do {
            var options = try change.runOptions()
            options.target = mode.mode
            options.closeVaultFirst = closeVaultFirst
            options.planID = planID
            let azure = try session.azure(connection)
            let subject = try await session.subject(
                connection, keyID: keyID, azure: azure, for: dryRun ? .reading : .changing)
            let job = RunJob(
                subject: subject, options: options, azure: azure, surroundings: session.surroundings,
                interruptions: session.interruptions, runID: session.runID)
            let prepared = try await job.prepareSwitch()
            if dryRun {
                try output.write(prepared.plan, exitCode: .done, secretsAtRest: .encrypted, session.surroundings)
                return
            }
            if prepared.isDone {
                let report = job.reportDone(prepared, command: "switch")
                TextWriter.standardError.write("Already \(options.target.rawValue): nothing to do.\n")
                try output.write(report, exitCode: .done, secretsAtRest: report.secretsAtRest, session.surroundings)
                return
            }
            try await session.preflight(job, prepared)
            try session.confirm(prepared, yes: change.yes, connection)
            try await session.run(job, prepared, command: "switch")
        } catch let error as CommandEnd {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            throw Failure.end(error, command: "switch", changes: true, output: output)
        }
    }
}
