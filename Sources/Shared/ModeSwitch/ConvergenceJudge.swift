/// Times of the sampling, in seconds of a managed cluster; a sandbox scales them.
package struct ConvergenceTiming: Sendable, Hashable {
    /// The fewest samples in a row that must be of the new form.
    package var fewestSamples = 60
    /// Samples for each API server that was told apart.
    package var samplesPerReplica = 15
    /// The number of API servers that is assumed when nothing tells them apart.
    package var assumedReplicas = 4
    /// The time over which the row of samples is spread.
    package var spread = 180.0
    /// The time after which samples that are all old, or of both forms, end the sampling.
    package var patience = 900.0
    /// The time without any answer after which the API server counts as silent.
    package var silence = 60.0

    package init() {}

    package func scaled(by factor: Double) -> ConvergenceTiming {
        var timing = self
        timing.spread *= factor
        timing.patience *= factor
        timing.silence *= factor
        return timing
    }
}

/// Judges samples: which configuration did the API server have that served each one?
///
/// A sample is a patch that changes nothing. It moves the probe's resourceVersion if and only if the serving API
/// server's configuration differs from the stored form; after the sample the form is that server's (k8s.io/apiserver,
/// pkg/storage/etcd3/store.go, `GuaranteedUpdate`). So each sample tells the form of one API server exactly, as long
/// as the form before it is known and nobody else patches the probe.
package struct ConvergenceJudge: Sendable {
    package enum Next: Sendable, Hashable {
        case sample(after: Double)
        case ended(ConvergenceReceipt)
    }

    private let need: ConvergenceNeed
    private let expected: ProbeState.Form
    private let timing: ConvergenceTiming
    private let start: Double
    private let probe: String
    private var state: ProbeState
    /// The probe's version after the newest sample.
    package var resourceVersion: Int64 { state.resourceVersion }
    /// Whether the newest sample was new.
    package var isNew: Bool { state.form == expected }
    private var samples = 0
    private var flips = 0
    package private(set) var streak = 0
    private var streakStart: Double
    private var sawNew: Bool
    package private(set) var replicas: Set<String> = []
    private let known: Int?
    /// Samples of the row that were taken by this judge, and not while Azure's operation ran.
    private var ownStreak = 0
    private var answeredAt: Double

    /// - Parameters:
    ///   - state: the probe as a fresh read has just confirmed it.
    ///   - expected: the form of new samples.
    ///   - known: how many API servers were told apart before; nil when that was never tried.
    ///   - row: new samples in a row that were taken before, and how long ago the first of them was.
    ///   - start: the monotonic time now.
    package init(
        _ need: ConvergenceNeed, probe: String, state: ProbeState, expected: ProbeState.Form,
        known: Int? = nil, row: (streak: Int, age: Double)? = nil, timing: ConvergenceTiming, start: Double
    ) {
        self.known = known
        answeredAt = start
        self.need = need
        self.expected = expected
        self.probe = probe
        self.state = state
        self.timing = timing
        self.start = start
        streakStart = start
        sawNew = state.form == expected
        if let row, state.form == expected {
            streak = row.streak
            streakStart = start - row.age
        }
    }

    /// When the row of new samples began; nil unless the newest sample is new.
    package var rowStart: Double? { isRowOfNew ? streakStart : nil }

    /// The samples in a row that are enough.
    package var wanted: Int {
        let count = replicas.isEmpty ? known ?? timing.assumedReplicas : max(known ?? 0, replicas.count)
        return max(timing.fewestSamples, timing.samplesPerReplica * count)
    }

    /// Takes one sample's answer.
    ///
    /// - Parameter replica: what tells the serving API server from others, if anything does.
    package mutating func take(resourceVersion: Int64, replica: String?, at now: Double) -> Next {
        samples += 1
        answeredAt = now
        if let replica { replicas.insert(replica) }
        if resourceVersion != state.resourceVersion {
            flips += 1
            state = ProbeState(resourceVersion: resourceVersion, form: state.form.flipped)
            streak = 0
            ownStreak = 0
        }
        if streak == 0 { streakStart = now }
        streak += 1
        ownStreak += 1
        if isNew { sawNew = true }
        switch need {
        case .full: return afterSample(at: now)
        // Only the end of Azure's operation ends these; what they tell is judged afterwards.
        case .early: return .sample(after: interval(at: now))
        case .baseline, .burst: return afterBurstSample(at: now)
        }
    }

    /// Takes a sample that had no answer; only time passes.
    ///
    /// - Parameter isSilence: whether no API server answered at all.
    package func missed(at now: Double, isSilence: Bool = false) -> Next {
        if need == .early { return .sample(after: interval(at: now)) }
        if isSilence, now - answeredAt > timing.silence {
            return .ended(receipt(.silent, "the API server does not answer", now))
        }
        let limit = isRowOfNew ? 2 * timing.patience : timing.patience
        if now - start > limit { return .ended(receipt(.unavailable, "probes could not be patched", now)) }
        return .sample(after: interval(at: now))
    }

    private var isRowOfNew: Bool { isNew && streak > 0 }

    /// A row that spans the spread already needs only a burst at its end.
    private func interval(at now: Double) -> Double {
        switch need {
        case .baseline, .burst: 0
        case .full where isRowOfNew && now - streakStart >= timing.spread: 0
        case .full, .early: timing.spread / Double(max(wanted, 1))
        }
    }

    private func afterBurstSample(at now: Double) -> Next {
        if flips > 0 { return .ended(receipt(.regressed, "an API server of the other configuration answered", now)) }
        guard streak >= wanted else { return .sample(after: 0) }
        return .ended(receipt(isNew ? .converged : .homogeneous, "", now))
    }

    private func afterSample(at now: Double) -> Next {
        let enough = ownStreak >= wanted && now - streakStart >= timing.spread
        if isNew, enough { return .ended(receipt(.converged, "", now)) }
        // A row of new samples goes on past the time limit: only an old sample would show both configurations.
        guard now - start > timing.patience, !isRowOfNew else { return .sample(after: interval(at: now)) }
        if !sawNew { return .ended(receipt(.homogeneous, "no API server has the new configuration yet", now)) }
        return .ended(receipt(.mixed, "API servers of both configurations still answer", now))
    }

    private func receipt(_ result: ConvergenceReceipt.State, _ detail: String, _ now: Double) -> ConvergenceReceipt {
        var receipt = ConvergenceReceipt(
            state: result, samples: samples, flips: flips, replicas: replicas.isEmpty ? known : replicas.count,
            detail: detail, at: now)
        receipt.probes = [probe: state]
        return receipt
    }
}
