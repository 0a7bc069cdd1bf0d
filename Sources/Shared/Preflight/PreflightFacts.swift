package import Azure
package import SecretRewrite

/// Everything that preflight's checks judge: what is asked for, and what Azure and the cluster say.
///
/// Each fact begins as unread, so that a reader that forgets one makes a check unknown and never lets it pass.
package struct PreflightFacts: Sendable, Hashable {
    /// How the switch goes about it.
    package struct Strategy: Sendable, Hashable {
        /// The new key is in another vault that is already in the target mode, so KMS never goes off.
        package var secondVault: Bool
        /// The older documented order, which closes the vault while KMS is off.
        package var closeVaultFirst: Bool
        /// The caller knows that other clusters use the vault.
        package var vaultSharedOK: Bool

        /// Classes of Secrets that may stay as they are stored (`--accept-failures`). Only `acceptable` ones count.
        package var acceptedFailures: Set<FailureClass>
        /// Who rewrites the Secrets.
        package var engine: RewriteEngine

        package var job: PreflightJob
        /// The vault is closed by its firewall instead of altogether (`--vault-firewall`).
        package var closesFirewall: Bool
        /// The run makes the version of the key that it leads to (`--new-version`).
        package var makesKeyVersion: Bool

        package init(
            secondVault: Bool = false, closeVaultFirst: Bool = false, vaultSharedOK: Bool = false,
            acceptedFailures: Set<FailureClass> = [], job: PreflightJob = .legacySwitch, closesFirewall: Bool = false,
            makesKeyVersion: Bool = false, engine: RewriteEngine = .auto
        ) {
            self.job = job
            self.closesFirewall = closesFirewall
            self.makesKeyVersion = makesKeyVersion
            self.secondVault = secondVault
            self.closeVaultFirst = closeVaultFirst
            self.vaultSharedOK = vaultSharedOK
            self.acceptedFailures = acceptedFailures
            self.engine = engine
        }
    }

    /// The names that reasons and commands use.
    package struct Names: Sendable, Hashable {
        package var subscription: String
        package var resourceGroup: String
        package var cluster: String
        /// The vault of the key that the cluster is to have, which may be in another subscription.
        package var vaultSubscription: String
        package var vaultResourceGroup: String
        package var vault: String
        /// The cluster's entry in the kubeconfig.
        package var kubeconfigCluster: String

        package init(
            subscription: String, resourceGroup: String, cluster: String, vaultSubscription: String,
            vaultResourceGroup: String, vault: String, kubeconfigCluster: String
        ) {
            self.subscription = subscription
            self.resourceGroup = resourceGroup
            self.cluster = cluster
            self.vaultSubscription = vaultSubscription
            self.vaultResourceGroup = vaultResourceGroup
            self.vault = vault
            self.kubeconfigCluster = kubeconfigCluster
        }

        /// The ARM id of the cluster, as the names give it.
        var clusterID: String {
            "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)/providers/Microsoft.ContainerService/"
                + "managedClusters/\(cluster)"
        }

        /// The ARM id of the vault, as the names give it.
        var vaultID: String {
            "/subscriptions/\(vaultSubscription)/resourceGroups/\(vaultResourceGroup)/providers/Microsoft.KeyVault/"
                + "vaults/\(vault)"
        }
    }

    package var target: NetworkMode
    package var strategy: Strategy
    package var names: Names
    /// Seconds since 1970, by the clock that the facts were read with.
    package var now: Int64
    /// The step that is about to be taken; nil for the whole preflight, before anything changes.
    package var step: PreflightStep?

    package var cluster = Cluster()
    /// The vault of the key that the cluster is to have.
    package var vault = Vault()
    /// The key that the cluster is to have; of one without a version, its newest version.
    package var key = Key()
    /// The key that encrypts now, where the run leads to another key or version.
    package var presentKey = PresentKey()
    /// The cluster's user-assigned identity, as the vault sees it.
    package var identity = Identity()
    /// What the caller may do.
    package var rights = Rights()
    package var kubernetes = Kubernetes()
    package var conflicts = Conflicts()

    package init(
        target: NetworkMode, strategy: Strategy = Strategy(), names: Names, now: Int64, step: PreflightStep? = nil
    ) {
        self.target = target
        self.strategy = strategy
        self.names = names
        self.now = now
        self.step = step
    }
}
