import Preflight

/// A group of facts that one reader brings together.
enum PreflightSection: CaseIterable, Sendable {
    /// What the subscription's own answer tells: the tenant, and Azure's clock.
    case subscription
    case operations, maintenance, autoscaler, networkRules
    case key, identity
    case callerOnCluster, callerOnVault, linkedRights, endingRights, locks, providers, policies
    case otherClusters, otherConsumers
    case version, accessReviews, readiness, metrics, secretCount, probe
    /// The admission dry run of every Secret: minutes on a large cluster.
    case dryRun

    /// What the checks that are repeated before a step need, apart from the cluster's and the vault's own documents.
    static func needed(before step: PreflightStep?) -> Set<PreflightSection> {
        switch step {
        case nil: Set(allCases)
        // Everything is still encrypted here, so only what takes minutes is left to the full preflight.
        case .disable: Set(allCases).subtracting([.dryRun])
        case .openVault: [.callerOnVault, .locks, .policies]
        case .closeVault:
            [
                .identity, .key, .networkRules, .version, .readiness, .callerOnVault, .locks, .policies, .otherClusters,
                .otherConsumers,
            ]
        case .enable: [.identity, .key, .operations, .locks]
        }
    }
}
