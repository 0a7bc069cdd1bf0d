package import SecretRewrite

/// What one connection told about the API server replica behind it.
package struct ReplicaSample: Sendable, Hashable {
    /// The probe's version after the touch.
    package let resourceVersion: Int64
    /// Which replica it was, where its metrics could be read on the same connection.
    package let replica: ReplicaIdentity?

    package init(resourceVersion: Int64, replica: ReplicaIdentity?) {
        self.resourceVersion = resourceVersion
        self.replica = replica
    }
}

/// What tells replicas apart.
package struct ReplicaIdentity: Sendable, Hashable {
    /// `process_start_time_seconds`, Unix seconds: in all versions, and another after a restart.
    package let processStart: Double?
    /// `apiserver_id_hash`: newer versions with KMS v2; the hash of the name of the replica's Lease.
    package let idHash: String?

    package init?(processStart: Double?, idHash: String?) {
        guard processStart != nil || idHash != nil else { return nil }
        self.processStart = processStart
        self.idHash = idHash
    }
}

extension ProbeSecrets {
    /// Writes a probe for real and reads on the same connection which of the replica's counters of writes has moved.
    ///
    /// `apiserver_storage_transformation_operations_total` counts writes by the prefix in etcd, the plain form as ""
    /// (k8s.io/apiserver, pkg/storage/value/metrics.go and transformer.go). Nil where metrics cannot be read, do not
    /// count, or moved for both forms; and where the two readings were not of one process.
    package func writtenForm(_ name: String, annotation: String, value: String) async throws(StoreFailure)
        -> StoredForm?
    {
        let fresh = withNewConnection()
        guard let before = try? await fresh.metrics() else { return nil }
        _ = try await fresh.annotate(name, key: annotation, value: value)
        guard let after = try? await fresh.metrics() else { return nil }
        return Self.written(before, after)
    }

    static func written(_ before: ServerMetrics, _ after: ServerMetrics) -> StoredForm? {
        guard before.processStart == after.processStart, before.processStart != nil else { return nil }
        let old = before.transformationCounts("to_storage")
        let moved = after.transformationCounts("to_storage").filter { $0.value > old[$0.key] ?? 0 }.keys
        let forms = Set(moved.map { $0.hasPrefix("k8s:enc:") ? StoredForm.encrypted : .plaintext })
        return forms.count == 1 ? forms.first : nil
    }

    /// Touches a probe, at the version that it is known to have, over a new connection and, if asked to, reads the
    /// replica's metrics over the same one.
    ///
    /// A balancer of connections keeps both at one replica. One that spreads requests would not; then the identity is
    /// another's, which may only make replicas look fewer or more than they are, never a configuration look newer.
    /// - Throws: only what the touch throws, `.conflict` when somebody else wrote the probe; metrics that cannot be
    ///   read leave the replica unnamed.
    package func sample(
        _ name: String, at resourceVersion: Int64, identify: Bool
    ) async throws(StoreFailure) -> ReplicaSample {
        let fresh = withNewConnection()
        let version = try await fresh.touch(name, at: resourceVersion)
        guard identify else { return ReplicaSample(resourceVersion: version, replica: nil) }
        let metrics = try? await fresh.metrics()
        return ReplicaSample(
            resourceVersion: version,
            replica: metrics.flatMap { ReplicaIdentity(processStart: $0.processStart, idHash: $0.idHash) })
    }
}
