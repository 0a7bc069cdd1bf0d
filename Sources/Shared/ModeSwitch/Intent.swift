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
}

/// What a run wants. It is written before the first change; a resume may accept more, or name the target anew.
package struct Intent: Sendable, Codable, Hashable {
    package enum Purpose: String, Sendable, Codable, Hashable {
        case switchMode
        case makeSafe
    }

    package var runID: String
    package var purpose: Purpose
    package var target: NetworkMode
    package var strategy: Strategy
    /// The profile and the vault's setting before the first change.
    package var original: KMSProfile
    package var originalVaultAccess: VaultAccess
    /// The versioned key that KMS uses when the run is done.
    package var keyID: KeyIdentifier
    /// The vault that owns `keyID`.
    package var vaultID: AzureResourceID
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

        package init(
            acceptedFailures: Set<FailureClass> = [], acceptUnprovenConvergence: Bool = false,
            vaultSharedOK: Bool = false, soakSeconds: Double = 600, onFailure: OnFailure = .makeSafe
        ) {
            self.acceptedFailures = acceptedFailures
            self.acceptUnprovenConvergence = acceptUnprovenConvergence
            self.vaultSharedOK = vaultSharedOK
            self.soakSeconds = soakSeconds
            self.onFailure = onFailure
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
        originalVaultAccess: VaultAccess, keyID: KeyIdentifier, vaultID: AzureResourceID, clusterID: AzureResourceID,
        resourceUID: String,
        kubeSystemUID: String, options: Options = Options()
    ) {
        self.runID = runID
        self.purpose = purpose
        self.target = target
        self.strategy = strategy
        self.original = original
        self.originalVaultAccess = originalVaultAccess
        self.keyID = keyID
        self.vaultID = vaultID
        self.clusterID = clusterID
        self.resourceUID = resourceUID
        self.kubeSystemUID = kubeSystemUID
        self.options = options
    }

    /// The profile that the run ends with, in the given mode.
    package func profile(_ mode: NetworkMode) -> KMSProfile {
        KMSProfile(
            enabled: true, keyID: keyID.description, mode: mode,
            vaultID: mode == .privateAccess ? vaultID.description : "")
    }

    package var targetProfile: KMSProfile { profile(target) }

    /// The profile with KMS off; the key stays named, as az sends it.
    package var offProfile: KMSProfile {
        KMSProfile(enabled: false, keyID: original.keyID, mode: original.mode, vaultID: original.vaultID)
    }
}
