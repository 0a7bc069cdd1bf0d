import Azure
package import ModeSwitch
import Report
import Text

/// One run in a line, for the list of runs and for the cluster's copy of it.
package struct RunSummary: Sendable, Codable, Hashable {
    package var runID: String
    package var command: String
    /// Seconds since 1970.
    package var startedAt: Double
    package var endedAt: Double
    package var from: String
    package var to: String
    package var exitCode: Int32
    package var verdict: String
    package var secretsAtRest: SecretsAtRest
    /// Seconds in which Secrets were, or may have been, plaintext; nil while that lasts, 0 for none.
    package var exposureSeconds: Double?
    /// Who ran it, as the servers name them.
    package var author: String
    package var host: String
    package var digest: String
    /// Whether this machine has the report.
    package var reportIsHere: Bool? = nil

    package init(_ file: ReportFile) {
        let report = file.report
        runID = report.runID
        command = report.command
        startedAt = report.context?.startedAt ?? 0
        endedAt = report.context?.endedAt ?? 0
        from = report.context.map { Self.words($0.original) } ?? ""
        to = Self.words(report.kms)
        exitCode = report.exitCode
        verdict = report.verdict
        secretsAtRest = report.secretsAtRest
        exposureSeconds = report.exposure.map { $0.seconds } ?? 0
        let author = report.context?.author
        self.author =
            [author?.azureName, author?.azureObjectID, author?.kubernetesUser].compactMap(\.self).first { !$0.isEmpty }
            ?? ""
        host = report.context?.host ?? ""
        digest = file.digest
    }

    private static func words(_ kms: KMSProfile) -> String { kms.words }
}

/// The runs of one cluster, the newest last.
package struct HistoryResult: Presentable {
    package var cluster: String
    package var runs: [RunSummary]
    /// The run that is not finished; nil when there is none.
    package var unfinishedRun: String?
    /// What could not be read, and why.
    package var notes: [String]

    package init(cluster: String, runs: [RunSummary], unfinishedRun: String?, notes: [String]) {
        self.cluster = cluster
        self.runs = runs
        self.unfinishedRun = unfinishedRun
        self.notes = notes
    }

    package var lineItems: [any Encodable & Sendable]? { runs }

    package var sections: [Section] {
        var sections: [Section] = []
        if runs.isEmpty {
            sections.append(.text("No run of \(cluster) is known, on this machine or in the cluster."))
        } else {
            let rows = runs.map { run in
                [
                    run.runID, rfc3339(run.startedAt) ?? "", run.command, "\(run.from) -> \(run.to)", run.verdict,
                    run.secretsAtRest.rawValue, run.exposureSeconds.map(duration) ?? "NOT ended", run.author,
                ]
            }
            let titles = ["RUN", "STARTED", "COMMAND", "KMS", "VERDICT", "SECRETS", "EXPOSED", "BY"]
            sections.append(.table(Table(titles, rows: rows, flexible: 7, optional: [7, 2, 3])))
        }
        if let unfinishedRun { sections.append(.text("Run \(unfinishedRun) is not finished.")) }
        if !notes.isEmpty { sections.append(.text(notes.joined(separator: "\n"))) }
        return sections
    }
}
