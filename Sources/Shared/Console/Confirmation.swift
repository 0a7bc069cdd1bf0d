import Azure
package import ModeSwitch
package import Plan
import Text
package import Usage

/// The question before the first change.
package enum Confirmation {
    /// What is shown on a terminal: all that `summary` says, and what is asked; without a final line break.
    package static func prompt(_ plan: SwitchPlan, _ intent: Intent) -> String {
        summary(plan, intent).text(for: .kubectl) + "\nType yes to begin: "
    }

    /// What will happen, what it risks, and the way out; without a final line break.
    package static func summary(_ plan: SwitchPlan, _ intent: Intent) -> Advice {
        let names = Names(intent)
        var lines = [
            "Cluster \(names.shownCluster): KMS \(intent.original.mode.rawValue) -> \(plan.target.rawValue), "
                + "vault \(names.shownVault)."
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
        if plan.exposureSeconds > 0, intent.options.onFailure == .makeSafe, intent.purpose == .switchMode {
            lines.append("If it cannot go on while Secrets are exposed, it turns KMS on again by itself.")
        }
        if plan.exposureSeconds > 0, intent.purpose == .switchMode, !isGoingOn {
            lines.append(
                "Without plaintext at all: --key-id with a key in a second vault that is "
                    + "\(plan.target.rawValue) already.")
        }
        return "\(lines.joined(separator: "\n"))\nIf it is interrupted: \(names.tool(.resume))"
    }

    /// Only the whole word agrees; an empty line, `y` and the end of input do not.
    package static func agrees(_ answer: String?) -> Bool {
        guard let answer else { return false }
        return answer.split(whereSeparator: \.isWhitespace).map { $0.lowercased() } == ["yes"]
    }
}
