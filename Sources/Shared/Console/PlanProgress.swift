import Azure
package import ModeSwitch

/// How far a run is in the steps of its plan.
package struct PlanProgress: Sendable, Codable, Hashable {
    /// From 1.
    package var step: Int
    package var of: Int
    package var title: String

    package init(step: Int, of: Int, title: String) {
        self.step = step
        self.of = of
        self.title = title
    }

    /// - Parameter next: the step that `nextStep` names for what is seen.
    package init?(_ plan: SwitchPlan, _ next: Step, _ seen: Observation) {
        let kind = planKind(of: next, seen)
        guard let kind, let step = plan.steps.first(where: { $0.kind == kind }) else { return nil }
        self.step = step.number
        of = plan.steps.count
        title = step.title
    }
}

/// The step of a plan to which a step of the run belongs; nil for an end.
func planKind(of next: Step, _ seen: Observation) -> PlanStep.Kind? {
    let isOn = seen.cluster.kms.enabled
    // While Azure works, its profile shows the new setting already.
    let change: PlanStep.Kind? = seen.receipts.lastChange.map { $0.profile.enabled ? .turnOn : .turnOff }
    switch next {
    case .wait(.operation), .wait(.armUnreadable), .wait(.apiServerSilent), .wait(.nodePools):
        return change ?? .prepare
    case .wait(.privateEndpointApproval): return .turnOn
    case .check(.closeVault), .closeVault, .wait(.check): return .closeVault
    case .check: return .prepare
    case .change(let profile): return profile.enabled ? .turnOn : .turnOff
    case .converge(.baseline): return .prepare
    case .converge: return change ?? .prepare
    case .rewrite(.beforeKeyChange): return .rewriteBeforeKeyChange
    case .rewrite: return isOn ? .rewriteOn : .rewriteOff
    case .openVault: return .openVault
    case .soak, .prove, .finish: return .prove
    case .turnBack, .stop: return nil
    }
}

extension SwitchPlan {
    /// The plan of a run that goes on: what is done is marked, and no longer counts for the times.
    package func goingOn(at progress: PlanProgress?) -> SwitchPlan {
        guard let progress else { return self }
        var plan = self
        for index in plan.steps.indices where plan.steps[index].number < progress.step {
            plan.steps[index].isDone = true
            plan.steps[index].expectedSeconds = 0
            plan.steps[index].exposedSeconds = 0
        }
        plan.exposureSeconds = plan.steps.reduce(0) { $0 + $1.exposedSeconds }
        return plan
    }
}
