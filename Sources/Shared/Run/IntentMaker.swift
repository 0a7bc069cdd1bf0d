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
        if original.isNew { return try newSwitchIntent(original) }
        if options.closesFirewall || options.viaPlatformKey {
            throw SubjectError(
                .refused,
                (options.closesFirewall ? "--vault-firewall" : "--via-platform-key")
                    + " is for the new KMS experience, and \(subject.clusterID.name) has the legacy KMS",
                next: "leave it out")
        }
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

    private func newSwitchIntent(_ original: KMSProfile) throws(SubjectError) -> Intent {
        guard original.enabled else {
            throw SubjectError(
                .refused,
                "Azure's own key encrypts the Secrets of \(subject.clusterID.name): there is no vault to switch",
                next: "\(ShellCommand.own(.migrate, .flag(.customerManaged))) has a key in your vault do it")
        }
        if options.closeVaultFirst || subject.namedKey != nil {
            throw SubjectError(
                .refused,
                (options.closeVaultFirst ? "--close-vault-first" : "--key-id") + " is for the legacy KMS only",
                next: "leave it out")
        }
        let (key, vault) = try newKeyAndVault()
        return intent(
            .switchMode, original: original, strategy: options.viaPlatformKey ? .viaPlatformKey : .direct, key: key,
            vault: vault, newKey: .customerManaged)
    }

    /// The intent of a make-safe without a journal.
    func makeSafeIntent() throws(SubjectError) -> Intent {
        let original = subject.cluster.kmsProfile
        if original.isNew {
            let keyAndVault = original.enabled ? try newKeyAndVault() : nil
            return intent(
                .makeSafe, original: original, target: original.mode, strategy: .direct, key: keyAndVault?.0,
                vault: keyAndVault?.1, newKey: original.enabled ? .customerManaged : .platformManaged)
        }
        let (key, vault) = try keyAndVault()
        return intent(.makeSafe, original: original, strategy: .inPlace, key: key, vault: vault)
    }

    /// The intent of a rotation.
    ///
    /// - Parameter key: the key to rotate to; without a version where the run makes it.
    func rotateIntent(to key: KeyIdentifier) throws(SubjectError) -> Intent {
        let original = subject.cluster.kmsProfile
        guard original.enabled, let vault = subject.vault else { throw noVault(of: key) }
        return intent(
            .rotate, original: original, target: original.mode, strategy: original.isNew ? .direct : .rotation,
            key: key, vault: vault, newKey: original.isNew ? .customerManaged : nil)
    }

    /// The intent of a migration to the new experience, or to another key within it.
    func migrateIntent() throws(SubjectError) -> Intent {
        guard let newKey = options.newKey else {
            throw SubjectError(
                .usage, "it was not said whose key shall encrypt Secrets",
                next: "give --platform-managed or --customer-managed")
        }
        try refuseUnknown()
        let original = subject.cluster.kmsProfile
        let strategy: Strategy = options.viaPlatformKey && !original.isPlatformManaged ? .viaPlatformKey : .direct
        guard newKey == .customerManaged else {
            return intent(
                .migrate, original: original, target: original.mode, strategy: .direct,
                key: original.enabled ? subject.key : nil, vault: original.enabled ? subject.vault : nil,
                newKey: newKey)
        }
        let (key, vault) = try newKeyAndVault()
        if original.isNew, original.enabled, !original.names(key.versionless) {
            throw SubjectError(
                .refused, "\(subject.clusterID.name) is on another customer-managed key already",
                next: """
                    go by way of Azure's own key: \(ShellCommand.own(.migrate, .flag(.platformManaged))), and then \
                    this command
                    """)
        }
        let mode = options.targetIsNamed ? options.target : original.enabled ? original.mode : .publicAccess
        return intent(
            .migrate, original: original, target: mode, strategy: strategy, key: key.versionless, vault: vault,
            newKey: newKey)
    }

    private func intent(
        _ purpose: Intent.Purpose, original: KMSProfile, target: NetworkMode? = nil, strategy: Strategy,
        key: KeyIdentifier?, vault: Vault?, newKey: NewKey? = nil
    ) -> Intent {
        Intent(
            runID: runID, purpose: purpose, target: target ?? options.target, strategy: strategy, original: original,
            originalVaultAccess: vault?.heldAccess ?? .disabled, keyID: key,
            vaultID: vault?.id, newKey: newKey, clusterID: subject.clusterID,
            resourceUID: subject.cluster.resourceUID ?? "", kubeSystemUID: subject.kubeSystemUID,
            options: Intent.Options(
                acceptedFailures: options.acceptedFailures,
                acceptUnprovenConvergence: options.acceptUnprovenConvergence, vaultSharedOK: options.vaultSharedOK,
                soakSeconds: options.soakSeconds, onFailure: options.onFailure,
                closesFirewall: options.closesFirewall,
                controllerSeconds: purpose == .rotate && newKey != nil ? options.controllerSeconds : nil))
    }

    /// Refuses a cluster to which no update of the legacy KMS may be sent.
    ///
    /// - Parameter hadLegacyKMS: whether a record of this machine may say, or says, that it was on.
    func refuseOtherKMS(hadLegacyKMS: Bool = false) throws(SubjectError) {
        let cluster = subject.cluster
        if let refusal = cluster.encryption.refusal(of: cluster, hadLegacyKMS: hadLegacyKMS) { throw refusal }
    }

    /// Refuses a cluster of which it cannot be told what encrypts its Secrets.
    func refuseUnknown(hadLegacyKMS: Bool = false) throws(SubjectError) {
        let cluster = subject.cluster
        if let refusal = cluster.encryption.refusalWhereUnknown(of: cluster, hadLegacyKMS: hadLegacyKMS) {
            throw refusal
        }
    }

    private func newKeyAndVault() throws(SubjectError) -> (KeyIdentifier, Vault) {
        guard let key = subject.key else {
            throw SubjectError(
                .refused, "no key of a vault is known for \(subject.clusterID.name)",
                next: "name it with --key-id https://VAULT.vault.azure.net/keys/KEY")
        }
        guard let vault = subject.vault else { throw noVault(of: key) }
        return (key, vault)
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
        guard let vault = subject.vault else { throw noVault(of: key) }
        return (key, vault)
    }

    private func noVault(of key: KeyIdentifier) -> SubjectError {
        let rest = subject.unreadable.isEmpty ? "" : " (not readable: \(subject.unreadable.joined(separator: "; ")))"
        return SubjectError(
            .refused, "no vault that you can read owns the key \(key)\(rest)",
            next:
                "name it with --key-vault-resource-id, if you may read it: the search finds only vaults in "
                + "subscriptions that you can list")
    }
}
