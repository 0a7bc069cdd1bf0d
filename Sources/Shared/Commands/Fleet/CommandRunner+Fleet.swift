import Azure
import Connections
import Console
import Journal
import ModeSwitch
import Plan
import Preflight
import Report
import Run
import Text
import Usage

/// What a command found on one cluster before anything was changed.
struct FoundMember: Sendable {
    var job: RunJob
    var prepared: RunJob.Prepared
    /// The command that goes on from here: that which was asked for, or a resume.
    var command: CommandRequest.Command

    /// Whether its Secrets are or may be plaintext: an earlier try is to be brought to its end before anything else.
    var isExposed: Bool { prepared.exposedSince != nil || !prepared.kmsIsOn }

    /// The vault that the run closes; nil where it closes none.
    var closes: AzureResourceID? { prepared.intent.closesVault && !prepared.isDone ? prepared.intent.vaultID : nil }
}

/// One cluster of many: what would be done, asked apart from doing it.
extension CommandRunner {
    /// Finds the cluster and what the command would do there. An unfinished run of the same job goes on.
    func look(_ request: CommandRequest) async throws -> FoundMember {
        let azure = try connect(request, surroundings, runID)
        try refuseScaledTime(azure)
        let finder = SubjectFinder(
            request.selection, azure: azure, runID: runID, surroundings: surroundings, for: request.command.purpose)
        let subject = try await finder.find()
        let job = RunJob(
            subject: subject, options: request.options, azure: azure, surroundings: surroundings,
            interruptions: interruptions, runID: runID)
        if request.command == .makeSafe {
            return FoundMember(job: job, prepared: try await job.prepareMakeSafe(), command: .makeSafe)
        }
        if let record = try job.known(try await job.records()).record {
            try refuseOtherJob(record.intent, request)
            return FoundMember(job: job, prepared: try await job.prepareResume(), command: .resume)
        }
        let prepared =
            if case .rotate = request.command {
                try await job.prepareRotate()
            } else { try await job.prepareSwitch() }
        return FoundMember(job: job, prepared: prepared, command: request.command)
    }

    private func refuseOtherJob(_ intent: Intent, _ request: CommandRequest) throws(SubjectError) {
        let isSame: Bool
        switch request.command {
        case .rotate: isSame = intent.purpose == .rotate
        default: isSame = intent.purpose == .switchMode && intent.target == request.options.target
        }
        guard !isSame else { return }
        let cluster = ToolCommand.Cluster(intent.clusterID)
        throw SubjectError(
            .refused, "run \(intent.runID.printable(limit: 64)), which does something else, is not finished",
            next: "\(ShellCommand.own(.resume, in: cluster, [])), or \(ShellCommand.own(.makeSafe, in: cluster, []))")
    }

    /// Everything that can make the run fail. A run that goes on has passed it.
    ///
    /// - Returns: what a person must know.
    /// - Throws: `SubjectError` where a check refuses.
    func check(_ found: FoundMember) async throws -> [String] {
        guard !found.prepared.isDone, found.command != .resume, found.command != .makeSafe else {
            return found.prepared.notes
        }
        let view = frontEnd.begin(ProgressState(work: "Preflight"))
        defer { view.end() }
        let report = try await found.job.preflight(found.prepared, sink: view)
        try found.job.refuse(report)
        return report.checks.filter { $0.verdict == .warn }.map { "\($0.id): \($0.reason)" } + found.prepared.notes
    }
}
