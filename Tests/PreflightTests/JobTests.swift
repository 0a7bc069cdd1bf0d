import Azure
import Testing
import Usage

@testable import Preflight

private func ids(_ report: PreflightReport) -> Set<String> { Set(report.checks.map(\.id)) }

private func verdict(_ id: String, _ facts: PreflightFacts) -> CheckVerdict? {
    PreflightReport.full(facts).checks.first { $0.id == id }?.verdict
}

struct `What a job asks` {
    @Test func `is something by every check`() {
        for check in PreflightCheck.all { #expect(!check.jobs.isEmpty, "\(check.id)") }
    }

    @Test(arguments: PreflightJob.allCases)
    func `is the same before its first change and right before it`(_ job: PreflightJob) {
        let facts = PreflightFacts.good(to: .privateAccess, by: job)
        let again = PreflightReport.critical(before: .changeKey, facts)
        #expect(ids(again).isSubset(of: ids(PreflightReport.full(facts))))
        #expect(again.blockers.isEmpty && !again.checks.isEmpty)
    }

    /// Secrets are encrypted then, so that there is time to look.
    @Test func `is not passed over right before the key changes where it cannot be told`() {
        var facts = PreflightFacts.good(to: .publicAccess, by: .legacyRotation)
        facts.identity.roles = .unreadable("503")
        facts.kubernetes.failingHealthChecks = .unreadable("503")
        #expect(PreflightReport.critical(before: .changeKey, facts).blockers.map(\.id) == ["identity-encrypt-decrypt"])
    }

    @Test func `of a rotation is nothing about opening or closing the vault`() {
        for target in NetworkMode.allCases {
            var facts = PreflightFacts.good(to: target, by: .legacyRotation)
            facts.rights.onVault = .known([Permission(actions: ["*/read"])])
            facts.rights.locks = .known([
                ResourceLock(id: "\(facts.names.vaultID)/providers/Microsoft.Authorization/locks/l", level: "ReadOnly")
            ])
            let report = PreflightReport.full(facts)
            #expect(report.blockers.isEmpty, "\(report.blockers.map(\.reason))")
            #expect(
                ids(report).isDisjoint(with: ["shared-vault", "other-consumers", "policy-restrictions", "strategy"]))
        }
    }

    @Test(arguments: VaultAccess.allCases)
    func `of a Private rotation takes the vault as it is`(_ access: VaultAccess) {
        var facts = PreflightFacts.good(to: .privateAccess, by: .legacyRotation)
        facts.vault.access = .known(access)
        facts.vault.networkACLs = .known(.init(defaultAction: "Deny", ruleCount: 0))
        #expect(PreflightReport.full(facts).verdict == .ok)
    }

    @Test func `of a new version of the new experience is no right to change the cluster`() {
        var facts = PreflightFacts.good(to: .publicAccess, by: .newRotation)
        let credentials = "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"
        facts.rights.onCluster = .known([Permission(actions: ["*/read", credentials])])
        facts.rights.linked = .known([.init(action: "assign/action", scope: "/id", allowed: false)])
        facts.cluster.pendingOperations = .known(["Upgrading"])
        #expect(PreflightReport.full(facts).verdict == .ok)
    }

    @Test func `of a key that the run makes is not whether the newest one is fit`() {
        var facts = PreflightFacts.good(to: .publicAccess, by: .legacyRotation)
        facts.strategy.makesKeyVersion = true
        facts.key.id = .known(PreflightFacts.versionlessKeyID)
        facts.key.enabled = .known(false)
        facts.key.expires = .known(facts.now - 1)
        #expect(PreflightReport.full(facts).verdict == .ok)
    }

    @Test func `of the way to Azure's key is nothing of a vault where there is none`() {
        var facts = PreflightFacts.good(to: .publicAccess, by: .toPlatformKey)
        facts.vault.presence = .notApplicable
        facts.presentKey = .notApplicable
        facts.vault.access = .notApplicable
        facts.key = PreflightFacts.Key()
        facts.identity = PreflightFacts.Identity()
        #expect(PreflightReport.full(facts).verdict == .ok)
    }

    /// The network of the legacy KMS, and rights on a vault that nothing is set of, are no reason to refuse.
    @Test func `of a migration that leaves the vault as it is needs no right to write it`() {
        for (target, rules) in [
            (NetworkMode.publicAccess, PreflightFacts.NetworkACLs(defaultAction: "Allow", ruleCount: 0)),
            (.privateAccess, .init(defaultAction: "Deny", ruleCount: 0, trust: .explicit)),
        ] {
            var facts = PreflightFacts.good(to: target, by: .toCustomerKey)
            facts.vault.access = .known(.enabled)
            facts.vault.networkACLs = .known(rules)
            facts.rights.onVault = .known([Permission(actions: ["*/read"])])
            facts.cluster.vnetIntegration = .known(false)
            facts.forbid(.closed)
            let report = PreflightReport.full(facts)
            #expect(report.verdict == .ok, "\(report.checks.filter { $0.verdict != .ok }.map(\.reason))")
        }
    }

    @Test func `of a migration leaves aside another vault that was used before`() {
        var facts = PreflightFacts.good(to: .publicAccess, by: .toCustomerKey)
        facts.cluster.kms = .known(ShownKMSProfile(enabled: false, keyID: "", mode: .publicAccess, vaultID: "/other"))
        facts.presentKey = .notApplicable
        #expect(PreflightReport.full(facts).verdict == .ok)
    }

