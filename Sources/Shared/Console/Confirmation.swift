import Azure
package import ModeSwitch
package import Plan
import Text
package import Usage

/// The question before the first change.
package enum Confirmation {
    /// What is shown on a terminal: all that `summary` says, and what is asked; without a final line break.
    package static func prompt(_ plan: SwitchPlan, _ intent: Intent) -> String {
        let wanted =
            mustName(intent) ? "There is no way back. Type the cluster's name to begin: " : "Type yes to begin: "
        return "\(summary(plan, intent).text(for: .kubectl))\n\(wanted)"
    }

    /// Whether a person has to type the cluster's name: Azure has no way back from the new KMS experience.
    package static func mustName(_ intent: Intent) -> Bool { intent.purpose == .migrate && !intent.original.isNew }

    /// What will happen, what it risks, and the way out; without a final line break.
    package static func summary(_ plan: SwitchPlan, _ intent: Intent) -> Advice {
        let names = Names(intent)
        var lines = [
            head(plan, intent, names)
        ]
        lines += plan.steps.map { step in
            "  \(step.number). \(step.title)" + (step.isDone ? " (done)" : step.exposed ? " (Secrets exposed)" : "")
        }
        let total = plan.steps.reduce(0) { $0 + $1.expectedSeconds }
        let isGoingOn = plan.steps.contains(where: \.isDone)
        lines.append(isGoingOn ? "What is left takes about \(duration(total))." : "It takes about \(duration(total)).")
        if let since = plan.exposedSince.flatMap(rfc3339) { lines.append("Secrets are exposed since \(since).") }
        lines.append("Exposure window\(plan.exposedSince == nil ? "" : " from now on"): \(plan.exposureWords).")
        if intent.purpose == .makeSafe, !plan.steps.contains(where: { $0.kind == .turnOn }) {
            lines.append("KMS is on: nothing has to be turned on. Every Secret is rewritten and verified once more.")
        }
        lines += plan.warnings.map { "! \($0)" }
        if plan.exposureSeconds > 0, intent.options.onFailure == .makeSafe, intent.purpose.turnsBack {
            lines.append("If it cannot go on while Secrets are exposed, it turns KMS on again by itself.")
        }
        return "\(lines.joined(separator: "\n"))\nIf it is interrupted: \(names.tool(.resume))"
    }

    private static func head(_ plan: SwitchPlan, _ intent: Intent, _ names: Names) -> String {
        let vault = intent.vaultID == nil ? "" : ", vault \(names.shownVault)"
        switch intent.purpose {
        case .rotate:
            let version = intent.keyID?.version ?? "a new version"
            return "Cluster \(names.shownCluster): key \(names.keyName.printable()) -> \(version)\(vault)."
        case .migrate:
            return "Cluster \(names.shownCluster): KMS \(plan.encryption) -> \(plan.targetWords)\(vault)."
        case .switchMode, .makeSafe:
            let before = intent.original.mode.rawValue
            return "Cluster \(names.shownCluster): KMS \(before) -> \(plan.target.rawValue)\(vault)."
        }
    }

    /// Only the whole word agrees; an empty line, `y` and the end of input do not. A step without a way back takes the
    /// cluster's name instead.
    package static func agrees(_ answer: String?, to intent: Intent? = nil) -> Bool {
        guard let answer else { return false }
        if let intent, mustName(intent) {
            return answer.split(whereSeparator: \.isWhitespace).map(String.init) == [intent.clusterID.name]
        }
        return answer.split(whereSeparator: \.isWhitespace).map { $0.lowercased() } == ["yes"]
    }
}
