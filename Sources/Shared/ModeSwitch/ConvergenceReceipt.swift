package import SecretRewrite

/// Evidence about which configuration the API servers have.
package struct ConvergenceReceipt: Sendable, Codable, Hashable {
    package enum State: String, Sendable, Codable, Hashable {
        /// Every sample was of the form that the newest KMS profile makes.
        case converged
        /// Samples agree with each other, but in another form, or in one that is not known.
        case homogeneous
        /// Samples of both forms were still seen when time ran out.
        case mixed
        /// A burst saw the old form again: what was written since the last evidence may be of the old form too.
        case regressed
        /// Probes cannot be written or counted.
        case unavailable
        /// The API server fell silent: nothing can be said until it answers again.
        case silent
    }

    package var state: State
    package var samples: Int
    package var flips: Int
    /// API servers told apart; nil when nothing tells them apart.
    package var replicas: Int?
    /// Why it is no better, in words.
    package var detail: String
    package var at: Double
    /// The probes as sampling left them.
    package var probes: [String: ProbeState] = [:]
    /// Whether the samples' form was known; if not, they show only whether API servers agree.
    package var formIsKnown = true
    /// The form that an API server's own counters showed; nil where they cannot be read.
    package var measured: StoredForm?
    package var epoch = 0
    /// The cluster's eTag when it was taken: it tells nothing about a cluster that was changed since.
    package var eTag = ""
    package var since = 0
    package var renewedAt = 0

    package init(
        state: State, samples: Int = 0, flips: Int = 0, replicas: Int? = nil, detail: String = "", at: Double = 0
    ) {
        self.state = state
        self.samples = samples
        self.flips = flips
        self.replicas = replicas
        self.detail = detail
        self.at = at
    }
}
