import Azure
import AzureAccount
import AzureResources
package import Connections
import Console
import Journal
package import ModeSwitch
import Plan
import Preflight
import Report
package import Run
import Text
import Usage

/// Does what a front end was asked to do. Every front end runs this, so that they differ in nothing but what they show.
package struct CommandRunner: Sendable {
    /// Makes the connection to Azure for a run.
    package typealias Connect = @Sendable (CommandRequest, Surroundings, _ runID: String) throws -> AzureConnection

    let frontEnd: any FrontEnd
    let surroundings: Surroundings
    let interruptions: Interruption
    let connect: Connect
    let runID = makeRunID()
    /// Whose turn it is to close a vault that several clusters of the same command use.
    let turn: VaultTurn?

    package init(
        _ frontEnd: any FrontEnd, surroundings: Surroundings, interruptions: Interruption, turn: VaultTurn? = nil,
        connect: @escaping Connect
    ) {
        self.turn = turn
        self.frontEnd = frontEnd
        self.surroundings = surroundings
        self.interruptions = interruptions
        self.connect = connect
    }

    /// Runs a command to its end, which the front end has been told when this returns.
    package func run(_ request: CommandRequest) async -> ExitCode {
        do { return try await perform(request) } catch {
            let failure = CommandFailure(error, request.command)
            frontEnd.fail(failure)
            return failure.exitCode
        }
    }

    private func perform(_ request: CommandRequest) async throws -> ExitCode {
        let azure = try connect(request, surroundings, runID)
        try refuseScaledTime(azure)
        guard request.command != .list else {
            let result = try await interruptible {
                try await ListJob(azure, surroundings).read(only: request.selection.subscription)
            }
            return try show(result, CommandOutcome(.done, .unknown))
        }
        let finder = SubjectFinder(
            request.selection, azure: azure, runID: runID, surroundings: surroundings, for: request.command.purpose)
        let subject = try await interruptible { try await finder.find() }
        if let note = await subject.kube.note { frontEnd.warn(note) }
        let job = RunJob(
            subject: subject, options: request.options, azure: azure, surroundings: surroundings,
            interruptions: interruptions, runID: runID, turn: turn)
        do { return try await perform(request, job) } catch {
            guard request.command.needsKMS, subject.isExposed else { throw error }
            throw ExposedError(error, isCertain: subject.cluster.encryption.isLegacy)
        }
    }

    /// A sandbox's minutes are shorter than Azure's; against Azure itself every proof would rest on too little time.
    func refuseScaledTime(_ azure: AzureConnection) throws(SubjectError) {
        guard surroundings.timeScale != 1, !azure.arm.endpoint.origin.isOnThisMachine else { return }
        throw SubjectError(
            .usage,
            "\(Surroundings.timeScaleVariable) is set, and \(azure.arm.endpoint.origin.host) is not on this machine",
            next: "unset \(Surroundings.timeScaleVariable): it is for the sandbox only")
    }

    private func perform(_ request: CommandRequest, _ job: RunJob) async throws -> ExitCode {
        switch request.command {
        case .list:
            throw SubjectError(.usage, "list takes no cluster", next: Advice(.own(.list)))
        case .history:
            let history = try await interruptible { await HistoryJob(job).list() }
            return try show(history, CommandOutcome(.done, .unknown))
        case .report(let run):
            let report = try await interruptible { try await HistoryJob(job).report(run).report }
            return try show(report, CommandOutcome(.done, report.secretsAtRest))
        case .status:
            let status = try await interruptible { await StatusJob(job).read() }
            return try show(status, CommandOutcome(.done, status.secretsAtRest))
        case .preflight:
            let prepared = try await job.prepareSwitch(isOnlyALook: true)
            if let run = try? job.known(prepared.found).record {
                frontEnd.warn(
                    "run \(run.intent.runID.printable(limit: 64)) is not finished: a new switch begins after it")
            }
            let report = try await preflight(job, prepared)
            return try show(
                PreflightResult(report, showsAll: request.options.showsAll), CommandOutcome(report.exitCode, .unknown))
        case .switchMode(let dryRun):
            return try await begin(job, try await job.prepareSwitch(), .switchMode(dryRun: false), dryRun: dryRun)
        case .resume:
            return try await confirmAndRun(job, try await job.prepareResume(), request.command)
        case .makeSafe:
            return try await confirmAndRun(job, try await job.prepareMakeSafe(), request.command)
        case .rotate(let dryRun):
            return try await begin(job, try await job.prepareRotate(), .rotate(dryRun: false), dryRun: dryRun)
        case .migrate(let dryRun):
            return try await begin(job, try await job.prepareMigrate(), .migrate(dryRun: false), dryRun: dryRun)
        case .rewriteSecrets(let namespaces, let dryRun):
            return try await rewrite(job, namespaces, dryRun: dryRun, request.command)
        case .verify(let patch):
            let (result, code, atRest) = try await showing(ProgressState(work: "Verifying every Secret")) {
                try await VerifyJob(job).run(patch: patch, sink: $0)
            }
            for trouble in result.troubles { frontEnd.warn(trouble) }
            if result.rewritten > 0 { frontEnd.warn(result.reason.text(for: .kubectl)) }
            return try show(result, CommandOutcome(code, atRest))
        }
    }

    private func show(_ result: any Presentable, _ outcome: CommandOutcome) throws -> ExitCode {
        try frontEnd.show(result, outcome)
        return outcome.exitCode
    }

    private func begin(
        _ job: RunJob, _ prepared: RunJob.Prepared, _ command: CommandRequest.Command, dryRun: Bool
    ) async throws -> ExitCode {
        if dryRun { return try show(prepared.plan, CommandOutcome(.done, .unknown)) }
        if prepared.isDone {
            await job.clearLeftovers()
            let report = job.reportDone(prepared, command: command.name)
            frontEnd.tell(
                """
                Already \(prepared.intent.targetProfile.words): nothing to change. It was not checked whether every Secret is \
                encrypted; \(ShellCommand.own(.verify, .flag(.patch))) checks it.
                """)
            return try show(report, CommandOutcome(.done, report.secretsAtRest))
        }
        try refuseShortTime(prepared.plan)
        // Where nobody is asked, admission is asked by the run, while it samples the API servers.
        let asksLater = !frontEnd.asks && prepared.mayAskAdmission
        let report = try await preflight(job, prepared, asksLater ? .beforeDryRun : .whole)
        for check in report.checks where check.verdict == .warn {
            frontEnd.warn("\(check.id): \(check.reason)")
        }
        try job.refuse(report)
        var prepared = prepared
        prepared.admission = asksLater ? nil : .clear
        return try await confirmAndRun(job, prepared, command)
    }

    /// A command that ends by itself while Secrets are plaintext would leave them so.
    private func refuseShortTime(_ plan: SwitchPlan) throws(SubjectError) {
        let wanted = plan.secondsUntilEncrypted
        guard let left = interruptions.secondsLeft, wanted > 0, left < wanted * surroundings.timeScale else { return }
        throw SubjectError(
            .usage,
            "--timeout leaves less time than the plan takes, in which Secrets are encrypted again after about "
                + "\(duration(wanted)): the run would end while they are plaintext",
            next: "leave --timeout out, or give more")
    }

    private func preflight(
        _ job: RunJob, _ prepared: RunJob.Prepared, _ part: PreflightReport.Part = .whole
    ) async throws -> PreflightReport {
        try await showing(ProgressState(work: "Preflight")) { view in
            try await interruptible { try await job.preflight(prepared, part, sink: view) }
        }
    }

    private func rewrite(
        _ job: RunJob, _ namespaces: [String]?, dryRun: Bool, _ command: CommandRequest.Command
    ) async throws -> ExitCode {
        let work = dryRun ? "Trying the rewrite through admission" : "Rewriting Secrets"
        let (report, code) = try await showing(ProgressState(work: work)) {
            try await job.rewriteSecrets(namespaces: namespaces, dryRun: dryRun, command: command.name, sink: $0)
        }
        return try show(report, CommandOutcome(code, .unknown))
    }

    private func confirmAndRun(
        _ job: RunJob, _ prepared: RunJob.Prepared, _ command: CommandRequest.Command
    ) async throws -> ExitCode {
        for note in prepared.notes { frontEnd.warn(note) }
        guard try await frontEnd.agrees(to: prepared.plan, prepared.intent) else {
            frontEnd.declined()
            return .refused
        }
        let state = ProgressState(
            intent: prepared.intent, steps: prepared.plan.steps, exposedSince: prepared.exposedSince,
            kmsIsOn: prepared.kmsIsOn)
        let ended = try await showing(state) { try await job.run(prepared, command: command.name, sink: $0) }
        let report = ended.report
        let code = ExitCode(rawValue: report.exitCode) ?? .failed
        // Shown before the verdict, which is the last line that a person sees.
        for trouble in ended.kept?.troubles ?? [] { frontEnd.warn(trouble) }
        return try show(
            report,
            CommandOutcome(code, report.secretsAtRest, problem: report.problem, lastLine: ended.lastLine))
    }
}

