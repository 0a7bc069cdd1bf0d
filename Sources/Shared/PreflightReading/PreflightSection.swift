import Preflight

/// A group of facts that one reader brings together.
enum PreflightSection: CaseIterable, Sendable {
    /// What the subscription's own answer tells: the tenant, and Azure's clock.
    case subscription
    case operations, maintenance, autoscaler, networkRules
    case key, identity, denials
    case callerOnCluster, callerOnVault, linkedRights, endingRights, locks, providers, policies
    case otherUsers, reconcilers
    case version, accessReviews, readiness, metrics, secretCount, probe, migrations
    /// The admission dry run of every Secret: minutes on a large cluster.
    case dryRun

    /// Whether it is about the key's vault, and not read where there is none.
    var isOfVault: Bool {
        switch self {
        case .key, .identity, .denials, .callerOnVault, .linkedRights, .providers, .policies, .otherUsers: true
        default: false
        }
    }

    /// What the checks that are repeated before a step need, apart from the cluster's and the vault's own documents.
    static func needed(before step: PreflightStep?) -> Set<PreflightSection> {
        switch step {
        case nil: Set(allCases)
        case .disable:
            [
                .networkRules, .key, .identity, .endingRights, .locks, .version, .accessReviews, .readiness,
                .metrics, .secretCount,
            ]
        case .openVault: []
        case .closeVault: [.version, .readiness]
        case .enable: [.key, .identity]
        }
    }
}
