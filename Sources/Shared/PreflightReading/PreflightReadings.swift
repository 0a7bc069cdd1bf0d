import KubeAPI
import Preflight

/// What was read of a subject, by this process, and when: it is not read again while it is young.
///
/// Only what changes seldom is kept, and what the steps of a run try out anyway. What another can change under our
/// feet, and what would keep a run from coming back (the lock, the cluster's state, locks of Azure, the vault, the key
/// and the identity's rights), is never taken from here.
actor PreflightReadings {
    /// Seconds.
    static let youth = 60.0

    /// What a reading is about.
    struct About: Sendable, Hashable {
        let subject: PreflightSubject
        let strategy: PreflightFacts.Strategy
    }

    private struct Reading: Sendable {
        let about: About
        /// When it was begun, in seconds of a clock that only goes forward.
        let at: Double
        let change: FactChange
    }

    nonisolated let now: @Sendable () -> Double
    private var readings: [PreflightSection: Reading] = [:]
    private var metrics: (samples: [ServerMetrics], at: Double)?
    private var key: (key: PreflightFacts.Key, at: Double)?

    init(now: @escaping @Sendable () -> Double) { self.now = now }

    /// What a section gave a moment ago, else what it gives now. Sections are read side by side, none of them on this
    /// actor.
    nonisolated func change(
        _ section: PreflightSection, _ about: About, read: () async -> FactChange
    ) async -> FactChange {
        guard section.holdsForAWhile else { return await read() }
        if let known = await young(section, about) { return known }
        let began = now()
        let change = await read()
        await take(change, of: section, about, at: began)
        return change
    }

    private func young(_ section: PreflightSection, _ about: About) -> FactChange? {
        guard let known = readings[section], known.about == about, now() - known.at < Self.youth else { return nil }
        return known.change
    }

    /// - Parameter began: when the reading was begun.
    func take(_ change: @escaping FactChange, of section: PreflightSection, _ about: About, at began: Double) {
        readings[section] = Reading(about: about, at: began, change: change)
    }

    /// - Parameter samples: metrics that were read just now.
    func take(_ samples: [ServerMetrics]) { metrics = (samples, now()) }

    /// The newest metrics, while they are young.
    var recentMetrics: [ServerMetrics] {
        metrics.flatMap { now() - $0.at < Self.youth ? $0.samples : nil } ?? []
    }

    func take(_ key: PreflightFacts.Key) { self.key = (key, now()) }

    /// The key that was asked about last, while that is young.
    var recentKey: PreflightFacts.Key? { key.flatMap { now() - $0.at < Self.youth ? $0.key : nil } }

    /// A refusal is asked anew: it never rests on what was read before.
    func forget() {
        readings = [:]
        metrics = nil
        key = nil
    }
}

extension PreflightSection {
    /// Whether what was read of it within a minute still tells: the version and the configuration of API servers
    /// change with an update of the cluster only, whose eTag is looked at; the rights in the cluster are used by the
    /// samples and by the dry run; and counts and ends of rights are not exact to the minute.
    var holdsForAWhile: Bool {
        switch self {
        case .version, .accessReviews, .metrics, .secretCount, .endingRights: true
        case .subscription, .operations, .maintenance, .autoscaler, .networkRules, .key, .presentKey, .door, .identity,
            .denials, .callerOnCluster, .callerOnVault, .linkedRights, .locks, .providers, .policies, .otherUsers,
            .reconcilers, .readiness, .probe, .migrations, .dryRun:
            false
        }
    }
}