extension CommandRunner {
    /// Shows work while it goes on; the view is away before anything else is shown.
    private func showing<Value: Sendable>(
        _ state: ProgressState, _ work: (any ProgressView) async throws -> Value
    ) async throws -> Value {
        let view = frontEnd.begin(state)
        defer { view.end() }
        return try await alongside([{ await view.keepDrawing() }, { await acknowledge(on: view) }]) {
            try await work(view)
        }
    }

    /// Tells whoever interrupts that it was heard, since work comes to its end first.
    private func acknowledge(on view: any ProgressView) async {
        guard let reason = await interruptions.arrival() else { return }
        let way = interruptions.isSignal ? "; Ctrl-C again leaves at once" : ""
        view.take(.note("\(reason): finishing the requests that are under way\(way)"))
    }

    /// Work before a run, in which a signal needs to wait for nothing: there is nothing yet to bring to its end.
    private func interruptible<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let result = await first(
            of: { () async -> Result<Value, any Error>? in
                do { return .success(try await work()) } catch { return .failure(error) }
            },
            or: { [interruptions] in
                await interruptions.watch()
                return interruptions.reason.map { .failure(RunInterrupted($0)) }
            })
        guard let result else { throw RunInterrupted("it was cancelled") }
        return try result.get()
    }
}
