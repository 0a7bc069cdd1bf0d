package import Azure
import AzureResources
package import Console
package import ModeSwitch
package import Report
import Text
import Usage

/// How a command ended on many clusters. Member names are part of the command line's contract.
package struct FleetReport: Presentable {
    package struct Cluster: Sendable, Encodable {
        package enum State: String, Sendable, Codable, Hashable {
            case done
            case failed
            case refused
            case interrupted
            /// Some Secrets are or may be plaintext.
            case exposed
            /// Since another cluster failed, or the command was interrupted.
            case notStarted
            /// An earlier command did it.
            case doneBefore
        }

        package var cluster: AzureResourceID
        package var stage: String
        package var state: State
        /// Nil where it did not begin.
        package var exitCode: Int32?
        package var secretsAtRest: SecretsAtRest
        package var runID: String?
        package var seconds: Double?
        package var problem: RunReport.Problem?
        /// What the command on this cluster alone would have shown.
        package var result: (any Presentable)?
        /// What is worth a row, in a few words.
        package var words: String

        private enum CodingKeys: String, CodingKey {
            case cluster, stage, state, exitCode, secretsAtRest, runID, seconds, problem, result, words
        }

        package func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(cluster, forKey: .cluster)
            try members.encode(stage, forKey: .stage)
            try members.encode(state, forKey: .state)
            try members.encodeIfPresent(exitCode, forKey: .exitCode)
            try members.encode(secretsAtRest, forKey: .secretsAtRest)
            try members.encodeIfPresent(runID, forKey: .runID)
            try members.encodeIfPresent(seconds, forKey: .seconds)
            try members.encodeIfPresent(problem, forKey: .problem)
            if let result { try result.encode(to: members.superEncoder(forKey: .result)) }
            try members.encode(words, forKey: .words)
        }
    }

    /// Nil for commands that keep no record.
    package var fleetID: String?
    package var command: String
    package var verdict: String
    package var clusters: [Cluster]
    /// What could not be searched for clusters.
    package var unreadable: [String]

    package var lineItems: [any Encodable & Sendable]? { clusters }

    private enum CodingKeys: String, CodingKey { case fleetID, command, verdict, clusters, unreadable }

    package var sections: [Section] {
        let hasStages = Set(clusters.map(\.stage)).count > 1
        if command == CommandName.status.rawValue { return lookSections }
        let titles = ["STAGE", "CLUSTER", "GROUP", "STATE", "SECRETS AT REST", "CODE", "TIME", "WHAT"]
        let rows = clusters.map(\.row)
        var sections: [Section] = [
            .table(
                Table(
                    hasStages ? titles : Array(titles.dropFirst()),
                    rows: hasStages ? rows : rows.map { Array($0.dropFirst()) }, flexible: hasStages ? 7 : 6,
                    optional: hasStages ? [2, 6] : [1, 5]))
        ]
        for cluster in clusters {
            guard let problem = cluster.problem else { continue }
            sections.append(.text(cluster.cluster.name.printable() + ":\n" + problem.shown))
        }
        if !unreadable.isEmpty { sections.append(.text("Not readable:\n" + unreadable.joined(separator: "\n"))) }
        return sections
    }

    /// Of a command that says what is, whatever that may be.
    private var lookSections: [Section] {
        let rows = clusters.map { cluster in
            [
                cluster.cluster.name, cluster.cluster.resourceGroup, cluster.secretsAtRest.rawValue,
                cluster.problem?.what ?? cluster.words,
            ]
        }
        return [.table(Table(["CLUSTER", "GROUP", "SECRETS AT REST", "WHAT"], rows: rows, flexible: 3, optional: [1]))]
    }

    /// What a person is to see last of a look at many clusters.
    private var lookSummary: String {
        let all = clusters.compactMap { $0.result as? StatusResult }
        let unfinished = all.count { $0.unfinishedRun != nil }
        let off = all.count { $0.encryption == .legacyOff }
        var parts = ["\(all.count) of \(clusters.count) clusters were seen"]
        if off > 0 { parts.append("KMS is off for \(off)") }
        if unfinished > 0 {
            parts.append("\(unfinished) have a run that is not finished: the command that began it goes on")
        }
        return parts.joined(separator: "; ")
    }

    /// How many are in each state, in one sentence.
    package var summary: String {
        if command == CommandName.status.rawValue { return lookSummary }
        let words: [(Cluster.State, String)] = [
            (.exposed, "with Secrets that are or may be PLAINTEXT"), (.failed, "failed"), (.refused, "refused"),
            (.interrupted, "interrupted"), (.notStarted, "not started"),
        ]
        let done = clusters.count { $0.state == .done || $0.state == .doneBefore }
        let others = words.compactMap { state, text in
            let count = clusters.count { $0.state == state }
            return count > 0 ? "\(count) \(text)" : nil
        }
        return (["\(done) of \(clusters.count) clusters done"] + others).joined(separator: ", ")
    }

    /// That of the whole: the worst of what is known.
    package var secretsAtRest: SecretsAtRest {
        let all = clusters.map(\.secretsAtRest)
        if all.contains(.plaintext) { return all.allSatisfy { $0 == .plaintext } ? .plaintext : .mixed }
        if all.contains(.mixed) { return .mixed }
        return all.allSatisfy { $0 == .encrypted } ? .encrypted : .unknown
    }
}

extension FleetReport.Cluster {
    fileprivate var row: [String] {
        [
            stage, cluster.name, cluster.resourceGroup, state.words, secretsAtRest.rawValue,
            exitCode.map(String.init) ?? "", seconds.map(duration) ?? "", problem?.what ?? words,
        ]
    }
}

extension FleetReport.Cluster.State {
    /// - Parameter code: nil where the command did not begin.
    init(_ code: ExitCode?) {
        switch code {
        case nil: self = .notStarted
        case .done, .doneWithFailures: self = .done
        case .failed: self = .failed
        // Of what was typed nothing is wrong with one cluster alone, but the time that is left for it.
        case .refused, .usage: self = .refused
        case .interrupted: self = .interrupted
        case .stoppedInPlaintext: self = .exposed
        }
    }

    fileprivate var words: String {
        switch self {
        case .done: "done"
        case .failed: "FAILED"
        case .refused: "REFUSED"
        case .interrupted: "INTERRUPTED"
        case .exposed: "EXPOSED"
        case .notStarted: "not started"
        case .doneBefore: "done before"
        }
    }
}
