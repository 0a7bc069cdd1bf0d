import Azure
import AzureResources
import Connections
import ModeSwitch
import Report

/// What Azure shows of a cluster's KMS and of its vault, as evidence for `verify`.
struct KMSEvidence: Sendable {
    let subject: Subject
    let view: ClusterObservation

    private var encryption: ClusterEncryption { subject.cluster.encryption }

    /// Whether KMS is on, of either kind, and no update of it is under way or failed.
    var profile: ProofReceipt.Item {
        let words = ["KMS \(encryption.words(mode: view.kms.mode.rawValue)), \(view.provisioning)", encryption.note]
        let detail = words.compactMap { $0 }.joined(separator: ". ")
        guard encryption.state != .unknown else {
            return .init(id: "kms-profile", verdict: .notAvailable, detail: detail)
        }
        let isOn = encryption.state != .legacyOff && view.provisioning == .succeeded
        return .init(id: "kms-profile", verdict: isOn ? .passed : .failed, detail: detail)
    }

    /// Whether the vault lets the cluster in, in the way that its KMS takes.
    var vault: ProofReceipt.Item {
        switch encryption.state {
        case .platformManaged: item(.notAvailable, "no vault is in use: the key is Azure's own")
        case .unknown: item(.notAvailable, "which KMS the cluster has cannot be told")
        case .legacyOn, .legacyOff: legacyVault
        case .customerKeyPublic, .customerKeyPrivate: customerVault
        }
    }

    private func item(_ verdict: ProofReceipt.Item.Verdict, _ detail: String) -> ProofReceipt.Item {
        .init(id: "vault-agrees", verdict: verdict, detail: detail)
    }

    private var legacyVault: ProofReceipt.Item {
        guard let vault = subject.vaultView else { return item(.notAvailable, "the vault could not be read") }
        let agrees =
            view.kms.mode == .publicAccess
            ? vault.servesPublic : vault.privateEndpoint == .approved || vault.access == .enabled
        return item(
            agrees ? .passed : .failed,
            "publicNetworkAccess \(vault.access.rawValue), private endpoint \(vault.privateEndpoint.rawValue), "
                + "KMS \(view.kms.mode.rawValue)")
    }

    /// Public needs a vault that is open to all networks; Private goes by the exception for trusted Microsoft services,
    /// and no private endpoint is made (AKS documentation, kms-data-encryption; Azure/AKS#3542).
    private var customerVault: ProofReceipt.Item {
        guard let found = subject.vault, let vault = subject.vaultView else {
            return item(.notAvailable, "the vault could not be read")
        }
        let words =
            "publicNetworkAccess \(vault.access.rawValue), bypass \(found.shownBypass ?? "not shown"), "
            + "customer-managed key \(view.kms.mode.rawValue)"
        if vault.servesPublic { return item(.passed, words) }
        guard view.kms.mode == .privateAccess else { return item(.failed, words) }
        guard vault.access != .securedByPerimeter, let bypass = found.shownBypass else {
            return item(.notAvailable, words)
        }
        return item(bypass.lowercased() == "azureservices" ? .passed : .failed, words)
    }
}
