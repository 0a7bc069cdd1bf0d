import Azure
import Text
package import Usage

/// A change of the run before which a part of preflight is repeated.
package enum PreflightStep: String, Sendable, Hashable, Codable, CaseIterable {
    case disable
    case openVault
    case closeVault
    case enable
    /// The first change of a run in which KMS stays on. What is asked before `disable` is asked before it as well.
    case changeKey
}

/// What an unknown answer of a check means for the run.
package enum UnknownPolicy: Sendable, Hashable {
    /// The run may go on: if the thing is wrong, it fails while Secrets are encrypted.
    case warns
    /// The run may not go on unless the caller accepts it by name: if the thing is wrong, the run stops with Secrets
    /// in plaintext, or cannot be undone.
    case refuses
    /// As `refuses`, but only warns while the vault is closed, since its key then cannot be read from outside.
    case refusesWhileVaultIsOpen

    /// Nothing unknown blocks enable: Secrets are plaintext then, and an enable that fails leaves them no worse.
    func blocks(_ facts: PreflightFacts) -> Bool {
        if facts.step == .enable { return false }
        return switch self {
        case .warns: false
        case .refuses: true
        case .refusesWhileVaultIsOpen: facts.vault.access.value != .disabled
        }
    }
}

/// What a check finds, before the policy for unknown answers is applied.
enum Finding: Sendable, Hashable {
    case ok(String)
    case warn(String, [ShellCommand])
    case refuse(String, [ShellCommand])
    case unknown(String)
    case notApplicable(String)
}

/// One condition of the switch: a pure judgement of facts, with the reasons for asking and the way to mend it.
package struct PreflightCheck: Sendable {
    /// Stable, kebab-case: reports, `--accept-unknown` and the documentation use it.
    package let id: String
    package let title: String
    /// What goes wrong later if this is wrong now.
    package let why: String
    /// What to do about it, in words; the exact commands are in the result.
    package let mend: Advice
    /// Where the rule comes from: a thread (`owner/name#number`) or a page.
    package let source: String
    package let ifUnknown: UnknownPolicy
    package let jobs: Set<PreflightJob>
    /// The steps before which it is asked again: those that do harm if it has become wrong since. What the step's own
    /// request would refuse without harm, and what can only warn, is asked once.
    package let repeatedBefore: Set<PreflightStep>
    /// The commands that show the facts, for a person to look where the program could not.
    let look: @Sendable (PreflightFacts) -> [ShellCommand]
    let judge: @Sendable (PreflightFacts) -> Finding

    init(
        _ id: String, _ title: String, why: String, mend: Advice, source: String, ifUnknown: UnknownPolicy,
        for jobs: Set<PreflightJob> = .all, before repeatedBefore: Set<PreflightStep> = [],
        look: @escaping @Sendable (PreflightFacts) -> [ShellCommand],
        judge: @escaping @Sendable (PreflightFacts) -> Finding
    ) {
        self.id = id
        self.title = title
        self.why = why
        self.mend = mend
        self.source = source
        self.ifUnknown = ifUnknown
        self.jobs = jobs
        self.repeatedBefore =
            repeatedBefore.contains(.disable) ? repeatedBefore.union([.changeKey]) : repeatedBefore
        self.look = look
        self.judge = judge
    }

    /// Every check, in the order in which a report shows them.
    package static let all: [PreflightCheck] =
        ClusterChecks.all + KMSChecks.all + VaultChecks.all + KeyChecks.all + IdentityChecks.all + RightsChecks.all
        + KubernetesChecks.all + SecretChecks.all + ConflictChecks.all

    /// Judges the facts; `accepted` holds the ids of checks whose unknown answers the caller lets pass.
    package func result(for facts: PreflightFacts, accepting accepted: Set<String> = []) -> CheckResult {
        switch judge(facts) {
        case .ok(let reason): result(.ok, reason)
        case .notApplicable(let reason): result(.notApplicable, reason)
        case .warn(let reason, let remedy): result(.warn, reason, remedy)
        case .refuse(let reason, let remedy): result(.refuse, reason, remedy, blocks: true)
        case .unknown(let reason): unknown(reason, facts, accepted: accepted.contains(id))
        }
    }

    private func unknown(_ reason: String, _ facts: PreflightFacts, accepted: Bool) -> CheckResult {
        let blocks = ifUnknown.blocks(facts)
        let consequence =
            switch (blocks, accepted) {
            case (true, false): "; this refuses the run unless --accept-unknown \(id) is given"
            case (true, true): "; accepted with --accept-unknown \(id)"
            case (false, _): ""
            }
        return result(.unknown, "cannot be told: \(reason)\(consequence)", look(facts), blocks: blocks && !accepted)
    }

    private func result(
        _ verdict: CheckVerdict, _ reason: String, _ remedy: [ShellCommand] = [], blocks: Bool = false
    ) -> CheckResult {
        let wrong = verdict == .warn || verdict == .refuse
        return CheckResult(
            id: id, title: title, verdict: verdict, blocks: blocks, reason: reason.printable(limit: .max),
            advice: wrong ? mend : nil, remedy: remedy, source: source)
    }
}
