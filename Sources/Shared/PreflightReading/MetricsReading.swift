import KubeAPI
import Preflight

/// What the metrics of several API servers tell of their storage.
extension PreflightScene {
    /// - Parameter afterDryRun: when a dry run began that has read every Secret since, in seconds since 1970; nil if
    ///   none has.
    func readMetrics(afterDryRun started: Double?) async -> FactChange {
        let survey = await kube.thenRead { try await MetricsSurvey.read($0) }
        if let survey = survey.value { await readings.take(survey.samples) }
        let replicas = survey.then { try $0.replicas() }
        let others = survey.then { try $0.otherEncryptedResources() }
        let previous = survey.then { survey throws(Unreadable) in
            guard let started else { throw Unreadable("not every Secret was read, so old keys may not have shown") }
            return try survey.previousKeyInUse(since: started)
        }
        return {
            $0.kubernetes.replicas = replicas
            $0.kubernetes.otherEncryptedResources = others
            $0.kubernetes.previousKeyInUse = previous
        }
    }
}

/// Metrics of as many API servers as new connections reached.
struct MetricsSurvey: Sendable {
    var samples: [ServerMetrics]
    /// The hashes of the API servers that have a Lease; empty where Leases cannot be read or there are none.
    var leases: Set<String> = []

    private static let connections = 4

    /// - Throws: the first error, if no connection gave metrics.
    static func read(_ kube: KubeClient) async throws -> MetricsSurvey {
        async let leases = try? kube.replicaIDHashes()
        var samples: [ServerMetrics] = []
        var trouble: (any Error)?
        // One after the other: each answer may be large, and none is needed sooner than the others.
        for _ in 0..<connections {
            do {
                samples.append(try await kube.withNewConnection().metrics())
            } catch {
                trouble = trouble ?? error
                if samples.isEmpty { break }
            }
        }
        if samples.isEmpty, let trouble { throw trouble }
        return MetricsSurvey(samples: samples, leases: await leases ?? [])
    }

    private var identities: Set<ReplicaIdentity> {
        Set(samples.compactMap { ReplicaIdentity(processStart: $0.processStart, idHash: $0.idHash) })
    }

    /// How many API servers can be told apart; Leases count where metrics name their holders.
    func replicas() throws(Unreadable) -> Int {
        let hashes = Set(identities.compactMap(\.idHash))
        guard !hashes.isEmpty, !hashes.isDisjoint(with: leases) else { return identities.count }
        return hashes.union(leases).count
    }

    /// Resources whose stored form was encrypted, other than Secrets.
    func otherEncryptedResources() throws(Unreadable) -> [String] {
        let operations = samples.flatMap(\.samples).filter { $0.name == ServerMetrics.transformations }
        guard operations.contains(where: { $0.labels["resource"]?.isEmpty == false }) else {
            throw Unreadable("the API server's metrics do not tell resources apart")
        }
        let encrypted = operations.filter {
            $0.value > 0 && $0.labels["transformer_prefix"]?.hasPrefix("k8s:enc:") == true
        }
        return Set(encrypted.compactMap { $0.labels["resource"] }).subtracting(["secrets", ""]).sorted()
    }

    /// Whether a key other than the present one was used to read since a time.
    /// - Throws: when none was seen in use, but not all API servers were seen.
    func previousKeyInUse(since started: Double) throws(Unreadable) -> Bool {
        let statuses = samples.flatMap { Array($0.keyStatusTimes) }
        guard let present = statuses.max(by: { $0.value < $1.value })?.key else {
            throw Unreadable("the API server's metrics name no key")
        }
        // A minute for clocks that differ.
        let reads = samples.flatMap(\.samples).filter {
            $0.name == ServerMetrics.keyIDLastUsed && $0.labels["transformation_type"] == "from_storage"
                && $0.value >= started - 60
        }
        if reads.contains(where: { $0.labels["key_id_hash"] != present }) { return true }
        let seen = Set(samples.compactMap(\.idHash))
        guard !seen.isEmpty || samples.isEmpty, leases.isSubset(of: seen) else {
            throw Unreadable("the metrics of some API servers were not seen")
        }
        return false
    }
}
