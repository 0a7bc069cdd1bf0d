import Azure
import AzureResources
import Connections
import FoundationEssentials
import ModeSwitch
import Usage

/// Makes the intent of a new run from what is asked for and what is found, or says why there can be none.
struct IntentMaker: Sendable {
    let subject: Subject
    let options: RunOptions
    let runID: String

    /// The intent of a switch.
    func switchIntent() throws(SubjectError) -> Intent {
        let original = subject.cluster.kmsProfile
        let (key, vault) = try keyAndVault()
        let isOtherVault =
            original.enabled
            && (try? KeyIdentifier(parsing: original.keyID)).map { $0.vaultAuthority != key.vaultAuthority } ?? false
        let sameVaultOtherKey =
            original.enabled && !isOtherVault && !original.names(key)
        if sameVaultOtherKey {
            throw SubjectError(
                .refused, "--key-id names another key of the vault that KMS uses already",
                next: "a new key is a rotation, not a switch: leave --key-id out, or name a key in another vault")
        }
        let strategy: Strategy = isOtherVault ? .secondVault : options.closeVaultFirst ? .closeVaultFirst : .inPlace
        return intent(.switchMode, original: original, strategy: strategy, key: key, vault: vault)
    }

    /// The intent of a make-safe without a journal.
    func makeSafeIntent() throws(SubjectError) -> Intent {
        let original = subject.cluster.kmsProfile
        let (key, vault) = try keyAndVault()
        return intent(.makeSafe, original: original, strategy: .inPlace, key: key, vault: vault)
    }

    private func intent(
        _ purpose: Intent.Purpose, original: KMSProfile, strategy: Strategy,
        key: KeyIdentifier, vault: Vault
    ) -> Intent {
        Intent(
            runID: runID, purpose: purpose, target: options.target, strategy: strategy, original: original,
            originalVaultAccess: vault.heldAccess, keyID: key,
            vaultID: vault.id, clusterID: subject.clusterID,
            resourceUID: subject.cluster.resourceUID ?? "", kubeSystemUID: subject.kubeSystemUID,
            options: Intent.Options(
                acceptedFailures: options.acceptedFailures,
                acceptUnprovenConvergence: options.acceptUnprovenConvergence, vaultSharedOK: options.vaultSharedOK,
                soakSeconds: options.soakSeconds, onFailure: options.onFailure))
    }

    /// Refuses a cluster to which no update of the legacy KMS may be sent.
    ///
    /// - Parameter hadLegacyKMS: whether a record of this machine may say, or says, that it was on.
    func refuseOtherKMS(hadLegacyKMS: Bool = false) throws(SubjectError) {
        let cluster = subject.cluster
        if let refusal = cluster.encryption.refusal(of: cluster, hadLegacyKMS: hadLegacyKMS) { throw refusal }
    }

    private func keyAndVault() throws(SubjectError) -> (KeyIdentifier, Vault) {
        try refuseOtherKMS()
        guard let key = subject.key else {
            throw SubjectError(
                .refused, "Azure shows no KMS key for \(subject.clusterID.name), and no journal names one",
                next:
                    "name it with --key-id; where to look: the journal of the machine that ran the switch, the ConfigMap "
                    + "kube-system/kms-vault-switch, az keyvault key list-versions")
        }
        guard key.version != nil else {
            throw SubjectError(
                .refused, "the KMS key \(key) has no version, which only the new KMS experience uses",
                next: "see https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts")
        }
        guard let vault = subject.vault else {
            let rest =
                subject.unreadable.isEmpty ? "" : " (not readable: \(subject.unreadable.joined(separator: "; ")))"
            throw SubjectError(
                .refused, "no vault that you can read owns the key \(key)\(rest)",
                next:
                    "name it with --key-vault-resource-id, if you may read it: the search finds only vaults in "
                    + "subscriptions that you can list")
        }
        return (key, vault)
    }
}
