package import Azure
package import AzureResources
import Files
import FoundationEssentials
import HTTP
import KubeAPI
import Kubeconfig
package import ModeSwitch
package import Usage

/// What a command is about: one cluster, as ARM and as its API server know it, and the vault of its key.
package struct Subject: Sendable {
    package var clusterID: AzureResourceID
    package var cluster: ManagedCluster
    package var kube: KubeConnection
    /// Empty while the API server is silent.
    package var kubeSystemUID: String
    /// Why the API server does not answer; nil when it does. Only `status` and `make-safe` go on without it.
    package var silence: String?
    /// The key that KMS uses or is to use; nil when ARM shows none and nobody named one.
    package var key: KeyIdentifier?
    /// The key that the person named; nil where none was.
    package var namedKey: KeyIdentifier?
    package var vault: Vault?
    /// Whether the API server's chain was verified against the authority that ARM names for this cluster.
    package var isVerified: Bool
    /// Subscriptions that could not be searched.
    package var unreadable: [String]
    /// When cluster and vault were begun to be read, in seconds of the monotonic clock.
    package var lookedAt = -Double.infinity

    /// The vault as decisions see it.
    package var vaultView: VaultObservation? { vault.map { $0.observation(of: cluster) } }

    /// Whether Azure shows no setting of KMS at all; one that was turned off it shows as off.
    package var neverHadKMS: Bool { cluster.kms == nil && cluster.encryption.state == .legacyOff }

    /// Whether the cluster's legacy KMS was turned off, or may have been where that cannot be told. One that never had
    /// any has nothing to go back to.
    package var isExposed: Bool {
        guard let kms = cluster.kms else { return false }
        return !kms.enabled && !cluster.encryption.isNewExperience
    }

    /// For a cluster of which neither Azure nor a run tells that KMS was ever on.
    package static let neverHadKMSAdvice: Advice =
        """
        nothing, if KMS was never on: there is nothing to switch. If it was, \
        \(ShellCommand.own(.makeSafe, .value(.knownKeyID, "KEY"))) turns it on
        """
}

/// Why a command cannot tell what it is about, or must not touch it.
package struct SubjectError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case usage
        case refused
        /// A check of preflight refuses.
        case preflight
        /// Another run holds the cluster.
        case locked
        case unreachable
        /// The cluster is on the new KMS experience, which is none of this program's to change.
        case newExperience
        /// It cannot be told whether it is.
        case unknownKMS
        /// The cluster never had KMS.
        case neverOn
    }

    package let kind: Kind
    package let description: String
    package let next: Advice

    package init(_ kind: Kind, _ description: String, next: Advice) {
        self.kind = kind
        self.description = description
        self.next = next
    }
}
