import Azure
import AzureAccount
import AzureResources
package import Connections
import Console
import Fleet
import HTTP
import Journal
package import ModeSwitch
import Plan
import Report
package import Run
import Text
import Usage

/// Does on many clusters what `CommandRunner` does on one: one plan, at most so many at a time, one summary.
package struct FleetRunner: Sendable {
    /// Makes the connection to Azure that all clusters share.
    package typealias Connect = @Sendable (FleetRequest, Surroundings, _ runID: String) throws -> AzureConnection

    let frontEnd: any FleetFrontEnd
    let surroundings: Surroundings
    let interruptions: Interruption
    let connect: Connect

    package init(
        _ frontEnd: any FleetFrontEnd, surroundings: Surroundings, interruptions: Interruption,
        connect: @escaping Connect
    ) {
        self.frontEnd = frontEnd
        self.surroundings = surroundings
        self.interruptions = interruptions
        self.connect = connect
    }

    /// Runs a command to its end, which the front end has been told when this returns.
    package func run(_ request: FleetRequest) async -> ExitCode {
        do { return try await perform(request) } catch {
            let failure = CommandFailure(error, request.command)
            frontEnd.fail(failure)
            return failure.exitCode
        }
    }

    private func perform(_ request: FleetRequest) async throws -> ExitCode {
        let azure = try connect(request, surroundings, makeRunID())
        let finder = FleetFinder(
            azure: azure, files: surroundings.files, workingDirectory: surroundings.workingDirectory)
        let fleet = try await finder.find(request)
        for place in fleet.unreadable { frontEnd.warn("clusters may be missing: \(place)") }
        let work = FleetWork(
            request: request, fleet: fleet, azure: azure, pace: ARMPace(timeScale: surroundings.timeScale),
            runner: self)
        if request.needsPlan { return try await work.change() }
        return try await work.look()
    }
}

/// One command on the clusters that were found.
struct FleetWork: Sendable {
    let request: FleetRequest
    let fleet: FoundFleet
    let azure: AzureConnection
    let pace: ARMPace
    let runner: FleetRunner

    private var frontEnd: any FleetFrontEnd { runner.frontEnd }
    private var surroundings: Surroundings { runner.surroundings }
    private var interruptions: Interruption { runner.interruptions }

    private func commandRunner(
        _ cluster: FleetCluster, _ member: MemberFrontEnd, turn: VaultTurn? = nil
    ) -> CommandRunner {
        CommandRunner(member, surroundings: surroundings, interruptions: interruptions, turn: turn) {
            [azure, pace] request, _, runID in
            azure.shared(subscription: request.selection.subscription ?? "", runID: runID, pace: pace)
        }
    }

    private var planner: FleetPlanner {
        FleetPlanner(
            request: request, fleet: fleet,
            runner: { commandRunner($0, MemberFrontEnd($0.id.name, outside: Unheard())) }, now: surroundings.now)
    }

    // MARK: Commands that only look

    // The optimizer of Swift 6.3 crashes where this becomes a part of its caller.
    @inline(never)
    func look() async throws -> ExitCode {
        let clusters = fleet.clusters
        let members = clusters.map { FleetMember(cluster: $0.id, stage: 0) }
        let board = FleetBoard(FleetSchedule(members, parallel: request.parallel, keepsGoing: true))
        let turns = request.command == .preflight ? await planner.turns() : [:]
        let ends = await ends(on: board, stages: 1) { index, end in
            let member = MemberFrontEnd(clusters[index].id.name, outside: frontEnd)
            let runner = commandRunner(clusters[index], member, turn: turns[index])
            let code = await runner.run(request.request(on: clusters[index]))
            end(MemberEnd(code, member.seen, at: surroundings.now))
            return code
        }
        return try show(report(ends, record: nil, plan: nil))
    }

    // MARK: Commands that change clusters

    // The optimizer of Swift 6.3 crashes where this becomes a part of its caller.
    @inline(never)
    func change() async throws -> ExitCode {
        let file = FleetRecordFile(
            stateHome: JournalFile.stateHome(
                environment: surroundings.environment, home: surroundings.home ?? "/"),
            job: request.job, clusters: fleet.clusters.map(\.id))
        let before = try record(file)
        let planned = try await plan(after: before)
        if request.isDryRun { return try showPlan(planned.plan) }
        try refuseOtherPlan(planned.plan, before)
        guard planned.plan.toDo > 0 || !planned.plan.refused.isEmpty else { return try nothingToDo(planned, file) }
        if !planned.plan.refused.isEmpty, !request.keepsGoing || planned.plan.toDo == 0 {
            return try refuse(planned.plan)
        }
        guard try await frontEnd.agrees(to: planned.plan) else {
            frontEnd.declined()
            return .refused
        }
        return try await run(planned, file, before)
    }

