import Preflight

/// A group of facts that one reader brings together.
enum PreflightSection: CaseIterable, Sendable {
    /// What the subscription's own answer tells: the tenant, and Azure's clock.
    case subscription
    case operations, maintenance, autoscaler, networkRules
    case key, presentKey, door, identity, denials
    case callerOnCluster, callerOnVault, linkedRights, endingRights, locks, providers, policies
    case otherUsers, reconcilers
    case version, accessReviews, readiness, metrics, secretCount, probe, migrations
    /// The admission dry run of every Secret: minutes on a large cluster.
    case dryRun

    /// Whether it is about the key's vault, and not read where there is none.
    var isOfVault: Bool {
        switch self {
        case .key, .presentKey, .door, .identity, .denials, .callerOnVault, .providers, .policies, .otherUsers: true
        default: false
        }
    }

    /// Whether a check that a job asks needs it.
    private func isNeeded(by job: PreflightJob) -> Bool {
        let jobs: Set<PreflightJob> =
            switch self {
            case .networkRules, .providers: [.legacySwitch]
            case .operations, .maintenance, .autoscaler, .linkedRights, .locks: .changingCluster
            case .key, .identity, .callerOnVault: .endingOnVault
            case .presentKey: Set.migrations.union([.legacyRotation])
            case .door: [.legacyRotation, .newRotation]
            case .denials: .newToAzure
            case .policies, .otherUsers: .movingVault
            case .subscription, .callerOnCluster, .endingRights, .reconcilers, .version, .accessReviews, .readiness,
                .metrics, .secretCount, .probe, .migrations, .dryRun:
                .all
            }
        return jobs.contains(job)
    }

    /// What the checks that a job asks before a step need, apart from the cluster's and the vault's own
    /// documents.
    static func needed(before step: PreflightStep, by job: PreflightJob) -> Set<PreflightSection> {
        needed(before: step).filter { $0.isNeeded(by: job) }
    }

    /// What the checks of a part need.
    static func needed(for part: PreflightReport.Part, by job: PreflightJob) -> Set<PreflightSection> {
        let sections: Set<PreflightSection> =
            switch part {
            case .whole: Set(allCases)
            case .beforeDryRun: Set(allCases).subtracting([.metrics, .dryRun])
            case .dryRun: [.secretCount, .dryRun]
            }
        return sections.filter { $0.isNeeded(by: job) }
    }

    private static func needed(before step: PreflightStep) -> Set<PreflightSection> {
        switch step {
        case .disable, .changeKey:
            [
                .networkRules, .key, .presentKey, .identity, .endingRights, .locks, .version, .accessReviews,
                .readiness,
                .metrics, .secretCount,
            ]
        case .openVault: []
        case .closeVault: [.version, .readiness]
        case .enable: [.key, .identity]
        }
    }
}
