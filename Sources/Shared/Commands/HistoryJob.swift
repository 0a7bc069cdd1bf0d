import Azure
import Connections
package import Console
import Files
import Journal
import KubeAPI
import ModeSwitch
import Report
package import Run
import Text
import Usage

/// Reads what is known of a cluster's past runs; changes nothing.
package struct HistoryJob: Sendable {
    let job: RunJob

    package init(_ job: RunJob) { self.job = job }

    private var archive: RunArchive { job.archive }

    /// The runs that this machine or the cluster knows, the oldest first.
    package func list() async -> HistoryResult {
        var (runs, notes) = here()
        do {
            for line in try await archive.lines() {
                guard let place = runs.firstIndex(where: { $0.runID == line.runID }) else {
                    runs.append(line)
                    continue
                }
                if runs[place].digest != line.digest {
                    notes.append(
                        "The cluster's line of run \(line.runID) has another digest than the report on this machine: one "
                            + "of them was changed, or the run went on elsewhere.")
                }
            }
        } catch {
            notes.append("The cluster's list of runs could not be read: \(error)")
        }
        let unfinished = (try? await job.unfinished())?.intent.runID
        return HistoryResult(
            cluster: job.subject.clusterID.description,
            runs: runs.sorted { ($0.startedAt, $0.runID) < ($1.startedAt, $1.runID) }, unfinishedRun: unfinished,
            notes: notes)
    }

    private func here() -> (runs: [RunSummary], notes: [String]) {
        do {
            let (reports, damaged) = try archive.reports()
            let runs = reports.map { file in
                var run = RunSummary(file)
                run.reportIsHere = true
                return run
            }
            return (runs, damaged.map { "\($0) is no report as this program writes it: it was damaged or changed." })
        } catch {
            return ([], ["The reports on this machine could not be read: \(error)"])
        }
    }

    /// The report of one run.
    ///
    /// - Parameter run: its id, or as much of the beginning as names one run; nil for the newest.
    package func report(_ run: String?) async throws -> ReportFile {
        let reports = try archive.reports().reports
        guard let run else {
            if let newest = reports.last { return newest }
            throw SubjectError(
                .refused, "there is no report of a run of \(job.subject.clusterID.name) on this machine",
                next: "\(ShellCommand.own(.history)) shows the runs that the cluster knows")
        }
        let matching = reports.filter { $0.report.runID == run || run.count >= 4 && $0.report.runID.hasPrefix(run) }
        if matching.count == 1 { return matching[0] }
        guard matching.isEmpty else {
            throw SubjectError(
                .usage, "more than one run begins with \(run.printable(limit: 64))",
                next: "\(ShellCommand.own(.history)) shows their whole ids")
        }
        let elsewhere = ((try? await archive.lines()) ?? []).first { $0.runID.hasPrefix(run) }
        throw SubjectError(
            .refused, "there is no report of run \(run.printable(limit: 64)) on this machine",
            next: elsewhere.map { "it is on the machine that ran it: \($0.host.printable(limit: 253))" }
                ?? "\(ShellCommand.own(.history)) shows the runs that are known")
    }
}