    /// The record of the same command, if it did not come to its end.
    private func record(_ file: FleetRecordFile) throws(SubjectError) -> FleetRecord? {
        do {
            return try file.load().flatMap { $0.isFinished ? nil : $0 }
        } catch {
            throw SubjectError(
                .refused, "the record of an earlier command on these clusters cannot be used: \(error)",
                next: "remove the file: what is left is then seen from the clusters themselves")
        }
    }

    private func plan(after record: FleetRecord?) async throws -> FleetPlanner.Planned {
        let count = fleet.clusters.count
        let view = frontEnd.begin(ProgressState(work: "Planning \(count) clusters"))
        defer { view.end() }
        view.take(.began)
        let planner = planner
        let planned = await alongside([{ await view.keepDrawing() }]) {
            await first(
                of: { await planner.plan(after: record) as FleetPlanner.Planned? },
                or: { [interruptions] in
                    _ = await interruptions.arrival()
                    return nil
                })
        }
        guard let planned, interruptions.reason == nil else {
            throw RunInterrupted(interruptions.reason ?? "it was cancelled")
        }
        return planned
    }

    /// A plan that was agreed to elsewhere must still be this one, or be on its way: then each cluster's own part of it
    /// must be what it was, or have begun.
    private func refuseOtherPlan(_ plan: FleetPlan, _ before: FleetRecord?) throws(SubjectError) {
        guard let wanted = request.options.planID, wanted != plan.planID else { return }
        if let before, before.planID == wanted {
            let isSame = plan.clusters.allSatisfy { cluster in
                cluster.way == .done || cluster.way == .resume
                    || cluster.plan?.planID == before[cluster.cluster]?.planID
            }
            if isSame { return }
        }
        throw SubjectError(
            .refused, "the plan is \(plan.planID) now, not \(wanted.printable(limit: 64)): something changed since",
            next: "look at it again with --dry-run")
    }

    private func showPlan(_ plan: FleetPlan) throws -> ExitCode {
        let code: ExitCode = plan.refused.isEmpty ? .done : .refused
        try frontEnd.show(plan, CommandOutcome(code, .unknown))
        return code
    }

    private func refuse(_ plan: FleetPlan) throws -> ExitCode {
        let count = plan.refused.count
        let exposed = plan.clusters.count(where: \.exposed)
        let code: ExitCode = exposed > 0 ? .stoppedInPlaintext : .refused
        let way = plan.toDo > 0 ? " Mend them, leave them out, or begin without them: --keep-going." : ""
        try frontEnd.show(
            plan,
            CommandOutcome(
                code, exposed > 0 ? .mixed : .unknown,
                lastLine: "Nothing was changed: \(count) of \(plan.clusters.count) clusters are refused.\(way)"
                    + (exposed > 0 ? " Secrets are or may be PLAINTEXT on \(exposed) of them." : "")))
        return code
    }

    private func nothingToDo(_ planned: FleetPlanner.Planned, _ file: FleetRecordFile) throws -> ExitCode {
        file.remove()
        try frontEnd.show(
            planned.plan,
            CommandOutcome(
                .done, .unknown,
                lastLine: "Nothing to do on \(planned.plan.clusters.count) clusters. It was not checked whether every "
                    + "Secret is encrypted; verify --patch checks it."))
        return .done
    }

    private func run(
        _ planned: FleetPlanner.Planned, _ file: FleetRecordFile, _ before: FleetRecord?
    ) async throws -> ExitCode {
        let plan = planned.plan
        let keeper = FleetKeeper(
            file, before ?? FleetRecord(fleetID: makeRunID(), command: request.command.name, plan: plan))
        try await keeper.begin(plan, agreed: request.options.planID)
        let board = FleetBoard(
            FleetSchedule(
                planned.members, parallel: request.parallel, keepsGoing: request.keepsGoing, ended: ended(plan)))
        let ends = await ends(on: board, stages: plan.stages.count) { index, end in
            await runMember(index, planned, board) { ended in
                await keeper.ended(planned.members[index].cluster, ended, made: planned.leaders.contains(index))
                end(ended)
            }
        }
        let report = report(ends, record: await keeper.record, plan: plan)
        for trouble in await keeper.troubles { frontEnd.warn(trouble) }
        return try show(report)
    }

