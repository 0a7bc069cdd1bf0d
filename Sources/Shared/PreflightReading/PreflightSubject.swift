package import Azure
package import AzureResources
import KubeAPI
package import Kubeconfig
package import Preflight

/// What a preflight is about: a cluster, the key that it is to have, and the vault of that key.
package struct PreflightSubject: Sendable, Hashable {
    package var cluster: AzureResourceID
    /// Nil where no key of a vault is used.
    package var vault: AzureResourceID?
    /// The identifier that enable will send, as it was given.
    package var keyID: String
    /// The cluster's entry in the kubeconfig.
    package var kubeconfigCluster: String
    /// Clusters on the same vault that the same command switches: they need no vault that stays as it is.
    package var switchedToo: Set<AzureResourceID>

    package init(
        cluster: AzureResourceID, vault: AzureResourceID?, keyID: String, kubeconfigCluster: String,
        switchedToo: Set<AzureResourceID> = []
    ) {
        self.switchedToo = switchedToo
        self.cluster = cluster
        self.vault = vault
        self.keyID = keyID
        self.kubeconfigCluster = kubeconfigCluster
    }

    /// Of a cluster and a vault that were read.
    package init(cluster: ManagedCluster, vault: Vault, keyID: String, kubeconfigCluster: String) {
        self.init(cluster: cluster.id, vault: vault.id, keyID: keyID, kubeconfigCluster: kubeconfigCluster)
    }

    /// What locks and roles are looked for at.
    var resources: [AzureResourceID] { [cluster, vault].compactMap(\.self) }

    /// The names that reasons and commands use.
    package var names: PreflightFacts.Names {
        PreflightFacts.Names(
            subscription: cluster.subscription, resourceGroup: cluster.resourceGroup, cluster: cluster.name,
            vaultSubscription: vault?.subscription ?? "", vaultResourceGroup: vault?.resourceGroup ?? "",
            vault: vault?.name ?? "",
            kubeconfigCluster: kubeconfigCluster)
    }
}

/// What the caller knows of a run, and no server can tell.
package struct PreflightCircumstances: Sendable, Hashable {
    /// Whether the API server's chain verifies against the CA that ARM gives for this cluster.
    package var isTheARMCluster: Fact<Bool>
    package var skipsTLSVerification: Fact<Bool>
    package var credential: Fact<PreflightFacts.Credential>
    package var lock: Fact<PreflightFacts.LockHolder?>
    package var journalWritable: Fact<Bool>

    package init(
        isTheARMCluster: Fact<Bool>, skipsTLSVerification: Fact<Bool>, credential: Fact<PreflightFacts.Credential>,
        lock: Fact<PreflightFacts.LockHolder?>, journalWritable: Fact<Bool>
    ) {
        self.isTheARMCluster = isTheARMCluster
        self.skipsTLSVerification = skipsTLSVerification
        self.credential = credential
        self.lock = lock
        self.journalWritable = journalWritable
    }

    func put(into facts: inout PreflightFacts) {
        facts.kubernetes.isTheARMCluster = isTheARMCluster
        facts.kubernetes.skipsTLSVerification = skipsTLSVerification
        facts.kubernetes.credential = credential
        facts.conflicts.lock = lock
        facts.conflicts.journalWritable = journalWritable
    }
}

extension PreflightCircumstances {
    /// - Parameters:
    ///   - isVerified: whether the API server's chain was verified against the authority that ARM names.
    ///   - lock: the run that holds the cluster, as `holder` reads it.
    package init(
        of access: ClusterAccess, isVerified: Bool, lock: Fact<PreflightFacts.LockHolder?>, journalWritable: Bool
    ) {
        self.init(
            isTheARMCluster: .known(isVerified), skipsTLSVerification: .known(access.insecureSkipTLSVerify),
            credential: CredentialExpiry.fact(of: access), lock: lock, journalWritable: .known(journalWritable))
    }
}
