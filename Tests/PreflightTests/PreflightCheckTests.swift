import Azure
import Testing
import Usage

@testable import Preflight

@Test(arguments: NetworkMode.allCases, PreflightJob.allCases)
func `a fit cluster and vault pass every check`(_ target: NetworkMode, _ job: PreflightJob) {
    let report = PreflightReport.full(.good(to: target, by: job))
    #expect(report.checks.filter { $0.verdict != .ok && $0.verdict != .notApplicable } == [])
    #expect(report.verdict == .ok)
}

@Test func `for Private every check applies`() {
    let report = PreflightReport.full(.good(to: .privateAccess))
    // The one about an engine that nobody asked for has tests of its own.
    #expect(report.checks.filter { $0.verdict == .notApplicable }.map(\.id) == ["rewrite-engine"])
}

@Test(arguments: Mutation.all)
func `each thing that is wrong is found by its check`(_ mutation: Mutation) throws {
    let check = try #require(PreflightCheck.all.first { $0.id == mutation.check })
    #expect(mutation.job.asks(check))
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

@Test(arguments: NetworkMode.allCases, PreflightJob.allCases)
func `what nobody has read never passes`(_ target: NetworkMode, _ job: PreflightJob) {
    let unread = PreflightFacts(
        target: target, strategy: .init(job: job), names: PreflightFacts.good(to: target).names, now: 0)
    let report = PreflightReport.full(unread)
    #expect(report.verdict == .refuse)
    // The strategy alone is given by the caller, not read.
    #expect(report.checks.filter { $0.verdict == .ok }.map(\.id) == (job == .legacySwitch ? ["strategy"] : []))
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
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.identity.roles = .unreadable("403 AuthorizationFailed")
    facts.kubernetes.failingHealthChecks = .unreadable("403")
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
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.cluster.vnetIntegration = .known(false)
    #expect(PreflightReport.full(facts, accepting: ["vnet-integration"]).verdict == .refuse)
}

@Test func `accepting a check that does not exist is a mistake of the caller`() {
    #expect(throws: PreflightError.noSuchCheck("vnet")) { try PreflightCheck.accepted(["locks", "vnet"]) }
    #expect("\(PreflightError.noSuchCheck("a\u{1b}[2J"))".contains("\u{1b}") == false)
}

@Test func `a key behind a closed vault that cannot be read is no reason to refuse`() {
    var facts = PreflightFacts.good(to: .publicAccess)
    facts.key.enabled = .unreadable("ForbiddenByConnection")
    #expect(PreflightReport.full(facts).verdict == .unknown)
    facts.vault.access = .known(.enabled)
    #expect(PreflightReport.full(facts).verdict == .refuse)
}

@Test func `a setting under which the vault serves nobody is judged by the step`() {
    var facts = PreflightFacts.good(to: .publicAccess)
    #expect(PreflightReport.full(facts).verdict == .ok, "the run opens the vault itself")
    #expect(PreflightReport.critical(before: .openVault, facts).verdict == .ok)
    #expect(PreflightReport.critical(before: .enable, facts).blockers.map(\.id) == ["vault-network-mode"])
    facts.vault.access = .known(.enabled)
    #expect(PreflightReport.critical(before: .disable, facts).verdict == .ok)
    #expect(PreflightReport.critical(before: .enable, facts).verdict == .ok)
}

@Test(arguments: PreflightStep.allCases)
func `before each step the checks that it hangs on are repeated`(_ step: PreflightStep) {
    let report = PreflightReport.critical(before: step, .good(to: .privateAccess))
    #expect(report.step == step)
    func asks(_ id: String) -> Bool { report.checks.contains { $0.id == id } }
    #expect(asks("vault-network-mode"))
    let isChange = [.disable, .enable, .changeKey].contains(step)
    #expect(asks("key-enabled") == isChange)
    #expect(asks("identity-approves-endpoint") == isChange)
    #expect(asks("rights-last") == (step == .disable || step == .changeKey))
    #expect(asks("private-endpoint-connections") == (step == .closeVault))
    // Node pools have no part in what the vault and the Secrets need.
    #expect(asks("agent-pools-settled") == isChange)
}

@Test func `what can only warn is not asked twice`() {
    for check in PreflightCheck.all where !check.repeatedBefore.isEmpty {
        let mutations = Mutation.all.filter { $0.check == check.id }
        #expect(mutations.contains { $0.verdict == .refuse }, "\(check.id) refuses nothing")
    }
}

@Test func `with KMS off the checks before enable do not ask for it to be on`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.cluster.kms = .known(ShownKMSProfile(enabled: false))
    facts.cluster.provisioningState = .known("Failed")
    #expect(PreflightReport.critical(before: .enable, facts).verdict == .ok)
}

@Test func `a second vault needs no right to change it and ignores who else uses it`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.strategy.secondVault = true
    facts.vault.access = .known(.disabled)
    facts.rights.onVault = .known([Permission(actions: ["*/read"])])
    facts.rights.locks = .known([
        ResourceLock(
            id: "\(facts.names.vaultID)/providers/Microsoft.Authorization/locks/l", level: "ReadOnly")
    ])
    facts.conflicts.otherClusters = .unreadable("not asked")
    #expect(PreflightReport.full(facts).blockers == [])
}

