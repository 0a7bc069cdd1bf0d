import Azure
import Testing

@testable import Preflight

/// Those that only fill in commands, and the one that has a test of its own.
private let others: [any PartialKeyPath<PreflightFacts> & Sendable] = [
    \PreflightFacts.identity.principalID, \PreflightFacts.cluster.localAccountsDisabled,
    \PreflightFacts.identity.accessPolicies,
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

@Test func `no fact is left out of these tests`() {
    let facts = PreflightFacts.good(to: .privateAccess)
    let groups: [Any] = [
        facts.cluster, facts.vault, facts.key, facts.presentKey, facts.identity, facts.rights, facts.kubernetes,
        facts.conflicts,
    ]
    let members = groups.reduce(0) { $0 + Mirror(reflecting: $1).children.count }
    #expect(Set(GoodFact.all.map(\.testDescription)).count == members)
    #expect(others.count == 3)
}
