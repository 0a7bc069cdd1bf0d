import Connections
import Console
import ModeSwitch
import Plan
import Report
import Synchronization
import Text
import Usage

/// Stands in for the person while a command works on one cluster of many: it keeps what is shown, and agrees to what
/// the person agreed to for all of them.
final class MemberFrontEnd: FrontEnd {
    /// How the command on the one cluster ended.
    struct Ended: Sendable {
        var result: (any Presentable)?
        var outcome: CommandOutcome?
        var problem: RunReport.Problem?
        var warnings: [String] = []
    }

    private let name: String
    private let outside: any FleetFrontEnd
    private let agreed: SwitchPlan?
    private let ended = Mutex(Ended())

    /// - Parameter agreed: the plan that the person has agreed to; nil for a command that has none.
    init(_ name: String, outside: any FleetFrontEnd, agreed: SwitchPlan? = nil) {
        self.name = name
        self.outside = outside
        self.agreed = agreed
    }

    var seen: Ended { ended.withLock { $0 } }

    /// The person was asked about all clusters, after preflight had looked at each.
    var asks: Bool { false }

    func begin(_ state: ProgressState) -> any ProgressView { outside.begin(state, on: name) }

    /// - Throws: `SubjectError` where something changed since the person agreed.
    func agrees(to plan: SwitchPlan, _ intent: Intent) throws -> Bool {
        guard let agreed, let change = plan.difference(from: agreed) else { return true }
        throw SubjectError(
            .refused, "since the plan was agreed to, something changed: \(change)",
            next: "run the command again: it shows what is left, and the plan for it")
    }

    func declined() {}

    func show(_ result: any Presentable, _ outcome: CommandOutcome) {
        ended.withLock {
            $0.result = result
            $0.outcome = outcome
            $0.problem = outcome.problem
        }
    }

    /// What a person would be told beside a result stands in the result.
    func tell(_ text: Advice) {}

    func warn(_ text: String) {
        ended.withLock { $0.warnings.append(text) }
        outside.warn("\(name.printable()): \(text)")
    }

    func fail(_ failure: CommandFailure) { ended.withLock { $0.problem = failure.problem } }
}

extension SwitchPlan {
    /// What makes this plan another one than that a person agreed to; nil where nothing does that matters. The vault
    /// may be open by now, since another cluster of the fleet opened it, and the version of a key may be newer.
    func difference(from agreed: SwitchPlan) -> String? {
        if cluster.lowercased() != agreed.cluster.lowercased() { return "it is another cluster" }
        if encryption != agreed.encryption {
            return "Secrets are encrypted with \(encryption) now, not \(agreed.encryption)"
        }
        if strategy != agreed.strategy || target != agreed.target || newKey != agreed.newKey {
            return "it goes another way now"
        }
        if vault.lowercased() != agreed.vault.lowercased() { return "the key's vault is another one now" }
        if exposureSeconds > agreed.exposureSeconds * 2 + 60 { return "Secrets would be exposed for longer" }
        return nil
    }
}
