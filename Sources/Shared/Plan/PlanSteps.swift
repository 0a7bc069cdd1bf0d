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
        if intent.purpose == .makeSafe, facts.kms.enabled {
            let mustOpen = facts.kms.mode == .publicAccess && facts.vaultAccess == .disabled
            return [begin] + (mustOpen ? [open] : []) + [encrypt(exposed: false), prove]
        }
        if intent.purpose == .makeSafe { return [begin, on(exposed: true), encrypt(exposed: true), prove] }
        switch (intent.strategy, intent.target) {
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
        let key = intent.strategy == .secondVault ? "the key \(intent.keyID)" : "the same key"
        let path =
            intent.target == .privateAccess
            ? "vault resource id \(names.vaultID.printable(limit: 300))" : "vault resource id empty"
        return step(
            .turnOn,
            intent.strategy == .secondVault
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
            "publicNetworkAccess Enabled, read back; nothing is plaintext yet",
            Self.vault)
    }

    private func close(exposed: Bool) -> PlanStep {
        step(
            .closeVault, "Close vault \(names.shownVault)", "publicNetworkAccess Disabled, read back", Self.vault,
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

/// What a person must know before agreeing to a plan.
func planWarnings(_ intent: Intent, _ facts: PlanFacts) -> [String] {
    let names = Names(intent)
    var warnings: [String] = []
    if intent.strategy == .closeVaultFirst, intent.target == .privateAccess {
        warnings.append(
            "--close-vault-first closes the vault while Secrets are plaintext: if turning KMS on then fails, they "
                + "stay plaintext, and any Secret that was missed cannot be read until the vault is opened again.")
    }
    if intent.strategy == .secondVault {
        warnings.append(
            "The network of the old vault stays as it is. The old vault and its key are still needed: two keys are in "
                + "use until the next rotation, also for backups of etcd.")
    } else {
        warnings.append(
            "The key \(names.keyID.printable(limit: 200)) is still needed afterwards: disabling or deleting it makes "
                + "every Secret unreadable.")
        warnings.append(
            "etcd keeps old plaintext for about 5 more minutes. A backup that is made until then keeps it for good.")
    }
    if let doubt = facts.doubt { warnings.append(doubt) }
    if facts.secrets == nil { warnings.append("The Secrets could not be counted: times are without their rewrite.") }
    let accepted = intent.options.acceptedFailures.map(\.rawValue).sorted()
    if !accepted.isEmpty {
        warnings.append("Secrets that fail as \(accepted.joined(separator: " or ")) do not stop the run.")
    }
    if intent.options.acceptUnprovenConvergence {
        warnings.append("The run goes on without evidence that every API server has a new setting.")
    }
    if intent.options.vaultSharedOK, intent.target == .privateAccess {
        warnings.append("The vault is closed even if other clusters use it as Public.")
    }
    return warnings
}