@Test func `a role on the key itself is as good as one on the vault`() throws {
    var facts = PreflightFacts.good(to: .publicAccess)
    facts.identity.roles = .known([
        .init(name: "Key Vault Crypto User", permissions: [PreflightFacts.cryptoUser], isOnKeyOnly: true)
    ])
    #expect(PreflightReport.full(facts).verdict == .ok)
}

@Test func `a role that takes the actions back leaves another role's alone`() {
    var facts = PreflightFacts.good(to: .publicAccess)
    let taking = Permission(dataActions: ["*"], notDataActions: ["Microsoft.KeyVault/vaults/keys/*"])
    facts.identity.roles = .known([
        .init(name: "Custom", permissions: [taking]),
        .init(name: "Key Vault Crypto User", permissions: [PreflightFacts.cryptoUser]),
    ])
    #expect(PreflightReport.full(facts).verdict == .ok)
}

@Test func `a policy that may name a group comes with the command that tells`() throws {
    var facts = PreflightFacts.good(to: .publicAccess)
    facts.vault.rbacAuthorization = .known(false)
    facts.identity.accessPolicies = .known([
        .init(objectID: "g1", isOwn: false, keyPermissions: ["Encrypt", "decrypt"]),
        .init(objectID: "g2", isOwn: false, keyPermissions: ["get"]),
    ])
    let report = PreflightReport.full(facts)
    let check = try #require(report.checks.first { $0.id == "identity-encrypt-decrypt" })
    #expect(check.verdict == .warn, "KMS works with the key")
    #expect(
        check.remedy.contains {
            $0.line(for: .kubectl).hasPrefix("az ad group member check --group g1 --member-id 11111111")
        })
    #expect(report.blockers == [])
    facts.kubernetes.failingHealthChecks = .known(["kms-providers"])
    #expect(PreflightReport.full(facts).blockers.map(\.id).contains("identity-encrypt-decrypt"))
}

@Test func `a pool that failed is not named among those to wait for`() throws {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.cluster.agentPools = .known([
        .init(name: "broken", provisioningState: "Failed", count: 1, autoscaling: false),
        .init(name: "busy", provisioningState: "Scaling", count: 1, autoscaling: true),
        .init(name: "silent", provisioningState: "", count: 0, autoscaling: false),
    ])
    let blocker = try #require(PreflightReport.full(facts).blockers.first)
    #expect(blocker.id == "agent-pools-settled")
    #expect(blocker.reason == "node pools are at work: busy (Scaling)")
    #expect(blocker.remedy.count == 1)
}

@Test func `who failed to answer is named, with how many Secrets it holds`() throws {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.kubernetes.dryRun = .known(.init(accepted: 97, failed: ["hook.example.com": 2, "InternalError": 1]))
    let report = PreflightReport.full(facts)
    #expect(report.verdict == .warn)
    let check = try #require(report.checks.first { $0.id == "secrets-answered" })
    #expect(
        check.reason
            == "3 of 100 Secrets got no clear answer: 1 by InternalError, 2 by hook.example.com")
}

@Test func `nothing at the subscription has to be readable`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    let denied = "403 AuthorizationFailed"
    facts.cluster.tenant = .unreadable(denied)
    facts.rights.providers = .unreadable(denied)
    facts.rights.policies = .unreadable(denied)
    facts.rights.ending = .unreadable(denied)
    facts.rights.locks = .unreadable(denied)
    facts.rights.onCluster = .unreadable(denied)
    facts.rights.onVault = .unreadable(denied)
    facts.rights.linked = .unreadable(denied)
    facts.identity.denials = .unreadable(denied)
    facts.cluster.pendingOperations = .unreadable(denied)
    facts.cluster.maintenance = .unreadable(denied)
    facts.conflicts.otherClusters = .unreadable(denied)
    facts.conflicts.otherConsumers = .unreadable(denied)
    let report = PreflightReport.full(facts)
    #expect(report.blockers == [])
    for check in report.checks where check.verdict == .unknown { #expect(!check.remedy.isEmpty, "\(check.id)") }
}

@Test func `a cluster that is Private already may have its vault closed`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.cluster.kms = .known(
        ShownKMSProfile(enabled: true, keyID: PreflightFacts.keyID, mode: .privateAccess))
    facts.vault.access = .known(.disabled)
    #expect(PreflightReport.full(facts).verdict == .warn)
}

@Test func `with Secrets in plaintext nothing unknown keeps KMS from being turned on`() {
    let unread = PreflightFacts(target: .privateAccess, names: PreflightFacts.good(to: .privateAccess).names, now: 0)
    let report = PreflightReport.critical(before: .enable, unread)
    #expect(report.verdict == .unknown)
    #expect(report.blockers == [])
    #expect(PreflightReport.critical(before: .disable, unread).verdict == .refuse)
    #expect(PreflightReport.critical(before: .closeVault, unread).verdict == .refuse)
}
