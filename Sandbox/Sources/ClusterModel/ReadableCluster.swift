/// A cluster that can try whether its replicas read what is stored.
public protocol ReadableCluster: Sendable {
    /// Reads every stored Secret, or that many of them, through each replica.
    func readAll(sample: Int?) async throws -> SecretReadings
}

/// Whether Secrets are readable: one that any replica cannot read counts as unreadable.
public struct SecretReadings: Sendable, Codable, Hashable {
    /// Secrets that every replica read.
    public var readable: Int
    /// Secrets that were tried.
    public var total: Int
    /// `namespace/name` of those that some replica could not read, 20 at most.
    public var unreadable: [String]
    /// What the API server said of the first of them.
    public var firstFailure: String?

    /// - Parameter failures: what was said, by `namespace/name`.
    public init(of total: Int, failures: [String: String]) {
        let names = failures.keys.sorted()
        self.total = total
        readable = total - names.count
        unreadable = Array(names.prefix(20))
        firstFailure = names.first.flatMap { failures[$0] }
    }
}
