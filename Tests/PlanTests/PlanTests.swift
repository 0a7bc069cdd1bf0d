import ModeSwitch
import TestDoubles
import Testing

@testable import Azure
@testable import Console
@testable import Plan

private func titles(_ intent: Intent, secrets: Int? = 5000) -> [String] {
    plan(for: intent, makeFacts(intent, secrets: secrets)).steps.map(\.title)
}

@Test func `public to private closes the vault after everything is verified`() {
    #expect(
        titles(makeIntent(.privateAccess)) == [
            "Prepare", "Turn KMS off", "Rewrite 5000 Secrets once", "Turn KMS on as Private",
            "Rewrite 5000 Secrets, then verify each", "Close vault kv-prod", "Watch, prove and report",
        ])
}

@Test func `private to public opens the vault before KMS goes off`() {
    #expect(
        titles(makeIntent(.publicAccess), secrets: nil) == [
            "Prepare", "Open vault kv-prod", "Turn KMS off", "Rewrite all Secrets once", "Turn KMS on as Public",
            "Rewrite all Secrets, then verify each", "Prove and report",
        ])
}

@Test func `the older order closes the vault while Secrets are plaintext, with a warning`() throws {
    let intent = makeIntent(strategy: .closeVaultFirst)
    let made = plan(for: intent, makeFacts(intent))
    #expect(made.steps.map(\.title).firstIndex(of: "Close vault kv-prod") == 3)
    #expect(made.steps[3].exposed)
    #expect(
        try #require(made.warnings.first).hasPrefix("--close-vault-first closes the vault while Secrets are plaintext"))
}

@Test func `a second vault has no exposure and keeps the old vault as it is`() throws {
    let intent = makeIntent(
        strategy: .secondVault, key: KeyIdentifier(vaultAuthority: "kv-2.vault.azure.net", name: "etcd", version: "2"))
    let made = plan(for: intent, makeFacts(intent))
    #expect(made.exposureSeconds == 0)
    #expect(!made.steps.contains { $0.title.contains("vault") || $0.title == "Turn KMS off" })
    #expect(
        try #require(made.warnings.first).hasPrefix(
            "The network of the old vault stays as it is. The old vault and its key are still needed"))
}

@Test func `the exposure window is the sum of the exposed steps`() {
    let made = plan(for: makeIntent(), makeFacts(makeIntent()))
    #expect(made.steps.map(\.exposed) == [false, true, true, true, false, false, false])
    #expect(made.exposureSeconds == 660 + 10 + 420 + 10)
    #expect(made.steps.map(\.number) == Array(1...7))
}

@Test func `the plan's id is the same everywhere and changes with what matters`() {
    let intent = makeIntent()
    let id = planID(intent, makeFacts(intent))
    // Fixed, so that a change of the hash or its input is seen: an agreed id must hold on another machine.
    #expect(id == "850854ec92930467")
    var changed = makeFacts(intent, eTag: "e-2")
    #expect(planID(intent, changed) != id)
    changed = makeFacts(intent)
    changed.vaultAccess = .disabled
    #expect(planID(intent, changed) != id)
    changed = makeFacts(intent)
    changed.kms.keyID += "x"
    #expect(planID(intent, changed) != id)
    var other = intent
    other.resourceUID = "uid-9"
    #expect(planID(other, makeFacts(intent)) != id)
    #expect(planID(makeIntent(strategy: .closeVaultFirst), makeFacts(intent)) != id)
    #expect(
        planID(
            makeIntent(key: KeyIdentifier(vaultAuthority: "kv-prod.vault.azure.net", name: "etcd", version: "2")),
            makeFacts(intent)) != id)
    other = intent
    other.runID = "run-2"
    #expect(planID(other, makeFacts(intent, secrets: 1)) == id)
}

