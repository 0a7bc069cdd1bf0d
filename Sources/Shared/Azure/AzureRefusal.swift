/// Why Azure did not take a change, or gave it up: kept from the answer to the last word that a person reads.
package struct AzureRefusal: Sendable, Codable, Hashable {
    /// What has to happen before Azure takes it.
    package enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        case notFound
        /// The caller lacks a right.
        case right
        case signIn
        /// There is no token to ask with; the credential's own words say why.
        case noToken
        /// The cluster's identity, or the caller, lacks a right on a second resource that the change touches.
        case identityRight
        /// The cluster's identity may not use the key.
        case keyRight
        case policy
        case lock
        /// Another operation on the cluster or one of its pools is under way.
        case busy
        /// Somebody else changed the resource since it was read.
        case outdated
        /// The resource is busy or not as it was.
        case conflict
        case throttled
        case vnetIntegration
        case vaultIDMissing
        case networkAccessMissing
        case localAccounts
        case perimeter
        case newExperience
        /// It cannot be told whether the cluster is on the new KMS experience.
        case unknownKMS
        case apiVersion
        /// Azure took the change, and its operation failed.
        case failed
        case canceled
        /// The request itself is at fault.
        case invalid
        /// Nothing reached Azure.
        case unreachable
        /// An error that no case above stands for, and a kind that a newer version wrote.
        case other

        package init(from decoder: any Decoder) throws {
            self = Self(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .other
        }
    }

    package var kind: Kind
    /// Azure's words, bounded; for people.
    package var what: String
    /// What to do about it where that is not what its kind tells.
    package var ownAdvice: String?
    /// Seconds that Azure asks to wait.
    package var retryAfter: Double?
    /// The correlation id of this program's requests, which Azure's support asks for; empty where there is none.
    package var correlationID: String

    package init(
        _ kind: Kind = .other, what: String, ownAdvice: String? = nil, retryAfter: Double? = nil,
        correlationID: String = ""
    ) {
        self.kind = kind
        self.what = what
        self.ownAdvice = ownAdvice
        self.retryAfter = retryAfter
        self.correlationID = correlationID
    }

    /// What to do about it; nil where Azure's words are all there is.
    package var advice: String? { ownAdvice ?? kind.advice }

    /// Whether Azure got the request.
    package var wasAsked: Bool { kind != .noToken && kind != .unreachable }

    /// Seconds to wait before the change is tried again; nil where waiting does not mend it.
    ///
    /// A right of the cluster's identity that is there is known to Azure's check only after some minutes
    /// (MicrosoftDocs/azure-docs#98954). With an unknown API version nothing began; the one that Azure names is used
    /// for the next look and the next update.
    package var pause: Double? {
        switch kind {
        case .busy, .outdated, .conflict, .throttled, .keyRight, .apiVersion, .unreachable: min(retryAfter ?? 15, 300)
        default: nil
        }
    }
}

extension AzureRefusal.Kind {
    /// Whether it is certain that nothing was done, and that trying again would not help. All else may be a busy Azure,
    /// or an answer that was lost.
    package var isFinal: Bool {
        switch self {
        case .policy, .lock, .right, .perimeter, .invalid, .notFound, .apiVersion: true
        default: false
        }
    }

    /// What to do about it; nil where Azure's words are all there is.
    package var advice: String? { adviceOnRights ?? adviceOnCluster }

    private var adviceOnRights: String? {
        switch self {
        case .notFound:
            "check the name, the resource group and the subscription, or whether your account may see it"
        case .right:
            "your account lacks a right: ask for the role that kubectl kms-vault rbac --azure prints, and sign in anew "
                + "after a role was granted or activated"
        case .signIn:
            "Azure no longer accepts the token: run az login, then try again"
        case .identityRight:
            "the cluster's identity needs Key Vault Contributor on the vault (or a role with "
                + "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action); grant it, wait a few minutes, "
                + "then try again"
        case .keyRight:
            "the cluster's identity needs keys encrypt and decrypt on the vault (role Key Vault Crypto User, or an access "
                + "policy), and the vault must be reachable by AKS; roles take up to 10 minutes to be effective"
        case .policy: "an Azure Policy forbids the change: ask its owner for an exemption, then try again"
        case .lock: "a resource lock forbids the change: list it with az lock list, have it removed, then try again"
        default: nil
        }
    }

    private var adviceOnCluster: String? {
        switch self {
        case .busy: "another operation on the cluster or a node pool is under way: wait for it to end, then try again"
        case .outdated:
            "somebody else changed the resource meanwhile: it has to be read again before anything is decided"
        case .conflict: "the resource is busy or was changed meanwhile: it has to be read again; try again in a minute"
        case .throttled: "wait a minute, then try again"
        case .vnetIntegration: "Private needs API Server VNet Integration on the cluster"
        case .vaultIDMissing: "Private needs the vault's resource id"
        case .networkAccessMissing: "the network access must be given as Public or Private"
        case .localAccounts: "the cluster has no local accounts: use Entra credentials"
        case .perimeter: "a network security perimeter rules the vault: its owner has to change the access there"
        case .newExperience:
            "leave the cluster as it is; see https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts"
        case .unknownKMS: "see with az aks show which KMS the cluster has, before anything is changed"
        case .apiVersion:
            "see that Microsoft.ContainerService is registered in the subscription; if it is, report the API version"
        case .failed:
            "the cluster may be in state Failed: keep the key and the vault as they are, wait until the cluster is no "
                + "longer Updating, then try again; if it fails again, open a support request with the request id"
        case .canceled:
            "an aborted operation is not rolled back: the cluster has to be observed before anything is decided"
        case .unreachable: "check the network, the proxy and the certificates, then try again"
        default: nil
        }
    }
}
