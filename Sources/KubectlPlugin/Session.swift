import ArgumentParser
import Console
import Files
import FoundationEssentials
import Live
import ModeSwitch
import Preflight

/// What every command that talks to Azure and a cluster begins with.
struct Session {
    let surroundings: Surroundings
    let interruptions: Interruption
    let runID = UUID().uuidString.lowercased()
    let output: OutputOptions

    init(_ output: OutputOptions, timeout: Span? = nil) {
        interruptions = Interruption(limit: timeout?.seconds)
        // Tokens must not reach a core file; a system that refuses this is no reason not to work.
        try? secureProcess()
        self.output = output
        surroundings = Surroundings.ofThisProcess(observer: output.observer)
    }

    func azure(_ connection: ConnectionOptions) throws -> AzureConnection {
        try AzureConnection(subscription: connection.subscription, runID: runID, surroundings: surroundings)
    }

    func subject(
        _ connection: ConnectionOptions, keyID: String? = nil, azure: AzureConnection,
        for purpose: SubjectFinder.Purpose
    ) async throws -> Subject {
        let finder = SubjectFinder(
            try connection.selection(keyID: keyID), azure: azure, runID: runID, surroundings: surroundings,
            for: purpose)
        return try await interruptible { try await finder.find() }
    }

    /// Work before a run, in which a signal needs to wait for nothing: there is nothing yet to bring to its end.
    private func interruptible<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask { [interruptions] in
                await interruptions.watch()
                if let reason = interruptions.reason { throw RunInterrupted(reason) }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() { if let next { return next } }
            throw RunInterrupted("it was cancelled")
        }
    }

    /// Runs the whole preflight, shows what is doubtful, and throws when a check refuses.
    func preflight(_ job: RunJob, _ prepared: RunJob.Prepared) async throws {
        let progress = output.progress(ProgressState(work: "Preflight"), surroundings)
        defer { progress.end() }
        let report = try await interruptible { try await job.preflight(prepared, sink: progress) }
        progress.end()
        for check in report.checks where check.verdict == .warn {
            progress.take(.warning("\(check.id): \(check.reason)"))
        }
        try job.refuse(report)
    }

    /// Asks on the terminal; without one, `--yes` with the cluster's full name is the answer.
    func confirm(_ prepared: RunJob.Prepared, yes: Bool, _ connection: ConnectionOptions) throws {
        if yes {
            if !surroundings.isInteractive, connection.resourceGroup == nil || connection.name == nil {
                throw ValidationError("without a terminal, --yes needs --resource-group and --name")
            }
            return
        }
        guard surroundings.isInteractive else {
            throw ValidationError("this is no terminal to ask on: give --yes with --resource-group and --name")
        }
        TextWriter.standardError.write(Confirmation.prompt(prepared.plan, prepared.intent))
        guard Confirmation.agrees(readLine()) else {
            TextWriter.standardError.write("Nothing was changed.\n")
            throw CommandEnd(code: .refused)
        }
    }

    /// Runs what was prepared and shows it; never returns without the exit code of the run.
    func run(_ job: RunJob, _ prepared: RunJob.Prepared, command: String) async throws -> Never {
        let state = ProgressState(
            intent: prepared.intent, exposedSince: prepared.exposedSince, kmsIsOn: prepared.kmsIsOn)
        let progress = output.progress(state, surroundings)
        let report: RunReport
        do {
            report = try await withThrowingTaskGroup(of: RunReport?.self) { group in
                group.addTask {
                    await progress.keepDrawing()
                    return nil
                }
                group.addTask { try await job.run(prepared, command: command, sink: progress) }
                defer { group.cancelAll() }
                while let next = try await group.next() { if let next { return next } }
                throw RunInterrupted("the run ended without a report")
            }
        } catch {
            progress.end()
            throw error
        }
        progress.end()
        TextWriter.standardOutput.write(try report.rendered(as: output.format, width: output.width(surroundings)))
        for line in report.problem?.lines ?? [] { TextWriter.standardError.write(line + "\n") }
        throw CommandEnd(code: ModeSwitch.ExitCode(rawValue: report.exitCode) ?? .failed)
    }
}
