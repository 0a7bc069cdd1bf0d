import Text
package import Usage

/// A check's answer; `notApplicable` says that the condition does not exist for this cluster and this switch.
package enum CheckVerdict: String, Sendable, Hashable, Codable {
    case ok
    case notApplicable
    case warn
    case unknown
    case refuse
}

/// What one check answered.
package struct CheckResult: Sendable, Hashable, Encodable {
    package let id: String
    package let title: String
    package let verdict: CheckVerdict
    /// Whether the run may not go on: every refusal, and those unknown answers that were not accepted.
    package let blocks: Bool
    /// In plain words, with the names; holds no control characters.
    package let reason: String
    /// What to do about it; nil if nothing is wrong.
    package let advice: Advice?
    /// Commands for a POSIX shell: they mend what is wrong, or show what could not be told.
    package let remedy: [ShellCommand]
    /// Where the rule comes from.
    package let source: String
}

/// All answers of a preflight, or of the part that is repeated before a step.
package struct PreflightReport: Sendable, Hashable, Encodable {
    /// `refuse` if anything blocks, else the gravest of the answers.
    package let verdict: CheckVerdict
    /// The step before which this was asked; nil for the whole preflight.
    package let step: PreflightStep?
    package let checks: [CheckResult]

    /// The answers that keep the run from going on.
    package var blockers: [CheckResult] { checks.filter(\.blocks) }

    /// Asks every check, or those of a part.
    package static func full(
        _ facts: PreflightFacts, _ part: Part = .whole, accepting accepted: Set<String> = []
    ) -> PreflightReport {
        report(PreflightCheck.all.filter { part.asks($0) }, facts, step: nil, accepted)
    }

    /// A part of the whole preflight. The dry run of all Secrets takes minutes on a large cluster, so that a run may
    /// have it beside something else.
    package enum Part: Sendable, Hashable {
        case whole
        /// All but the checks that judge the dry run, or the metrics that are read after it.
        case beforeDryRun
        /// The checks that judge the dry run and these metrics.
        case dryRun

        func asks(_ check: PreflightCheck) -> Bool {
            let isOfDryRun = SecretChecks.ofDryRun.contains { $0.id == check.id }
            return switch self {
            case .whole: true
            case .beforeDryRun: !isOfDryRun
            case .dryRun: isOfDryRun
            }
        }
    }

    /// Asks again what must still hold right before a step.
    package static func critical(
        before step: PreflightStep, _ facts: PreflightFacts, accepting accepted: Set<String> = []
    ) -> PreflightReport {
        report(PreflightCheck.all.filter { $0.repeatedBefore.contains(step) }, facts, step: step, accepted)
    }

    private static func report(
        _ checks: [PreflightCheck], _ facts: PreflightFacts, step: PreflightStep?, _ accepted: Set<String>
    ) -> PreflightReport {
        var facts = facts
        facts.step = step
        let job = facts.strategy.job
        let results = checks.filter { job.asks($0) }.map { $0.result(for: facts, accepting: accepted) }
        return PreflightReport(verdict: verdict(of: results), step: step, checks: results)
    }

    private static func verdict(of results: [CheckResult]) -> CheckVerdict {
        if results.contains(where: \.blocks) { return .refuse }
        for verdict in [CheckVerdict.unknown, .warn] where results.contains(where: { $0.verdict == verdict }) {
            return verdict
        }
        return .ok
    }
}

/// A use of preflight that makes no sense.
package enum PreflightError: Error, Hashable, CustomStringConvertible {
    /// `--accept-unknown` names a check that does not exist.
    case noSuchCheck(String)

    package var description: String {
        switch self {
        case .noSuchCheck(let id):
            "--accept-unknown names a check that does not exist: \(id.printable(limit: .max)). Nothing was changed. "
                + "The output of preflight has the ids"
        }
    }
}

extension PreflightCheck {
    /// The values of `--accept-unknown`, if each names a check.
    package static func accepted(_ ids: [String]) throws(PreflightError) -> Set<String> {
        let known = Set(all.map(\.id))
        for id in ids where !known.contains(id) { throw .noSuchCheck(id) }
        return Set(ids)
    }
}
