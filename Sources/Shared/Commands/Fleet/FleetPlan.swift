package import Azure
package import Console
import Fleet
import ModeSwitch
package import Plan
package import Report
import Text
import Usage

/// What a command will do on many clusters. Member names are part of the command line's contract.
package struct FleetPlan: Presentable {
    package struct Cluster: Sendable, Codable, Hashable {
        package enum Way: String, Sendable, Codable, Hashable {
            /// A new run.
            case begin
            /// A run that was interrupted goes on.
            case resume
            /// Nothing is to be done.
            case done
            /// The command cannot begin; `problem` says why.
            case refused
        }

        package var cluster: AzureResourceID
        package var stage: String
        package var way: Way
        /// The unfinished run that goes on.
        package var runID: String?
        /// Nil where none could be made.
        package var plan: SwitchPlan?
        /// What encrypts when it is done, in words.
        package var target: String?
        package var warnings: [String] = []
        /// Whether its Secrets are or may be plaintext now.
        package var exposed = false
        package var problem: RunReport.Problem?
    }

    /// Clusters that are switched together, since they use one vault.
    package struct SharedVault: Sendable, Codable, Hashable {
        package var vault: AzureResourceID
        package var clusters: [AzureResourceID]
    }

    package struct Stage: Sendable, Codable, Hashable {
        package var name: String
        /// Seconds after it.
        package var pause: Double
    }

    /// The same for the same state and the same wish, on every machine; `--plan-id` takes it.
    package var planID: String
    package var command: String
    package var parallel: Int
    package var stages: [Stage]
    package var clusters: [Cluster]
    package var sharedVaults: [SharedVault]
    /// Seconds that all of it takes, about.
    package var expectedSeconds: Double

    package init(
        command: String, parallel: Int, stages: [Stage], clusters: [Cluster], sharedVaults: [SharedVault]
    ) {
        self.command = command
        self.parallel = parallel
        self.stages = stages
        self.clusters = clusters
        self.sharedVaults = sharedVaults
        expectedSeconds = Self.seconds(stages, clusters, parallel)
        let parts =
            [command]
            + clusters.map { cluster in
                let id = cluster.cluster.description.lowercased()
                return "\(id) \(cluster.stage) \(cluster.way.rawValue) \(cluster.runID ?? cluster.plan?.planID ?? "")"
            }
        planID = String(sha256Hex(Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)).prefix(16))
    }

    /// Each place takes the next cluster of the stage when it is free.
    private static func seconds(_ stages: [Stage], _ clusters: [Cluster], _ parallel: Int) -> Double {
        var total = 0.0
        for (index, stage) in stages.enumerated() {
            var places = Array(repeating: 0.0, count: max(1, parallel))
            for cluster in clusters where cluster.stage == stage.name && cluster.isToDo {
                let first = places.indices.min { places[$0] < places[$1] } ?? 0
                places[first] += cluster.plan?.steps.reduce(0) { $0 + $1.expectedSeconds } ?? 0
            }
            total += (places.max() ?? 0) + (index + 1 < stages.count ? stage.pause : 0)
        }
        return total
    }

    package var toDo: Int { clusters.count(where: \.isToDo) }
    package var refused: [Cluster] { clusters.filter { $0.way == .refused } }
}

extension FleetPlan.Cluster {
    package var isToDo: Bool { way == .begin || way == .resume }

    private var exposure: String {
        guard let seconds = plan?.exposureSeconds else { return "" }
        return seconds > 0 ? "about \(duration(seconds))" : "no"
    }

    /// A warning as it is for every cluster: without the name of its key.
    fileprivate func general(_ warning: String) -> String {
        guard let key = plan?.keyID, !key.isEmpty else { return warning }
        return warning.replacing("The key \(key)", with: "Its key").replacing("the version \(key)", with: "its version")
    }

    fileprivate var row: [String] {
        let now = plan?.encryption ?? ""
        let then: String =
            switch way {
            case .begin: target ?? ""
            case .resume: "goes on\(exposed ? ", first" : ""): \(target ?? "")"
            case .done: "nothing to do"
            case .refused: "REFUSED"
            }
        return [
            stage, cluster.name, cluster.resourceGroup, now, then,
            plan.flatMap { try? AzureResourceID(parsing: $0.vault) }?.name ?? "",
            plan?.secrets.map(String.init) ?? "", isToDo ? exposure : "",
        ]
    }
}

extension FleetPlan {
    private enum CodingKeys: String, CodingKey {
        case planID, command, parallel, stages, clusters, sharedVaults, expectedSeconds
    }

    package var sections: [Section] {
        let hasStages = stages.count > 1
        let titles = ["STAGE", "CLUSTER", "GROUP", "NOW", "THEN", "VAULT", "SECRETS", "EXPOSED"]
        let rows = clusters.map(\.row)
        let table = Table(
            hasStages ? titles : Array(titles.dropFirst()), rows: hasStages ? rows : rows.map { Array($0.dropFirst()) },
            optional: hasStages ? [2, 6] : [1, 5])
        var sections: [Section] = [.table(table), .prose(sentences.joined(separator: "\n"))]
        for cluster in refused {
            guard let problem = cluster.problem else { continue }
            sections.append(.text(cluster.cluster.name.printable() + ":\n" + problem.shown))
        }
        let warnings = countedWarnings
        if !warnings.isEmpty { sections.append(.prose(warnings.map { "! \($0)" }.joined(separator: "\n"))) }
        sections.append(.fields([.init("Plan", planID)]))
        return sections
    }

    private var sentences: [String] {
        var lines = sharedVaults.map { shared in
            let names = shared.clusters.map { $0.name.printable() }.joined(separator: ", ")
            return "Vault \(shared.vault.name.printable()) is shared by \(names): it is open before the first of them "
                + "needs it, and closes after the last."
        }
        for (stage, next) in zip(stages, stages.dropFirst()) where stage.pause > 0 {
            lines.append("After stage \(stage.name), \(duration(stage.pause)) pass before stage \(next.name) begins.")
        }
        let left = clusters.count - toDo
        lines.append(
            "\(toDo) of \(clusters.count) clusters, at most \(parallel) at a time: about \(duration(expectedSeconds))."
                + (left > 0 && refused.isEmpty ? " The others are done already." : ""))
        return lines
    }

    /// Each warning once, with how many clusters it is for.
    private var countedWarnings: [String] {
        var order: [String] = []
        var counts: [String: Int] = [:]
        for cluster in clusters where cluster.isToDo {
            for warning in (cluster.warnings + (cluster.plan?.warnings ?? [])).map(cluster.general) {
                if counts[warning] == nil { order.append(warning) }
                counts[warning, default: 0] += 1
            }
        }
        return order.prefix(20).map { warning in
            let count = counts[warning] ?? 1
            return count > 1 ? "\(warning) (\(count) clusters)" : warning
        } + (order.count > 20 ? ["and \(order.count - 20) more: -o json has them all"] : [])
    }

    /// What is shown on a terminal before the first change; without a final line break.
    package var prompt: String {
        let all = text(of: sections, width: nil)
        return all + "\nType the number of clusters to begin: "
    }

    /// Whether a person agreed: with the number of clusters that will be changed, and nothing else.
    package func agrees(_ answer: String?) -> Bool {
        answer.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) == ["\(toDo)"] } ?? false
    }
}

extension RunReport.Problem {
    /// For people, under the name of the cluster that it is about.
    var shown: String {
        lines(for: .kubectl).map { "  " + $0 }.joined(separator: "\n")
    }
}
