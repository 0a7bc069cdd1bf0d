import Azure
import ModeSwitch
import Plan
import Text
import Usage

/// Stops of which Azure's refusal of the change is the reason: an id for each kind of refusal that a person mends in a
/// way of its own.
extension EndingWords {
    func armRefuses(_ refusal: AzureRefusal) -> Told {
        // Seen only at the update: the same stop as when a look shows it.
        if refusal.kind == .newExperience { return newKMSExperience() }
        if refusal.kind == .unknownKMS { return unknownKMS(refusal.what) }
        let (id, command) = place(of: refusal.kind)
        if id == "arm-refuses", let detour { return Told(id, what(refusal), detour.advice, detour.commands) }
        return Told(
            id, what(refusal), advice(refusal) ?? "Fix what Azure names, then go on",
            command.map { [$0, again] } ?? [again])
    }

    /// The other way to a customer's key or mode, where Azure refuses the direct one: no source tells that it takes it.
    private var detour: (advice: String, commands: [ShellCommand])? {
        guard intent.newKey == .customerManaged, intent.strategy == .direct, !intent.original.isPlatformManaged else {
            return nil
        }
        let way: ShellCommand
        switch intent.purpose {
        case .switchMode: way = names.tool(.switchMode, .target(intent.target), .flag(.viaPlatformKey))
        case .migrate: way = names.tool(.migrate, .flag(.customerManaged), .flag(.viaPlatformKey))
        case .makeSafe, .rotate: return nil
        }
        return (
            "End this run, which changed nothing of the cluster, and go by way of Azure's own key, if what Azure names cannot "
                + "be fixed", [names.tool(.makeSafe), way]
        )
    }

    /// The id of the problem, and what to look at first.
    private func place(of kind: AzureRefusal.Kind) -> (id: String, first: ShellCommand?) {
        switch kind {
        case .policy:
            ("azure-policy", "az policy state list --resource \(intent.clusterID.description) -o table")
        case .lock: ("resource-lock", "az lock list --resource \(intent.clusterID.description) -o table")
        case .right:
            ("missing-right", ShellCommand("kubectl kms-vault rbac --azure", ["--subscription": names.subscription]))
        case .signIn: ("sign-in-ended", "az login")
        case .noToken: ("sign-in-ended", nil)
        case .identityRight: ("missing-identity-right", preflight)
        case .keyRight: ("missing-key-right", preflight)
        case .busy, .outdated, .conflict: ("azure-busy", names.tool(.status))
        case .throttled: ("azure-throttles", nil)
        case .failed, .canceled: ("update-failed", names.tool(.status))
        case .notFound, .vnetIntegration, .vaultIDMissing, .networkAccessMissing, .localAccounts, .perimeter,
            .newExperience, .unknownKMS, .apiVersion, .invalid, .unreachable, .other:
            ("arm-refuses", preflight)
        }
    }

    private func what(_ refusal: AzureRefusal) -> String {
        let happened =
            switch refusal.kind {
            case .failed, .canceled: "Azure's change of KMS of \(cluster) failed"
            case .noToken, .unreachable: "Azure could not be asked to change KMS of \(cluster)"
            case .busy, .outdated, .conflict, .throttled: "Azure does not take the change of KMS of \(cluster) now"
            default: "Azure refuses to change KMS of \(cluster)"
            }
        return "\(happened): \(shown(refusal.what)).\(forSupport(refusal))"
    }

    /// How Azure's support finds the request.
    func forSupport(_ refusal: AzureRefusal?) -> String {
        guard let refusal, refusal.wasAsked, !refusal.correlationID.isEmpty else { return "" }
        return " Azure's support finds it by the correlation id \(refusal.correlationID.printable(limit: 64))."
    }

    /// As the beginning of a sentence.
    func advice(_ refusal: AzureRefusal) -> String? {
        refusal.advice.map { $0.prefix(1).uppercased() + $0.dropFirst() }
    }

    /// What Azure said last since the run was started or resumed, for an ending of another reason; empty where it said
    /// nothing.
    var lastWords: String {
        let receipts = seen.receipts
        let change = receipts.changes.dropFirst(receipts.attemptsFrom).last
        let vault = receipts.vaultChanges.dropFirst(receipts.vaultAttemptsFrom).last
        if let vault, vault.sequence > change?.sequence ?? 0 {
            return vault.refusal.map { said("Azure did not set the network access of \(self.vault)", $0) } ?? ""
        }
        guard let change, let refusal = change.refusal else { return "" }
        switch change.outcome {
        case .deferred, .refused: return said("Azure did not take the last change", refusal)
        case .failed: return said("The last change failed", refusal)
        case .sent: return said("Nobody knows whether Azure took the last change", refusal)
        case .accepted, .succeeded, .byOthers: return ""
        }
    }

    private func said(_ what: String, _ refusal: AzureRefusal) -> String {
        " \(what): \(shown(refusal.what)).\(forSupport(refusal))"
    }
}
