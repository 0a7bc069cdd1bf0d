import Azure
import ModeSwitch
import SecretRewrite
import Text
import Usage

/// What a person must know before agreeing to a plan.
func planWarnings(_ intent: Intent, _ facts: PlanFacts) -> [String] {
    let names = Names(intent)
    var warnings: [String] = []
    if intent.strategy == .closeVaultFirst, intent.target == .privateAccess {
        warnings.append(
            "--close-vault-first closes the vault while Secrets are plaintext: if turning KMS on then fails, they "
                + "stay plaintext, and any Secret that was missed cannot be read until the vault is opened again.")
    }
    warnings += keyWarnings(intent, facts, names)
    if intent.strategy == .secondVault {
        warnings.append(
            "The network of the old vault stays as it is. The old vault and its key are still needed: two keys are in "
                + "use until the next rotation, also for backups of etcd.")
    } else if intent.newKey == nil, !intent.changesKey {
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

/// What a run to another key or to the new experience leaves behind, and what it cannot undo.
private func keyWarnings(_ intent: Intent, _ facts: PlanFacts, _ names: Names) -> [String] {
    let old = intent.original.keyID.printable(limit: 200)
    switch intent.purpose {
    case .rotate where intent.newKey == nil:
        return [
            "Keep the version \(old): KMS uses two at the same time, and it must stay until the next rotation. Backups of "
                + "etcd need it longer."
        ]
    case .rotate:
        return ["Keep the older versions until a verifying pass moves no Secret. Backups of etcd need them longer."]
    case .migrate:
        var warnings: [String] = []
        if !intent.original.isNew {
            warnings.append(
                "There is no way back: a cluster on the new KMS experience never returns to the legacy KMS, and it "
                    + "cannot be turned off.")
        }
        if intent.original.enabled {
            warnings.append(
                "Keep the key \(old) until a verifying pass moves no Secret. Backups of etcd need it longer.")
        }
        warnings.append(
            "Azure rewrites all Secrets as well, through admission: a webhook that denies it makes it fail.")
        return warnings
    case .switchMode where intent.newKey != nil:
        var warnings = [
            "The key \(names.keyID.printable(limit: 200)) is still needed afterwards: disabling or deleting it makes every "
                + "Secret unreadable."
        ]
        if intent.strategy == .direct {
            warnings.append(
                "That Azure changes the mode in one update was not seen (inferred from its API). If it refuses, nothing "
                    + "is changed, and --via-platform-key goes by way of Azure's own key.")
        }
        return warnings
    case .switchMode where facts.kms.enabled && !intent.changesKey:
        return [
            "Without plaintext: --key-id with a key in a second vault that is \(intent.target.rawValue) already; or first "
                + "migrate --customer-managed, from which there is no way back."
        ]
    case .switchMode, .makeSafe: return []
    }
}
