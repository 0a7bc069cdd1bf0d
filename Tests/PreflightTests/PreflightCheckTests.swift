import Testing

@testable import Preflight

@Test(arguments: PreflightFacts.Mode.allCases)
func `a fit cluster and vault pass every check`(_ target: PreflightFacts.Mode) {
    let report = PreflightReport.full(.good(to: target))
    #expect(report.checks.filter { $0.verdict != .ok && $0.verdict != .notApplicable } == [])
    #expect(report.verdict == .ok)
}

@Test func `for Private every check applies`() {
    let report = PreflightReport.full(.good(to: .private))
    #expect(report.checks.filter { $0.verdict == .notApplicable } == [])
}

@Test(arguments: Mutation.all)
func `each thing that is wrong is found by its check`(_ mutation: Mutation) throws {
    let check = try #require(PreflightCheck.all.first { $0.id == mutation.check })
    let result = check.result(for: mutation.facts)
    #expect(result.verdict == mutation.verdict, "\(result.reason)")
    #expect(result.blocks == (mutation.verdict == .refuse || mutation.verdict == .unknown && check.ifUnknown != .warns))
    #expect(!result.remedy.isEmpty, "what is wrong must come with a command")
    #expect(result.verdict == .unknown || result.advice?.isEmpty == false)
}

@Test func `every check is shown to find something`() {
    let proven = Set(Mutation.all.filter { $0.verdict == .refuse || $0.verdict == .warn }.map(\.check))
    #expect(Set(PreflightCheck.all.map(\.id)).subtracting(proven) == [])
}

@Test(arguments: PreflightFacts.Mode.allCases)
func `what nobody has read never passes`(_ target: PreflightFacts.Mode) {
    let unread = PreflightFacts(target: target, names: PreflightFacts.good(to: target).names, now: 0)
    let report = PreflightReport.full(unread)
    #expect(report.verdict == .refuse)
    // The strategy alone is given by the caller, not read.
    #expect(report.checks.filter { $0.verdict == .ok }.map(\.id) == ["strategy"])
    for check in report.checks where check.verdict == .unknown {
        #expect(!check.remedy.isEmpty, "\(check.id) must say where to look")
    }
}

@Test func `ids are stable words and unique`() {
    let ids = PreflightCheck.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
    for id in ids { #expect(allowed.isSuperset(of: id) && !id.hasPrefix("-")) }
}

@Test func `an unknown answer of a check that could strand the cluster refuses until it is accepted by name`() throws {
    var facts = PreflightFacts.good(to: .private)
    facts.identity.permissions = .unreadable("403 AuthorizationFailed")
    let refused = PreflightReport.full(facts)
    #expect(refused.verdict == .refuse)
    #expect(refused.blockers.map(\.id) == ["identity-encrypt-decrypt", "identity-approves-endpoint"])
    #expect(try #require(refused.blockers.first).reason.contains("--accept-unknown identity-encrypt-decrypt"))

    let accepted = try PreflightCheck.accepted(["identity-encrypt-decrypt", "identity-approves-endpoint"])
    let report = PreflightReport.full(facts, accepting: accepted)
    #expect(report.verdict == .unknown)
    #expect(report.blockers == [])
}

@Test func `accepting an unknown answer lets no refusal through`() {
    var facts = PreflightFacts.good(to: .private)
    facts.cluster.vnetIntegration = .known(false)
    #expect(PreflightReport.full(facts, accepting: ["vnet-integration"]).verdict == .refuse)
}

@Test func `accepting a check that does not exist is a mistake of the caller`() {
    #expect(throws: PreflightError.noSuchCheck("vnet")) { try PreflightCheck.accepted(["locks", "vnet"]) }
    #expect("\(PreflightError.noSuchCheck("a\u{1b}[2J"))".contains("\u{1b}") == false)
}

@Test func `a key behind a closed vault that cannot be read is no reason to refuse`() {
    var facts = PreflightFacts.good(to: .public)
    facts.key.enabled = .unreadable("ForbiddenByConnection")
    #expect(PreflightReport.full(facts).verdict == .unknown)
    facts.vault.publicNetworkAccess = .known("Enabled")
    #expect(PreflightReport.full(facts).verdict == .refuse)
}

@Test func `a setting under which the vault serves nobody is judged by the step`() {
    var facts = PreflightFacts.good(to: .public)
    #expect(PreflightReport.full(facts).verdict == .ok, "the run opens the vault itself")
    #expect(PreflightReport.critical(before: .openVault, facts).verdict == .ok)
    #expect(PreflightReport.critical(before: .enable, facts).blockers.map(\.id) == ["vault-network-mode"])
    facts.vault.publicNetworkAccess = .known("Enabled")
    #expect(PreflightReport.critical(before: .disable, facts).verdict == .ok)
    #expect(PreflightReport.critical(before: .enable, facts).verdict == .ok)
}

@Test(arguments: PreflightStep.allCases)
func `before each step the checks that it hangs on are repeated`(_ step: PreflightStep) {
    let report = PreflightReport.critical(before: step, .good(to: .private))
    #expect(report.step == step)
    #expect(report.checks.contains { $0.id == "vault-network-mode" })
    #expect(report.checks.contains { $0.id == "rights-on-vault" } == (step != .enable))
    #expect(report.checks.contains { $0.id == "key-enabled" } == (step != .openVault))
    #expect(report.checks.contains { $0.id == "shared-vault" } == (step == .disable || step == .closeVault))
}

@Test func `with KMS off the checks before enable do not ask for it to be on`() {
    var facts = PreflightFacts.good(to: .private)
    facts.cluster.kms = .known(PreflightFacts.KMSProfile(enabled: false))
    facts.cluster.provisioningState = .known("Failed")
    #expect(PreflightReport.critical(before: .enable, facts).verdict == .ok)
}

@Test func `a second vault needs no right to change it and ignores who else uses it`() {
    var facts = PreflightFacts.good(to: .private)
    facts.strategy.secondVault = true
    facts.vault.publicNetworkAccess = .known("Disabled")
    facts.rights.onVault = .known([ARMPermission(actions: ["*/read"])])
    facts.rights.locks = .known([
        PreflightFacts.Lock(
            id: "\(facts.names.vaultID)/providers/Microsoft.Authorization/locks/l", level: "ReadOnly")
    ])
    facts.conflicts.otherClusters = .unreadable("not asked")
    #expect(PreflightReport.full(facts).blockers == [])
}

@Test func `a cluster that is Private already may have its vault closed`() {
    var facts = PreflightFacts.good(to: .private)
    facts.cluster.kms = .known(
        PreflightFacts.KMSProfile(enabled: true, keyID: PreflightFacts.keyID, mode: .private))
    facts.vault.publicNetworkAccess = .known("Disabled")
    #expect(PreflightReport.full(facts).verdict == .warn)
}

@Test func `with Secrets in plaintext nothing unknown keeps KMS from being turned on`() {
    let unread = PreflightFacts(target: .private, names: PreflightFacts.good(to: .private).names, now: 0)
    let report = PreflightReport.critical(before: .enable, unread)
    #expect(report.verdict == .unknown)
    #expect(report.blockers == [])
    #expect(PreflightReport.critical(before: .disable, unread).verdict == .refuse)
    #expect(PreflightReport.critical(before: .closeVault, unread).verdict == .refuse)
}
