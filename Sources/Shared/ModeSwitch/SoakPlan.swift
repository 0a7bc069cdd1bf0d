/// How long writes are watched after the vault was closed. All times are seconds since the vault was closed.
package struct SoakPlan: Sendable, Hashable {
    /// For so long KMS v2 may write from its cache after it lost the vault (KEP-3299: the key's status counts for three
    /// minutes); only writes after it prove that the vault is still reached.
    package static let coasting = 190.0
    /// How much longer the watch goes on once the vault was seen to be closed.
    package static let afterSeenClosed = 240.0

    /// What was asked for with `--soak`, at most.
    package let wanted: Double
    /// When Key Vault was first seen to turn the public network away; nil before.
    package private(set) var closedSeenAt: Double?
    private let scale: Double

    /// - Parameter scale: the factor of every time, 1 but in a sandbox.
    package init(wanted: Double, scale: Double = 1) {
        self.wanted = wanted * scale
        self.scale = scale
    }

    /// Key Vault has answered that its public endpoint is closed.
    package mutating func sawClosed(at time: Double) { closedSeenAt = closedSeenAt ?? time }

    /// When the watch ends. A change of the vault takes effect some time after ARM reports it, so that the short watch
    /// counts from the moment at which it was seen.
    package var end: Double {
        closedSeenAt.map { min(wanted, $0 + Self.afterSeenClosed * scale) } ?? wanted
    }

    /// What a watch that ended well does not prove; empty when it proves what it is for.
    package var caveat: String {
        let from = closedSeenAt ?? 0
        guard end - from < Self.coasting * scale else { return "" }
        return "shorter than the \(Int(Self.coasting)) s for which API servers may write from their caches"
    }
}
