import Azure
import AzureResources
import ModeSwitch
import Text

/// The cluster as it was seen last, for whoever has to tell whether it changed since.
actor ClusterLooks {
    private(set) var latest: ManagedCluster?
    private var latestAt = -Double.infinity
    /// Seconds, of a clock that only goes forward.
    private let clock: @Sendable () -> Double

    init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

    /// Subscriptions that could not be searched for other users of the vault.
    private(set) var unsearched: [String] = []

    /// - Parameter cluster: nil when the newest look showed nothing.
    func take(_ cluster: ManagedCluster?) {
        latest = cluster
        latestAt = clock()
    }

    /// What a change is decided on, and whether it was seen right before.
    var decision: ClusterChange.Decision {
        ClusterChange.Decision(cluster: latest, isFresh: clock() - latestAt < 5)
    }

    func take(unsearched subscriptions: [String]) { unsearched = subscriptions }

    /// What was seen beside the cluster a moment ago.
    struct Rest: Sendable {
        var vault: VaultObservation
        /// The vault's document, when it could be read.
        var found: Vault?
        var key: KeyState
        /// Nil when other users of the vault were not looked for.
        var users: [String]?
    }

    private var rest: (Rest, at: Double)?

    func take(_ rest: Rest) { self.rest = (rest, clock()) }
    /// - Parameter at: when it was read.
    func take(_ rest: Rest, at: Double) { self.rest = (rest, at) }
    /// Adds to what was seen a moment ago, and leaves its age.
    func take(users: [String]) { rest?.0.users = users }

    /// Something was changed, or waited for: what was seen before says nothing any more.
    func forgetRest() { rest = nil }

    /// The vault and the key as they were seen at most a minute ago, by this run and with nothing done to Azure since.
    var recentRest: Rest? {
        rest.flatMap { clock() - $0.at < 60 ? $0.0 : nil }
    }
}

/// The one change of a cluster: see that it is the cluster that was decided on, PUT.
struct ClusterChange: Sendable {
    let arm: ARMClient
    let clusterID: AzureResourceID
    /// The identity of the cluster when the run began; empty where Azure shows none.
    let resourceUID: String
    /// Whether the run saw the legacy KMS on when it began.
    var hadLegacyKMS = false

    /// An update that ARM took.
    struct Sent: Sendable {
        /// Nil when ARM named none.
        let operation: OperationURL?
        /// The cluster as the look showed it that the PUT was made from.
        let before: ManagedCluster
        /// What finds it in Azure's activity log.
        let trace: AzureTrace
        /// Whether the PUT was valid for that eTag only; else Azure gave none, and a second look stood for it.
        var hadCondition: Bool { before.eTag != nil }
    }

    enum Result: Sendable {
        case sent(Sent)
        case notSent(AzureRefusal)
    }

    /// The look on which a change was decided.
    struct Decision: Sendable {
        /// Nil when it showed nothing.
        var cluster: ManagedCluster?
        /// Whether it is so new that a PUT may be made from it: a PUT sends every setting of the cluster and of its
        /// pools, and an eTag of the cluster need not move with each of them.
        var isFresh: Bool
    }

    /// Sends the PUT once.
    ///
    /// - Parameter decision: the look on which the change was decided. With its eTag in If-Match, ARM itself refuses a
    ///   PUT that is out of date; without one, nothing but another look tells.
    func send(_ profile: KMSProfile, decidedOn decision: Decision) async throws(ARMError) -> Result {
        guard let setting = Self.setting(profile) else {
            return .notSent(AzureRefusal(what: "the key id \(profile.keyID) or the vault id is not valid"))
        }
        let clusters = ManagedClusters(arm: arm)
        var earlier = decision.cluster
        var cluster: ManagedCluster
        if let decided = decision.cluster, decision.isFresh, decided.eTag != nil {
            cluster = decided
        } else {
            cluster = try await clusters.get(clusterID)
        }
        if earlier == nil, cluster.eTag == nil {
            earlier = cluster
            cluster = try await clusters.get(clusterID)
        }
        guard (cluster.resourceUID ?? "") == resourceUID else {
            return .notSent(AzureRefusal(what: "the cluster was created anew under its name"))
        }
        if let earlier, !cluster.isUnchanged(since: earlier) {
            return .notSent(
                AzureRefusal(
                    .outdated, what: "the cluster was changed by someone else since it was looked at", retryAfter: 1))
        }
        let update = try await clusters.put(cluster, settingKMS: setting, hadLegacyKMS: hadLegacyKMS)
        let trace = AzureTrace(
            operationID: update.operation?.operationID ?? "", requestID: update.requestID.onOneLine(limit: 64),
            correlationID: update.correlationID.onOneLine(limit: 64), eTagBefore: cluster.eTag ?? "")
        return .sent(Sent(operation: update.operation, before: cluster, trace: trace))
    }

