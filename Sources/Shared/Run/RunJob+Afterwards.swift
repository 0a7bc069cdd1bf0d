import Azure
import Connections
import Console
import ModeSwitch
import Report
import Text

extension RunJob {
    /// What must be kept and what may be cleared away after a run, a sentence each; none after one that is not done.
    func afterwards(_ result: SwitchRunner.Result) -> [String] {
        guard case .finished = result.ending else { return [] }
        // The runner has named the version that it made.
        let intent = result.intent
        guard result.exitCode == .done else { return whileSomeAreLeft(intent) }
        switch intent.purpose {
        case .rotate: return afterRotation(intent, result)
        case .migrate: return afterMigration(intent, result)
        case .switchMode, .makeSafe: return []
        }
    }

    /// Nothing may go while Secrets are left under what came before.
    private func whileSomeAreLeft(_ intent: Intent) -> [String] {
        guard [.rotate, .migrate].contains(intent.purpose), intent.original.enabled else { return [] }
        return [
            "Keep the key \(intent.original.keyID.printable(limit: 200)) and all its versions: Secrets that were not "
                + "rewritten may need it."
        ]
    }

    private func afterRotation(_ intent: Intent, _ result: SwitchRunner.Result) -> [String] {
        guard intent.newKey == nil else {
            let moved = result.seen.receipts.pass(.verify)?.rewritten ?? 0
            guard result.seen.receipts.convergence(at: result.seen.cluster.eTag)?.state == .converged else {
                return ["Keep every version of the key: it was not proven that Azure has taken the new one."]
            }
            return [
                moved == 0
                    ? "The verifying pass moved no Secret: older versions of the key may be disabled, but backups of etcd "
                        + "need them (inferred: Azure does not show which versions it uses)."
                    : "The verifying pass still moved \(moved) Secrets: keep the older versions of the key until verify "
                        + "--patch moves none."
            ]
        }
        let old = intent.original.keyID.printable(limit: 200)
        var sentences = [
            "Keep \(old): KMS uses two versions at the same time, and it must stay until the next rotation. Backups of etcd "
                + "need it longer."
        ]
        if let oldest = oldestKey(before: intent.original.keyID) {
            sentences.append(
                "\(oldest.key.printable(limit: 200)) is no longer used by KMS and may be disabled, but backups of etcd need "
                    + "it. That it was the key before \(old) is known from run \(oldest.run.printable(limit: 64)), whose "
                    + "report is on this machine.")
        }
        return sentences
    }

    /// The key that a finished rotation of this machine moved away from when it moved to `key`. A line in the cluster
    /// is no evidence of that: others may write it.
    private func oldestKey(before key: String) -> (key: String, run: String)? {
        let reports = ((try? archive.reports())?.reports ?? []).map(\.report)
        let rotation = reports.last { report in
            report.command == "rotate" && report.exitCode == ExitCode.done.rawValue
                && report.cluster == "\(subject.clusterID)"
                && report.kms.keyID.lowercased() == key.lowercased()
        }
        guard let rotation, let before = rotation.context?.original.keyID,
            before.lowercased() != key.lowercased(), !before.isEmpty
        else { return nil }
        return (before, rotation.runID)
    }

    private func afterMigration(_ intent: Intent, _ result: SwitchRunner.Result) -> [String] {
        var sentences: [String] = []
        let original = intent.original
        if original.enabled, original.storageKey != intent.targetProfile.storageKey {
            sentences.append(
                "Keep the key \(original.keyID.printable(limit: 200)) until verify --patch moves no Secret, and as long as "
                    + "backups of etcd are kept that need it.")
        }
        if !original.isNew, original.mode == .privateAccess, original.enabled {
            sentences.append(
                "The private endpoint that AKS made for the legacy KMS is no longer used: it is in the node resource group, "
                    + "and its connection at the vault may be removed (inferred).")
            sentences.append(
                "The cluster's identity no longer needs the right to approve private endpoints: Key Vault Reader beside the "
                    + "right to encrypt and decrypt is what all sources agree on.")
        }
        if intent.newKey == .platformManaged, original.enabled {
            sentences.append(
                "The cluster's identity needs no right on the vault any more, once no Secret needs its key.")
        }
        sentences.append(
            "Terraform's azurerm and AVM cannot express the new KMS experience yet: take azureKeyVaultKms out of what they "
                + "manage, or their next apply fails or tries to go back.")
        return sentences
    }
}
