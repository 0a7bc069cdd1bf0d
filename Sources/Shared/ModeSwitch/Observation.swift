package import Azure

/// What is seen of the world right now, apart from what earlier steps left in `Receipts`.
package struct Observation: Sendable, Hashable {
    package var cluster: ClusterObservation
    package var vault: VaultObservation
    package var key: KeyState
    package var kubernetes: KubernetesObservation
    /// Clusters, other than this one, that use the vault as Public.
    package var otherPublicUsers: [String]
    /// What preflight answered about a step since the newest other step was taken.
    package var checks: [CheckedStep: CheckAnswer] = [:]
    /// What admission said to a rewrite of every Secret, tried by this process before anything was changed; nil before
    /// it was asked.
    package var admission: CheckAnswer?
    /// Whether the run has waited for one and the same thing as long as it may.
    package var patienceIsOver = false
    package var receipts: Receipts

    package init(
        cluster: ClusterObservation, vault: VaultObservation, key: KeyState = .usable,
        kubernetes: KubernetesObservation, otherPublicUsers: [String] = [], receipts: Receipts = Receipts()
    ) {
        self.cluster = cluster
        self.vault = vault
        self.key = key
        self.kubernetes = kubernetes
        self.otherPublicUsers = otherPublicUsers
        self.receipts = receipts
    }
}

package struct ClusterObservation: Sendable, Hashable {
    package enum Presence: Sendable, Hashable {
        case present
        case gone
        /// ARM did not answer, or refused; the text says how.
        case unreadable(String)
    }

    package enum Provisioning: Sendable, Hashable {
        case succeeded
        /// An operation runs; the state's name as ARM gives it.
        case inProgress(String)
        /// The last operation ended in `Failed` or `Canceled`.
        case failed(AzureRefusal)
    }

    /// Which KMS the cluster has.
    package enum Experience: Sendable, Hashable {
        case legacy
        /// `kubernetesResourceObjectEncryptionProfile` is on, or the key is versionless.
        case new
        /// The API version does not show it, and with KMS off no key id tells it; a sentence about that.
        case hidden(String)
        /// Azure shows what is not known here; a sentence about that.
        case unknown(String)
    }

    package var presence: Presence
    package var provisioning: Provisioning
    package var running: Bool
    package var kms: KMSProfile
    /// Changes with every finished change of the cluster, whoever made it. Empty where Azure shows none.
    package var eTag: String
    /// Node pools with an operation under way, such as `nodepool1: Upgrading`. Azure refuses an update of the cluster
    /// while there is one; nothing else depends on node pools.
    package var busyPools: [String] = []
    package var resourceUID: String
    /// API Server VNet Integration, without which Private is refused.
    package var vnetIntegration: Bool
    package var experience: Experience

    /// Whether there is no way back to the legacy KMS.
    package var newKMSExperience: Bool { experience == .new }

    /// Whether Azure shows something of KMS that is not known here.
    package var isUnknown: Bool { if case .unknown = experience { true } else { false } }

    package init(
        presence: Presence = .present, provisioning: Provisioning = .succeeded, running: Bool = true, kms: KMSProfile,
        eTag: String = "", resourceUID: String, vnetIntegration: Bool = true, experience: Experience = .legacy
    ) {
        self.presence = presence
        self.provisioning = provisioning
        self.running = running
        self.kms = kms
        self.eTag = eTag
        self.resourceUID = resourceUID
        self.vnetIntegration = vnetIntegration
        self.experience = experience
    }
}

package struct VaultObservation: Sendable, Hashable {
    package enum Presence: Sendable, Hashable {
        case present
        case softDeleted
        case gone
        case forbidden
        case unreadable(String)
    }

    package enum PrivateEndpoint: String, Sendable, Hashable {
        case approved
        case pending
        case rejected
        case none
    }

    package var presence: Presence
    package var access: VaultAccess
    /// `networkAcls.defaultAction` is Deny: an open vault that still does not let an API server in.
    package var firewallDenies: Bool
    package var privateEndpoint: PrivateEndpoint
    /// Whether trusted services, the new KMS experience among them, pass its firewall.
    package var trust: ServiceTrust

    package init(
        presence: Presence = .present, access: VaultAccess, firewallDenies: Bool = false,
        privateEndpoint: PrivateEndpoint = .none, trust: ServiceTrust = .byDefault
    ) {
        self.presence = presence
        self.access = access
        self.firewallDenies = firewallDenies
        self.privateEndpoint = privateEndpoint
        self.trust = trust
    }

    /// Whether an API server in Public mode reaches the key.
    package var servesPublic: Bool { presence == .present && access == .enabled && !firewallDenies }
}

package enum KeyState: String, Sendable, Codable, Hashable {
    case usable
    case disabled
    case expired
    case deleted
    /// Its state could not be read, which a closed vault explains.
    case unreadable
}

package struct KubernetesObservation: Sendable, Hashable {
    package var reachable: Bool
    package var kubeSystemUID: String

    package init(reachable: Bool = true, kubeSystemUID: String) {
        self.reachable = reachable
        self.kubeSystemUID = kubeSystemUID
    }
}
