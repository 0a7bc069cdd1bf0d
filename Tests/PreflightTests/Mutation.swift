import Azure
import Testing

@testable import Preflight

/// One thing that is wrong, and what its check must say of it.
struct Mutation: Sendable, CustomTestStringConvertible {
    let check: String
    let what: String
    let verdict: CheckVerdict
    let target: NetworkMode
    let job: PreflightJob
    let change: @Sendable (inout PreflightFacts) -> Void

    init(
        _ check: String, _ what: String, _ verdict: CheckVerdict, to target: NetworkMode = .privateAccess,
        by job: PreflightJob = .legacySwitch, _ change: @escaping @Sendable (inout PreflightFacts) -> Void
    ) {
        self.check = check
        self.what = what
        self.verdict = verdict
        self.target = target
        self.job = job
        self.change = change
    }

    var testDescription: String { "\(job.rawValue): \(check): \(what) -> \(verdict.rawValue)" }

    var facts: PreflightFacts {
        var facts = PreflightFacts.good(to: target, by: job)
        change(&facts)
        return facts
    }

    static let all = cluster + kms + vault + key + identity + rights + kubernetes + secrets + conflicts + jobs
}