    /// How members ended before this command, or without it.
    private func ended(_ plan: FleetPlan) -> [Int: ExitCode] {
        var ended: [Int: ExitCode] = [:]
        for (index, cluster) in plan.clusters.enumerated() {
            switch cluster.way {
            case .done: ended[index] = .done
            case .refused: ended[index] = .refused
            case .begin, .resume: break
            }
        }
        return ended
    }

    private func runMember(
        _ index: Int, _ planned: FleetPlanner.Planned, _ board: FleetBoard,
        _ end: @Sendable (MemberEnd) async -> Void
    ) async -> ExitCode {
        let cluster = fleet.clusters[index]
        let row = planned.plan.clusters[index]
        // A run that goes on has begun already: what is different now is one reason more to bring it to its end.
        let member = MemberFrontEnd(cluster.id.name, outside: frontEnd, agreed: row.way == .begin ? row.plan : nil)
        let turn = board.turn(
            of: index, in: await board.now, interruptions: interruptions, timeScale: surroundings.timeScale
        ) { [frontEnd] others in
            let names = others.map { $0.name.printable() }.sorted().joined(separator: ", ")
            frontEnd.tell("\(cluster.id.name.printable()): ready to close the vault, and waits for \(names)")
        }
        var wanted = request.request(row.way == .resume ? .resume : nil, on: cluster)
        if planned.members[index].follows != nil { wanted.options.makesKeyVersion = false }
        let code = await commandRunner(cluster, member, turn: turn).run(wanted)
        await end(MemberEnd(code, member.seen, at: surroundings.now))
        return code
    }
}

extension FleetWork {
    /// Works on all members, and gives what each ended with.
    private func ends(
        on board: FleetBoard, stages: Int,
        _ work: @escaping @Sendable (Int, _ end: @Sendable (MemberEnd) -> Void) async -> ExitCode
    ) async -> [Int: MemberEnd] {
        let (stream, sink) = AsyncStream.makeStream(of: (Int, MemberEnd).self)
        let clock = surroundings.time.monotonic
        await board.work(stages: stages, isInterrupted: { [interruptions] in interruptions.reason != nil }) { stage in
            await pause(after: stage)
        } _: { index in
            let start = clock()
            return await work(index) { end in
                var end = end
                end.seconds = clock() - start
                sink.yield((index, end))
            }
        }
        sink.finish()
        var ends: [Int: MemberEnd] = [:]
        for await (index, end) in stream { ends[index] = end }
        return ends
    }

    private func pause(after stage: Int) async {
        let seconds = fleet.stages[stage].pause ?? request.pause
        guard seconds > 0 else { return }
        frontEnd.tell(
            """
            Stage \(fleet.stages[stage].name.printable()) is done. Stage \(fleet.stages[stage + 1].name.printable()) \
            begins in \(duration(seconds)).
            """)
        await interruptions.sleep(seconds * surroundings.timeScale)
    }

    private func report(
        _ ends: [Int: MemberEnd], record: FleetRecord?, plan: FleetPlan?
    ) -> FleetReport {
        let clusters = fleet.clusters.enumerated().map { index, cluster -> FleetReport.Cluster in
            let stage = fleet.stages[cluster.stage].name
            if let end = ends[index] { return end.row(cluster.id, stage) }
            let row = plan?.clusters[index]
            let isBefore = row?.way == .done
            let before = record?[cluster.id]
            return FleetReport.Cluster(
                cluster: cluster.id, stage: stage,
                state: isBefore ? .doneBefore : row?.way == .refused ? .refused : .notStarted,
                exitCode: row?.way == .refused ? ExitCode.refused.rawValue : nil, secretsAtRest: .unknown,
                runID: before?.runID, problem: row?.problem,
                words: isBefore ? before?.words ?? "nothing was to be done" : "")
        }
        let isDone = clusters.allSatisfy { $0.state == .done || $0.state == .doneBefore }
        return FleetReport(
            fleetID: record?.fleetID, command: request.command.name, verdict: isDone ? "done" : "not done",
            clusters: clusters, unreadable: fleet.unreadable)
    }

    private func show(_ report: FleetReport) throws -> ExitCode {
        var code = ExitCode.worst(report.clusters.compactMap { $0.exitCode.flatMap(ExitCode.init(rawValue:)) })
        // Whatever was left is something that the person wanted.
        if code == .done || code == .doneWithFailures, report.clusters.contains(where: { $0.state == .notStarted }) {
            code = .interrupted
        }
        let isToGoOn = request.needsPlan && code != .done && code != .doneWithFailures
        let way = isToGoOn ? " The same command goes on with what is left." : ""
        try frontEnd.show(
            report, CommandOutcome(code, report.secretsAtRest, lastLine: report.summary + "." + way))
        return code
    }
}
