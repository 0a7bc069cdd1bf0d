import Azure
import SecretRewrite
import Testing

@testable import Preflight

/// Those that only fill in commands, and those that have a test of their own.
private let others: [any PartialKeyPath<PreflightFacts> & Sendable] = [
    \PreflightFacts.identity.principalID, \PreflightFacts.cluster.localAccountsDisabled,
    \PreflightFacts.identity.accessPolicies, \PreflightFacts.kubernetes.servesMigrations,
]

@Test(arguments: GoodFact.all.filter { fact in !others.contains { "\($0)" == fact.testDescription } })
func `a single fact that nobody has read is seen`(_ fact: GoodFact) {
    let isSeen = PreflightJob.allCases.contains { job in
        var facts = PreflightFacts.good(to: .privateAccess, by: job)
        fact.take(&facts)
        return PreflightReport.full(facts).checks.contains { [.unknown, .warn].contains($0.verdict) }
    }
    #expect(isSeen)
}

@Test func `with access policies the policy is what must be read`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.vault.rbacAuthorization = .known(false)
    facts.identity.accessPolicies = .unread
    let report = PreflightReport.full(facts)
    #expect(report.checks.first { $0.id == "identity-encrypt-decrypt" }?.verdict == .warn, "KMS works with the key")
    facts.identity.accessPolicies = .known([.init(objectID: "me", isOwn: true, keyPermissions: ["All"])])
    #expect(PreflightReport.full(facts).verdict == .ok)
}

@Test func `an engine that is asked for must be seen to be there, with the rights to ask it`() throws {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.strategy.engine = .svm
    let unasked = PreflightReport.full(facts)
    #expect(unasked.blockers.map(\.id) == ["kubernetes-rights"])
    #expect(try #require(unasked.blockers.first).reason.contains("storageversionmigrations"))
    facts.kubernetes.accessReviews = .known(
        PreflightFacts.requiredAccess(.svm).map { .init(request: $0, allowed: true) })
    #expect(PreflightReport.full(facts).verdict == .ok)
    facts.kubernetes.servesMigrations = .unread
    #expect(PreflightReport.full(facts).blockers.map(\.id) == ["rewrite-engine"])
}

@Test func `no fact is left out of these tests`() {
    let facts = PreflightFacts.good(to: .privateAccess)
    let groups: [Any] = [
        facts.cluster, facts.vault, facts.key, facts.presentKey, facts.identity, facts.rights, facts.kubernetes,
        facts.conflicts,
    ]
    let members = groups.reduce(0) { $0 + Mirror(reflecting: $1).children.count }
    #expect(Set(GoodFact.all.map(\.testDescription)).count == members)
    #expect(others.count == 4)
}
