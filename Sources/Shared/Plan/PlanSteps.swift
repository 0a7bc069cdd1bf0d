import Azure
import ModeSwitch
import SecretRewrite
import Text

/// The steps of each strategy, in the order of an undisturbed run.
struct PlanSteps {
    let intent: Intent
    let facts: PlanFacts

    /// Seconds of one change of KMS: 80 to 222 were reported, 5 to 15 minutes are to be planned for.
    static let change = 420.0
    /// Seconds until the API servers are proven to have a change.
    static let convergence = 240.0
    /// Secrets a second that one pass rewrites on a small API server.
    static let rate = 500.0
    static let preflight = 60.0
    static let vault = 15.0

    private var names: Names { Names(intent) }
    private var pass: Double { max(5, Double(facts.secrets ?? 0) / Self.rate) }
    private var all: String {
        switch facts.secrets {
        case nil: "all Secrets"
        case 1: "1 Secret"
        case .some(let count): "\(count) Secrets"
        }
    }

    func numbered() -> [PlanStep] {
        steps().enumerated().map { index, step in
            var step = step
            step.number = index + 1
            return step
        }
    }

    private func steps() -> [PlanStep] {
        if intent.purpose == .makeSafe, facts.kms.encrypts {
            let mustOpen = facts.kms.enabled && facts.kms.mode == .publicAccess && facts.vaultAccess == .disabled
            return [begin] + (mustOpen ? [open] : []) + [encrypt(exposed: false), prove]
        }
        if intent.purpose == .makeSafe { return [begin, on(exposed: true), encrypt(exposed: true), prove] }
        if intent.newKey != nil { return newKeySteps() }
        switch (intent.strategy, intent.target) {
        case (.rotation, _):
            let make = intent.keyID?.version == nil ? [makeKeyVersion] : []
            return [begin, beforeKeyChange] + make + [on(exposed: false), encrypt(exposed: false), prove]
        case (.secondVault, _):
            return [begin, beforeKeyChange, on(exposed: false), encrypt(exposed: false), prove]
        case (.closeVaultFirst, .privateAccess):
            return [begin, off, decrypt, close(exposed: true), on(exposed: true), encrypt(exposed: true), soakAndProve]
        case (_, .privateAccess):
            return [
                begin, off, decrypt, on(exposed: true), encrypt(exposed: true), close(exposed: false), soakAndProve,
            ]
        case (_, .publicAccess):
            return [begin, open, off, decrypt, on(exposed: true), encrypt(exposed: true), prove]
        }
    }

    /// - Parameter within: the seconds of it in which Secrets are exposed; nil for all of them.
    private func step(
        _ kind: PlanStep.Kind, _ title: String, _ detail: String, _ seconds: Double, exposed: Bool = false,
        within: Double? = nil
    ) -> PlanStep {
        PlanStep(
            number: 0, kind: kind, title: title, detail: detail, expectedSeconds: seconds, exposed: exposed,
            exposedSeconds: exposed ? within ?? seconds : 0)
    }

    /// The steps on and to the new KMS experience: KMS is never off.
    private func newKeySteps() -> [PlanStep] {
        if intent.purpose == .rotate { return [begin, beforeKeyChange, makeKeyVersion, awaitVersion, verify, prove] }
        let wayIn = !intent.movesVault ? [] : intent.target == .privateAccess ? [trust] : [open]
        let before = !intent.keepsStoredKey && facts.kms.encrypts ? [beforeKeyChange] : []
        let between =
            intent.strategy == .viaPlatformKey
            ? [
                setKey(.toPlatformKey, .platformManaged),
                step(.rewriteOnPlatformKey, "Rewrite \(all) once", "they are encrypted with Azure's own key", pass),
            ] : []
        let last =
            intent.purpose == .switchMode && intent.strategy == .direct ? verify : encrypt(exposed: !facts.kms.encrypts)
        let end = intent.closesVault ? [close(exposed: false), soakAndProve] : [prove]
        return [begin] + wayIn + before + between + [setKey(.turnOn, intent.targetProfile), last] + end
    }