@Test func `the question tells what happens, the window and the key, and only yes agrees`() {
    let intent = makeIntent()
    let prompt = Confirmation.prompt(plan(for: intent, makeFacts(intent)), intent)
    #expect(prompt.hasPrefix("Cluster prod in rg-prod: KMS Public -> Private, vault kv-prod.\n  1. Prepare\n"))
    #expect(prompt.contains("  2. Turn KMS off (Secrets exposed)\n"))
    #expect(prompt.contains("Exposure window: about 18 min 20 s in which Secrets are plaintext in etcd.\n"))
    #expect(prompt.contains("! The key \(etcdKey) is still needed afterwards"))
    #expect(prompt.hasSuffix("\nType yes to begin: "))
    for answer in ["yes", " YES \n"] { #expect(Confirmation.agrees(answer)) }
    for answer in [nil, "", "y", "yes please", "no", "ye s"] { #expect(!Confirmation.agrees(answer)) }
}

@Test func `the hash is FNV-1a, by its published vectors`() {
    #expect(fnv1a("") == "cbf29ce484222325")
    #expect(fnv1a("a") == "af63dc4c8601ec8c")
    #expect(fnv1a("foobar") == "85944171f73967e8")
}

@Test func `a plan tells when Secrets are encrypted again, without the watch that follows`() {
    let made = plan(for: makeIntent(), makeFacts(makeIntent()))
    let watch = made.steps.last?.expectedSeconds ?? 0
    #expect(made.secondsUntilEncrypted > 0 && watch >= 600)
    #expect(made.secondsUntilEncrypted <= made.steps.reduce(0) { $0 + $1.expectedSeconds } - watch)
    var safe = makeIntent()
    safe.strategy = .secondVault
    #expect(plan(for: safe, makeFacts(safe)).secondsUntilEncrypted == 0)
}

@Suite struct InfrastructureCodeTests {
    private func ended(
        kms enabled: Bool = true, _ mode: NetworkMode, vault: VaultAccess,
        presence: VaultObservation.Presence = .present
    ) -> [String: String] {
        // A make-safe without a record has no target of its own: Private is only the default.
        var intent = makeIntent()
        intent.purpose = .makeSafe
        intent.target = .privateAccess
        var kms = intent.profile(mode)
        kms.enabled = enabled
        let seen = Observation(
            cluster: ClusterObservation(kms: kms, resourceUID: "uid"),
            vault: VaultObservation(presence: presence, access: vault),
            kubernetes: KubernetesObservation(kubeSystemUID: "k"))
        return infrastructureAsCode(intent, ended: seen)
    }

    @Test func `a cluster that ended Public with an open vault gets lines that close nothing`() throws {
        let lines = ended(.publicAccess, vault: .enabled)
        let terraform = try #require(lines["terraform"])
        #expect(terraform.contains(#"key_vault_network_access = "Public""#))
        #expect(terraform.contains("public_network_access_enabled = true"))
        #expect(try #require(lines["bicep"]).contains("publicNetworkAccess: 'Enabled'"))
    }

    @Test func `a vault that is still open stays so in the lines of a Private cluster`() throws {
        let terraform = try #require(ended(.privateAccess, vault: .enabled)["terraform"])
        #expect(terraform.contains(#"key_vault_network_access = "Private""#))
        #expect(terraform.contains("public_network_access_enabled = true"))
        #expect(ended(.privateAccess, vault: .disabled)["terraform"]?.contains("enabled = false") == true)
    }

    @Test func `what is not seen has no lines`() throws {
        #expect(ended(kms: false, .publicAccess, vault: .enabled).isEmpty)
        let unread = ended(.publicAccess, vault: .disabled, presence: .forbidden)
        #expect(try #require(unread["terraform"]).contains("azurerm_key_vault") == false)
    }

    @Test func `the plan of a make-safe names the mode that the cluster has or the open vault serves`() {
        var intent = makeIntent()
        intent.purpose = .makeSafe
        intent.target = .privateAccess
        func lines(on: Bool, _ access: VaultAccess) -> String? {
            var kms = intent.profile(.publicAccess)
            kms.enabled = on
            return plan(for: intent, PlanFacts(secrets: 1, eTag: "", kms: kms, vaultAccess: access))
                .infrastructureAsCode["terraform"]
        }
        #expect(lines(on: true, .enabled)?.contains("\"Public\"") == true)
        #expect(lines(on: false, .enabled)?.contains("\"Public\"") == true)
        #expect(lines(on: false, .disabled) == nil)
    }
}
