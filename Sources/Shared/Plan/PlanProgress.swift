package import Azure
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
        // While Azure works, its profile shows the new setting already.
        let ends = plan.endsOnPlatformKey
        let change = seen.receipts.lastChange.map { PlanStep.Kind.change(to: $0.profile, endsOnPlatformKey: ends) }
        self.init(
            plan.steps,
            planKind(of: next, isOn: seen.cluster.kms.encrypts, change: change, endsOnPlatformKey: ends))
    }

    package init?(_ steps: [PlanStep], _ kind: PlanStep.Kind?) {
        guard let kind, let step = steps.first(where: { $0.kind == kind }) else { return nil }
        self.step = step.number
        of = steps.count
        title = step.title
    }
}

extension PlanStep.Kind {
    /// The step that sets a profile.
    package static func change(to profile: KMSProfile, endsOnPlatformKey: Bool) -> PlanStep.Kind {
        guard profile.encrypts else { return .turnOff }
        return profile.isPlatformManaged && !endsOnPlatformKey ? .toPlatformKey : .turnOn
    }
}

/// The step of a plan to which a step of the run belongs; nil for an end.
///
/// - Parameters:
///   - isOn: whether KMS is on.
///   - change: the step of the newest change of KMS; nil before the first.
///   - endsOnPlatformKey: whether Azure's own key is where the plan leads to.
package func planKind(
    of next: Step, isOn: Bool, change: PlanStep.Kind?, endsOnPlatformKey: Bool = false
) -> PlanStep.Kind? {
    let isBetween = change == .toPlatformKey
    switch next {
    case .wait(.operation), .wait(.armUnreadable), .wait(.apiServerSilent), .wait(.nodePools):
        return change ?? .prepare
    case .wait(.privateEndpointApproval): return .turnOn
    case .check(.closeVault), .closeVault, .denyNetworks, .wait(.check): return .closeVault
    case .check: return .prepare
    case .change(let profile): return .change(to: profile, endsOnPlatformKey: endsOnPlatformKey)
    case .converge(.baseline): return .prepare
    case .converge(.controller): return .awaitVersion
    // It renews the evidence around a pass.
    case .converge(.burst): return isBetween ? .rewriteOnPlatformKey : isOn ? .rewriteOn : .rewriteOff
    case .converge: return change ?? .prepare
    case .rewrite(.beforeKeyChange): return .rewriteBeforeKeyChange
    case .rewrite: return isBetween ? .rewriteOnPlatformKey : isOn ? .rewriteOn : .rewriteOff
    case .openVault, .allowNetworks: return .openVault
    case .trustServices: return .trustServices
    case .makeKeyVersion: return .makeKeyVersion
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
