package import Azure
package import ModeSwitch
import Preflight
import SecretRewrite
import Text

/// One step of a plan, for people to read before they agree.
package struct PlanStep: Sendable, Codable, Hashable {
    /// What a step does, in the words that flags and documents use.
    package enum Kind: String, Sendable, Codable, Hashable {
        case prepare
        case rewriteBeforeKeyChange
        case openVault
        case turnOff
        case rewriteOff
        case closeVault
        case turnOn
        case rewriteOn
        case prove
        /// Trusted services pass the vault's firewall.
        case trustServices
        /// Azure's own key, on the way to the vault's.
        case toPlatformKey
        case rewriteOnPlatformKey
        case makeKeyVersion
        /// Azure takes the new version of the key by itself.
        case awaitVersion
    }

    package var number: Int
    package var kind: Kind
    package var title: String
    package var detail: String
    /// What it takes on a managed cluster, in seconds; from 2022's reports of `az aks update` and a measured rewrite.
    package var expectedSeconds: Double
    /// Whether Secrets are, or may be, plaintext while it runs.
    package var exposed: Bool
    /// The part of its seconds in which they are.
    package var exposedSeconds: Double
    /// Whether an earlier try of the same run has done it already.
    package var isDone = false
}

/// What a plan depends on besides the intent.
package struct PlanFacts: Sendable, Hashable {
    /// The number of Secrets; nil when nobody could count them.
    package var secrets: Int?
    /// The cluster's eTag, KMS profile and vault setting as they were seen.
    package var eTag: String
    package var kms: KMSProfile
    package var vaultAccess: VaultAccess
    /// What encrypts the Secrets now, in words.
    package var encryption: String
    /// What Azure's API version does not show of that, as a sentence; nil when it shows all.
    package var doubt: String?

    package init(
        secrets: Int?, eTag: String, kms: KMSProfile, vaultAccess: VaultAccess, encryption: String = "legacy KMS",
        doubt: String? = nil
    ) {
        self.secrets = secrets
        self.eTag = eTag
        self.kms = kms
        self.vaultAccess = vaultAccess
        self.encryption = encryption
        self.doubt = doubt
    }
}

/// What a switch will do. Member names are part of the command line's contract.
package struct SwitchPlan: Sendable, Codable, Hashable {
    /// The same for the same state and the same wish, on every machine; `--plan-id` takes it.
    package var planID: String
    package var cluster: String
    /// What encrypts the Secrets now, in words.
    package var encryption: String
    package var target: NetworkMode
    package var strategy: Strategy
    /// Whose key encrypts at the end on the new KMS experience; nil for the legacy KMS.
    package var newKey: NewKey?
    package var vault: String
    package var keyID: String
    package var secrets: Int?
    package var steps: [PlanStep]
    /// The estimated exposure window; 0 when no Secret becomes plaintext.
    package var exposureSeconds: Double
    /// Seconds since 1970 from which Secrets are exposed already; nil when they are not.
    package var exposedSince: Double?
    package var warnings: [String]
    /// Lines of infrastructure code that must change with the mode, by language.
    package var infrastructureAsCode: [String: String]

    /// Whether Azure's own key is where the plan leads to.
    var endsOnPlatformKey: Bool { newKey == .platformManaged }
}

/// The plan for an intent. Pure: what will really be done is decided step by step from what is seen then.
package func plan(for intent: Intent, _ facts: PlanFacts) -> SwitchPlan {
    let steps = PlanSteps(intent: intent, facts: facts).numbered()
    return SwitchPlan(
        planID: planID(intent, facts), cluster: intent.clusterID.description, encryption: facts.encryption,
        target: intent.target,
        strategy: intent.strategy, newKey: intent.newKey,
        vault: intent.vaultID?.description ?? "", keyID: intent.keyID?.description ?? "", secrets: facts.secrets,
        steps: steps,
        exposureSeconds: steps.reduce(0) { $0 + $1.exposedSeconds },
        warnings: planWarnings(intent, facts), infrastructureAsCode: infrastructureAsCode(intent, facts))
}

/// The lines of infrastructure code that a plan leads to. Those of a make-safe depend on what it finds: without KMS,
/// only an open vault tells the mode.
func infrastructureAsCode(_ intent: Intent, _ facts: PlanFacts) -> [String: String] {
    // What Terraform and Bicep say of the new experience depends on API versions that their providers do not have yet.
    if intent.newKey != nil { return [:] }
    if intent.purpose != .makeSafe {
        return lines(
            intent.targetProfile, intent, vaultAccess: intent.changesKey ? facts.vaultAccess : intent.target.vaultAccess
        )
    }
    if facts.kms.enabled { return lines(facts.kms, intent, vaultAccess: facts.vaultAccess) }
    guard facts.vaultAccess == .enabled else { return [:] }
    return lines(intent.profile(.publicAccess), intent, vaultAccess: .enabled)
}

/// The lines of infrastructure code of the state in which a run left the cluster and the vault: whoever applies them
/// changes neither. None while KMS is off or cannot be seen.
package func infrastructureAsCode(_ intent: Intent, ended seen: Observation) -> [String: String] {
    guard seen.cluster.presence == .present, seen.cluster.kms.enabled, !seen.cluster.newKMSExperience else {
        return [:]
    }
    return lines(seen.cluster.kms, intent, vaultAccess: seen.vault.presence == .present ? seen.vault.access : nil)
}

private func lines(_ kms: KMSProfile, _ intent: Intent, vaultAccess: VaultAccess?) -> [String: String] {
    let vaultIsOpen: Bool? =
        switch vaultAccess {
        case .enabled: true
        case .disabled: false
        case .securedByPerimeter, nil: nil
        }
    return InfrastructureAsCode(
        mode: kms.mode, keyID: kms.keyID,
        vaultResourceID: kms.vaultID.isEmpty ? intent.vaultID?.description ?? "" : kms.vaultID, vaultIsOpen: vaultIsOpen
    ).byLanguage
}

/// A hash of everything whose change makes an agreed plan another one.
package func planID(_ intent: Intent, _ facts: PlanFacts) -> String {
    let options = intent.options
    let parts = [
        intent.clusterID.description.lowercased(), intent.resourceUID, facts.eTag, "\(facts.kms.enabled)",
        facts.kms.keyID,
        facts.kms.mode.rawValue, facts.kms.vaultID.lowercased(), facts.vaultAccess.rawValue, intent.purpose.rawValue,
        intent.target.rawValue, intent.strategy.rawValue, intent.keyID?.description ?? "",
        intent.vaultID?.description.lowercased() ?? "",
        options.acceptedFailures.map(\.rawValue).sorted().joined(separator: ","),
        "\(options.acceptUnprovenConvergence)", "\(options.vaultSharedOK)", "\(options.soakSeconds)",
        options.onFailure.rawValue,
    ]
    // Only where they are, so that the id of a plan for the legacy KMS is that of older versions.
    let ofNewKMS =
        (intent.newKey.map { [$0.rawValue] } ?? []) + (options.closesFirewall == true ? ["firewall"] : [])
        + (facts.kms.isNew ? ["new"] : [])
    // Each part is preceded by its length, so that no two lists of parts are one text.
    return fnv1a((parts + ofNewKMS).map { "\($0.utf8.count):\($0)" }.joined())
}

/// FNV-1a of 64 bits as 16 hexadecimal digits: it guards against change, not against malice, and is the same
/// everywhere.
func fnv1a(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hexadecimal(hash, digits: 16)
}
