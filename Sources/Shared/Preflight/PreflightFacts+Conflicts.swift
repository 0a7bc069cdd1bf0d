package import Azure

extension PreflightFacts {
    /// Who and what else is at work on the cluster and the vault.
    package struct Conflicts: Sendable, Hashable {
        /// Who holds the run's Lease, if anyone does.
        package var lock: Fact<LockHolder?> = .unread
        /// Whether the journal's folder can be written.
        package var journalWritable: Fact<Bool> = .unread
        package var otherClusters: Fact<OtherClusters> = .unread
        /// Other Azure resources that take keys from the vault, by id, such as disk encryption sets.
        package var otherConsumers: Fact<[String]> = .unread
        /// What would put the present mode back.
        package var reconcilers: Fact<[Reconciler]> = .unread
        /// This machine's clock less Azure's, in seconds.
        package var clockSkew: Fact<Int> = .unread

        package init() {}
    }

    package struct LockHolder: Sendable, Hashable {
        package var identity: String
        /// Whether it is this run itself, which takes its own Lease before it repeats a check.
        package var isThisRun: Bool

        package init(identity: String, isThisRun: Bool) {
            self.identity = identity
            self.isThisRun = isThisRun
        }
    }

    /// Other managed clusters whose KMS key is in the vault.
    package struct OtherClusters: Sendable, Hashable {
        package var clusters: [OtherCluster]
        /// Where nobody could look: subscriptions whose clusters could not be listed, in words.
        package var notLooked: [String]

        package init(clusters: [OtherCluster], notLooked: [String] = []) {
            self.clusters = clusters
            self.notLooked = notLooked
        }
    }

    package struct OtherCluster: Sendable, Hashable {
        package var id: String
        /// Nil if its profile does not say.
        package var mode: NetworkMode?

        package init(id: String, mode: NetworkMode?) {
            self.id = id
            self.mode = mode
        }
    }
}
