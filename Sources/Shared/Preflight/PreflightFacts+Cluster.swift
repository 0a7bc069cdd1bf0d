package import Azure

extension PreflightFacts {
    /// What ARM says of the managed cluster.
    package struct Cluster: Sendable, Hashable {
        /// `properties.provisioningState`.
        package var provisioningState: Fact<String> = .unread
        /// `properties.powerState.code`.
        package var powerState: Fact<String> = .unread
        /// `properties.kubernetesVersion`, which a PUT sends back.
        package var desiredVersion: Fact<String> = .unread
        /// `properties.currentKubernetesVersion`.
        package var currentVersion: Fact<String> = .unread
        package var identity: Fact<IdentityKind> = .unread
        /// `securityProfile.azureKeyVaultKms`; a cluster that never had one has an empty profile that is off.
        package var kms: Fact<ShownKMSProfile> = .unread
        /// `apiServerAccessProfile.enableVnetIntegration`.
        package var vnetIntegration: Fact<Bool> = .unread
        package var encryption: Fact<Encryption> = .unread
        package var agentPools: Fact<[AgentPool]> = .unread
        /// Names of the pools whose autoscaler is adding or removing nodes now.
        package var poolsScaling: Fact<[String]> = .unread
        /// Operations that ARM says are running on the cluster, in its words.
        package var pendingOperations: Fact<[String]> = .unread
        /// `autoUpgradeProfile.upgradeChannel`; "none" if there is none.
        package var autoUpgradeChannel: Fact<String> = .unread
        package var maintenance: Fact<[MaintenanceWindow]> = .unread
        /// `apiServerAccessProfile.enablePrivateCluster`.
        package var privateCluster: Fact<Bool> = .unread
        /// `disableLocalAccounts`: credentials then need an Entra token.
        package var localAccountsDisabled: Fact<Bool> = .unread
        /// The tenant of the cluster's subscription.
        package var tenant: Fact<String> = .unread
        /// Security rules that stop port 443 between the API server's subnet and the vault's private endpoint, by name.
        package var blockingNetworkRules: Fact<[String]> = .unread

        package init() {}
    }

    /// What kind of identity the cluster's control plane has.
    package enum IdentityKind: Sendable, Hashable {
        case systemAssigned
        /// With the ARM ids of the identities.
        case userAssigned([String])
        case servicePrincipal
        case none
    }

    /// What encrypts the cluster's Secrets.
    package struct Encryption: Sendable, Hashable {
        /// Which of the five states the cluster is in, such as "on (legacy KMS)".
        package var words: String
        /// Whether that is the KMS which has no way back to the legacy one.
        package var isNewExperience: Bool
        /// What the API version in use does not show, as a sentence; nil when it shows all.
        package var doubt: String?

        package init(words: String, isNewExperience: Bool, doubt: String? = nil) {
            self.words = words
            self.isNewExperience = isNewExperience
            self.doubt = doubt
        }
    }

    /// A planned maintenance window, in seconds since 1970.
    package struct MaintenanceWindow: Sendable, Hashable {
        package var name: String
        package var starts: Int64
        package var ends: Int64

        package init(name: String, starts: Int64, ends: Int64) {
            self.name = name
            self.starts = starts
            self.ends = ends
        }
    }
}