    private static func setting(_ profile: KMSProfile) -> KMSSetting? {
        if profile.isPlatformManaged { return .platformManaged }
        if profile.isNew {
            guard let key = try? KeyIdentifier(parsing: profile.keyID),
                let vault = try? AzureResourceID(parsing: profile.vaultID)
            else { return nil }
            return .customerManaged(key: key, profile.mode, vault: vault)
        }
        guard profile.enabled else { return .off }
        guard let key = try? KeyIdentifier(parsingVersioned: profile.keyID) else { return nil }
        guard profile.mode == .privateAccess else { return .onPublic(key: key) }
        guard let vault = try? AzureResourceID(parsing: profile.vaultID) else { return nil }
        return .onPrivate(key: key, vault: vault)
    }
}

/// What became of the cluster's other settings in the changes that this process made.
struct KeptSettings: Sendable {
    /// The update whose end was not seen yet.
    private var open: Sent?
    private var updates = 0
    private var compared = 0
    private var withoutCondition = 0
    private var gone: [String] = []

    private struct Sent: Sendable {
        let before: ManagedCluster
        let enabled: Bool
    }

    /// An update was accepted.
    mutating func sent(_ sent: ClusterChange.Sent, enabled: Bool) {
        updates += 1
        if !sent.hadCondition { withoutCondition += 1 }
        open = Sent(before: sent.before, enabled: enabled)
    }

    /// Compares the cluster after an update that succeeded with what it was before.
    ///
    /// - Returns: what it no longer shows; nil when there is nothing to compare yet.
    mutating func look(_ cluster: ManagedCluster) -> [String]? {
        guard let sent = open, cluster.provisioningState?.lowercased() == "succeeded",
            (cluster.kms?.enabled == true) == sent.enabled, cluster.apiVersion == sent.before.apiVersion,
            !cluster.isUnchanged(since: sent.before)
        else { return nil }
        open = nil
        compared += 1
        let missing = membersGone(before: sent.before.document, after: cluster.document)
        gone += missing.filter { !gone.contains($0) }
        return missing
    }

    /// The evidence, for the report.
    var items: [ProofReceipt.Item] { [keptItem, guardedItem] }

    private var keptItem: ProofReceipt.Item {
        let id = "settings-kept"
        if !gone.isEmpty {
            return .init(
                id: id, verdict: .warning, detail: "Azure no longer shows: \(gone.prefix(20).joined(separator: ", "))")
        }
        guard compared > 0 else {
            return .init(id: id, verdict: .notAvailable, detail: "this process saw no update complete")
        }
        return .init(
            id: id, verdict: .passed,
            detail: "after \(compared) of \(updates) updates Azure shows every setting that it showed before")
    }

    private var guardedItem: ProofReceipt.Item {
        let id = "update-condition"
        guard updates > 0 else {
            return .init(id: id, verdict: .notAvailable, detail: "this process sent no update of the cluster")
        }
        return withoutCondition == 0
            ? .init(
                id: id, verdict: .passed, detail: "each update was valid for the eTag of the cluster as it was read")
            : .init(id: id, verdict: .warning, detail: Self.noCondition)
    }

    /// Said when Azure gives no eTag.
    static let noCondition =
        "Azure gives no eTag for this cluster: instead of a condition, a look right before the update confirmed that the "
        + "cluster was unchanged"
}