    private func setKey(_ kind: PlanStep.Kind, _ profile: KMSProfile) -> PlanStep {
        let detail =
            profile.enabled
            ? "key \(profile.keyID), vault resource id \(names.vaultID.printable(limit: 300)); Secrets stay encrypted"
            : "no vault is asked for it; Secrets stay encrypted"
        let isExposed = !facts.kms.encrypts && kind == .turnOn
        return step(
            kind, "Change KMS to the \(profile.words)", isExposed ? "Secrets are encrypted afterwards" : detail,
            Self.change + Self.convergence, exposed: isExposed)
    }

    private var trust: PlanStep {
        step(
            .trustServices, "Let trusted services pass the firewall of vault \(names.shownVault)",
            "networkAcls.bypass AzureServices, set explicitly; the default action stays as it is", Self.vault)
    }

    private var makeKeyVersion: PlanStep {
        step(
            .makeKeyVersion, "Make a new version of the key \(names.keyName.printable())",
            "in vault \(names.shownVault)", Self.vault)
    }

    private var awaitVersion: PlanStep {
        step(
            .awaitVersion, "Wait until Azure has taken the new version",
            "it looks every 6 hours, and rewrites Secrets by itself",
            (intent.options.controllerSeconds ?? Self.change) / 2)
    }

    private var verify: PlanStep {
        step(.rewriteOn, "Verify \(all), each", "each is seen to be stored with the present key", pass)
    }

    /// Where an API server that lags can read what others encrypt, Secrets are encrypted before the proof is complete.
    private var encryptsEarly: Bool { intent.strategy != .closeVaultFirst || intent.target == .publicAccess }

    private var begin: PlanStep {
        step(.prepare, "Prepare", "preflight, journal, lock; probes that hold no data", Self.preflight)
    }

    private var off: PlanStep {
        step(
            .turnOff, "Turn KMS off", "wait until every API server has it; from here on Secrets may be plaintext",
            Self.change + Self.convergence, exposed: true)
    }

    private var decrypt: PlanStep {
        step(.rewriteOff, "Rewrite \(all) once", "they are plaintext in etcd afterwards", pass, exposed: true)
    }

    private func on(exposed: Bool) -> PlanStep {
        let key =
            intent.changesKey
            ? intent.keyID?.version == nil ? "the new version" : "the key \(names.keyID)" : "the same key"
        let path =
            intent.target == .privateAccess
            ? "vault resource id \(names.vaultID.printable(limit: 300))" : "vault resource id empty"
        return step(
            .turnOn,
            intent.changesKey
                ? "Change KMS to the new key, as \(intent.target.rawValue)"
                : "Turn KMS on as \(intent.target.rawValue)",
            "\(key), \(path); wait until every API server has it",
            Self.change + Self.convergence, exposed: exposed, within: encryptsEarly ? Self.change + pass : nil)
    }

    private func encrypt(exposed: Bool) -> PlanStep {
        step(
            .rewriteOn, "Rewrite \(all), then verify each", "they are encrypted in etcd afterwards", 2 * pass,
            exposed: exposed && !encryptsEarly)
    }

    private var beforeKeyChange: PlanStep {
        step(
            .rewriteBeforeKeyChange, "Rewrite \(all) with the present key", "so that no older key is needed besides it",
            pass)
    }

    private var open: PlanStep {
        step(
            .openVault, "Open vault \(names.shownVault)",
            intent.newKey == nil
                ? "publicNetworkAccess Enabled, read back; nothing is plaintext yet"
                : "publicNetworkAccess Enabled, firewall open to all networks, read back", Self.vault)
    }

    private func close(exposed: Bool) -> PlanStep {
        step(
            .closeVault, "Close vault \(names.shownVault)",
            intent.options.closesFirewall == true
                ? "firewall's default action Deny, read back" : "publicNetworkAccess Disabled, read back", Self.vault,
            exposed: exposed)
    }

    private var prove: PlanStep { step(.prove, "Prove and report", "evidence is gathered; the lock is given back", 30) }

    private var soakAndProve: PlanStep {
        step(
            .prove, "Watch, prove and report",
            "writes are tried for up to \(duration(intent.options.soakSeconds)); a failure opens the vault again",
            intent.options.soakSeconds + 30)
    }
}
