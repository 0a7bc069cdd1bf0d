package import Azure
package import SecretRewrite

/// Which way the job is done.
package enum Strategy: String, Sendable, Codable, Hashable {
    /// KMS off, rewrite, KMS on with the same key; the vault closes last and opens first.
    case inPlace
    /// The older documented order for public to private: the vault closes before KMS is on again.
    case closeVaultFirst
    /// A key in another vault that is already in the target mode: no off step.
    case secondVault
    /// Another version of the key, in the same mode: no off step, and the vault's network stays as it is.
    case rotation
    /// On the new KMS experience: the mode in one update, or the key of a new version that Azure takes by itself.
    case direct
    /// On the new KMS experience, where Azure refuses to change the mode at once: to Azure's own key, and from there to
    /// the vault's key in the other mode.
    case viaPlatformKey
}

/// Whose key encrypts Secrets on the new KMS experience.
package enum NewKey: String, Sendable, Codable, Hashable {
    case platformManaged = "platform-managed"
    case customerManaged = "customer-managed"
}

/// What a run wants. It is written before the first change; a resume may accept more, or name the target anew.
package struct Intent: Sendable, Codable, Hashable {
    package enum Purpose: String, Sendable, Codable, Hashable {
        case switchMode
        case makeSafe
        /// Another version of the key.
        case rotate
        /// To the new KMS experience, or to another key within it.
        case migrate

        /// Whether a run that cannot go on always goes back to encrypted and readable. A migration never leaves
        /// encryption by itself; see `Intent.turnsBack`.
        package var turnsBack: Bool { self == .switchMode || self == .rotate }
    }

    package var runID: String
    package var purpose: Purpose
    package var target: NetworkMode
    package var strategy: Strategy
    /// The profile and the vault's setting before the first change.
    package var original: KMSProfile
    package var originalVaultAccess: VaultAccess
    /// The key that KMS uses when the run is done, with its version; without one where the run makes the version, and
    /// on the new KMS experience. Nil where no key of a vault is used before or after.
    package var keyID: KeyIdentifier?
    /// The vault that owns `keyID`.
    package var vaultID: AzureResourceID?
    /// Whose key encrypts when the run is done; nil for the legacy KMS.
    package var newKey: NewKey?
    package var clusterID: AzureResourceID
    /// ARM's `resourceUID`: another one under the same name is another cluster.
    package var resourceUID: String
    /// The UID of the namespace kube-system: the same question, asked of the API server.
    package var kubeSystemUID: String
    package var options: Options

    package struct Options: Sendable, Codable, Hashable {
        /// Classes of failed Secrets that do not stop a narrowing step.
        package var acceptedFailures: Set<FailureClass>
        package var acceptUnprovenConvergence: Bool
        package var vaultSharedOK: Bool
        /// Seconds of watching after the vault was closed.
        package var soakSeconds: Double
        package var onFailure: OnFailure
        /// Whether the vault is closed by its firewall, which leaves its rules open to the networks that they name.
        package var closesFirewall: Bool?
        /// Seconds that Azure may take to notice a new version of the key, on the new KMS experience.
        package var controllerSeconds: Double?

        package init(
            acceptedFailures: Set<FailureClass> = [], acceptUnprovenConvergence: Bool = false,
            vaultSharedOK: Bool = false, soakSeconds: Double = 600, onFailure: OnFailure = .makeSafe,
            closesFirewall: Bool = false, controllerSeconds: Double? = nil
        ) {
            self.acceptedFailures = acceptedFailures
            self.acceptUnprovenConvergence = acceptUnprovenConvergence
            self.vaultSharedOK = vaultSharedOK
            self.soakSeconds = soakSeconds
            self.onFailure = onFailure
            self.closesFirewall = closesFirewall ? true : nil
            self.controllerSeconds = controllerSeconds
        }
    }

    /// What a switch does when it cannot go on while Secrets are, or may be, plaintext.
    package enum OnFailure: String, Sendable, Codable, Hashable, CaseIterable {
        /// It turns KMS on again, rewrites all Secrets, and then ends.
        case makeSafe = "make-safe"
        /// It ends at once, for those who want to look first.
        case stop
    }

    package init(
        runID: String, purpose: Purpose = .switchMode, target: NetworkMode, strategy: Strategy, original: KMSProfile,
        originalVaultAccess: VaultAccess, keyID: KeyIdentifier?, vaultID: AzureResourceID?, newKey: NewKey? = nil,
        clusterID: AzureResourceID, resourceUID: String, kubeSystemUID: String, options: Options = Options()
    ) {
        self.runID = runID
        self.purpose = purpose
        self.target = target
        self.strategy = strategy
        self.original = original
        self.originalVaultAccess = originalVaultAccess
        self.keyID = keyID
        self.vaultID = vaultID
        self.newKey = newKey
        self.clusterID = clusterID
        self.resourceUID = resourceUID
        self.kubeSystemUID = kubeSystemUID
        self.options = options
    }

    /// The key of the vault, in the given mode.
    package func profile(_ mode: NetworkMode) -> KMSProfile {
        guard newKey == nil else {
            return KMSProfile(
                enabled: true, keyID: keyID?.versionless.description ?? "", mode: mode,
                vaultID: vaultID?.description ?? "", isNew: true)
        }
        return KMSProfile(
            enabled: true, keyID: keyID?.description ?? "", mode: mode,
            vaultID: mode == .privateAccess ? vaultID?.description ?? "" : "")
    }

    /// The profile that the run ends with.
    package var targetProfile: KMSProfile { newKey == .platformManaged ? .platformManaged : profile(target) }

    /// The profile with KMS off; the key stays named, as az sends it.
    package var offProfile: KMSProfile {
        KMSProfile(enabled: false, keyID: original.keyID, mode: original.mode, vaultID: original.vaultID)
    }

    /// Whether the run names another key or version, and leaves the vault's network alone.
    package var changesKey: Bool { strategy == .secondVault || strategy == .rotation }

    /// Whether the run may change the vault's network, or must see to it that the cluster gets in.
    package var movesVault: Bool { !changesKey && newKey != .platformManaged }

    /// Whether Secrets lie under the same key before and after, as far as is known.
    package var keepsStoredKey: Bool {
        guard newKey != nil else { return !changesKey }
        return purpose == .switchMode && strategy == .direct
    }

    /// Whether Secrets lie under another key afterwards. A migration that keeps the key may keep the form as well, and
    /// the way by Azure's own key leads back.
    package var leavesStoredKey: Bool {
        guard newKey != nil else { return changesKey }
        return purpose == .rotate || newKey == .platformManaged || original.isPlatformManaged
    }

    /// Whether a run that cannot go on while Secrets may be plaintext goes back to encrypted and readable. A migration
    /// from plaintext has nothing to go back to.
    package var turnsBack: Bool { purpose.turnsBack || purpose == .migrate && original.encrypts }

    /// Whether the vault is closed at the end.
    package var closesVault: Bool {
        purpose == .switchMode && movesVault && target == .privateAccess
    }
}