    @Test func `of denied Secrets in a migration says that Azure updates them too`() throws {
        var facts = PreflightFacts.good(to: .publicAccess, by: .toPlatformKey)
        facts.kubernetes.dryRun = .known(.init(accepted: 98, denied: ["hook.example.com": 1]))
        let check = try #require(PreflightReport.full(facts).blockers.first)
        #expect(check.id == "admission-dry-run" && check.reason.contains("Azure updates every Secret too"))
    }
}

struct `The vault of the new experience` {
    private func facts(
        _ target: NetworkMode, _ access: VaultAccess, _ rules: PreflightFacts.NetworkACLs,
        _ job: PreflightJob = .newSwitch
    ) -> PreflightFacts {
        var facts = PreflightFacts.good(to: target, by: job)
        facts.vault.access = .known(access)
        facts.vault.networkACLs = .known(rules)
        return facts
    }

    private let none = PreflightFacts.NetworkACLs(defaultAction: "Allow", ruleCount: 0)
    private let shut = PreflightFacts.NetworkACLs(defaultAction: "Deny", ruleCount: 0, trust: .none)
    private let trusting = PreflightFacts.NetworkACLs(defaultAction: "Deny", ruleCount: 0, trust: .explicit)

    @Test func `is let in by what the run sets, and preflight names it`() {
        for (facts, settings) in [
            (facts(.privateAccess, .enabled, none), [VaultSetting.trustServices, .closed]),
            (facts(.privateAccess, .enabled, shut), [.trustServices, .closed]),
            (facts(.privateAccess, .enabled, trusting), [.closed]),
            (facts(.privateAccess, .disabled, trusting), []),
            (facts(.publicAccess, .disabled, trusting), [.open, .allowNetworks]),
            (facts(.publicAccess, .enabled, shut), [.allowNetworks]),
            (facts(.publicAccess, .enabled, none), []),
            (facts(.privateAccess, .disabled, shut, .toCustomerKey), [.trustServices]),
            (facts(.publicAccess, .disabled, none, .toCustomerKey), [.open]),
        ] {
            #expect(facts.vaultSettings == settings)
            let check = NewExperienceChecks.wayIn.result(for: facts)
            #expect(check.verdict == .ok)
            for setting in settings where !setting.narrows { #expect(check.reason.contains(setting.rawValue)) }
        }
    }

    @Test func `is closed by its firewall where that is asked for`() {
        var open = facts(.privateAccess, .enabled, none)
        open.strategy.closesFirewall = true
        #expect(open.vaultSettings == [.trustServices, .denyNetworks])
        var denying = facts(.privateAccess, .enabled, trusting)
        denying.strategy.closesFirewall = true
        #expect(denying.vaultSettings == [])
    }

    @Test func `may need everything where nothing is known of it`() {
        var facts = facts(.privateAccess, .enabled, none)
        facts.vault.access = .unreadable("403")
        facts.vault.networkACLs = .unreadable("403")
        #expect(facts.vaultSettings == [.trustServices, .closed])
        facts.target = .publicAccess
        #expect(facts.vaultSettings == [.open, .allowNetworks])
    }

    @Test func `needs an identity that reads it for Private only`() {
        for job in [PreflightJob.newSwitch, .toCustomerKey] {
            for (target, wanted) in [(NetworkMode.publicAccess, CheckVerdict.notApplicable), (.privateAccess, .refuse)]
            {
                var facts = PreflightFacts.good(to: target, by: job)
                facts.identity.roles = .known([.init(name: "Crypto User", permissions: [PreflightFacts.cryptoUser])])
                #expect(verdict("identity-reads-vault", facts) == wanted)
                let reader = Permission(actions: ["Microsoft.KeyVault/*/read"])
                facts.identity.roles = .known([
                    .init(name: "Crypto User", permissions: [PreflightFacts.cryptoUser]),
                    .init(name: "Key Vault Reader", permissions: [reader]),
                ])
                #expect(PreflightReport.full(facts).verdict == .ok)
            }
        }
    }
}

struct `Words of a check` {
    /// What goes off and on, does so on the legacy KMS only.
    @Test func `speak of KMS that goes off only where it does`() {
        for check in PreflightCheck.all where !check.jobs.contains(.legacySwitch) && check.id != "kms-v1-rotation" {
            let words = check.why + check.mend.text(for: .kubectl)
            #expect(!words.contains("off") && !words.contains("switch"), "\(check.id)")
        }
    }

    @Test(arguments: Mutation.all.filter { $0.job != .legacySwitch })
    func `send nobody to a switch from another job`(_ mutation: Mutation) {
        for check in PreflightReport.full(mutation.facts).checks {
            for line in check.remedy.map({ $0.line(for: .kubectl) }) {
                #expect(!line.contains("kms-vault switch"), "\(check.id): \(line)")
            }
        }
    }

    @Test func `show how KMS v1 gets another key`() throws {
        var facts = PreflightFacts.good(to: .publicAccess, by: .legacyRotation)
        facts.cluster.currentVersion = .known("1.26.3")
        let check = try #require(PreflightReport.full(facts).blockers.first { $0.id == "kms-v1-rotation" })
        let lines = check.remedy.map { $0.line(for: .kubectl) }
        try #require(lines.count == 3)
        #expect(lines[0].contains("--disable-azure-keyvault-kms") && lines[2].contains(PreflightFacts.nextKeyID))
    }

    @Test func `mend a failed cluster of the new experience by this program`() throws {
        var facts = PreflightFacts.good(to: .publicAccess, by: .newSwitch)
        facts.cluster.provisioningState = .known("Failed")
        let check = try #require(PreflightReport.full(facts).blockers.first)
        #expect(check.remedy.map { $0.line(for: .kubectl) }.allSatisfy { $0.contains("kms-vault make-safe") })
    }
}
