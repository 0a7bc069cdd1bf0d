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

    package init() {}

    package func scaled(by factor: Double) -> ConvergenceTiming {
        var timing = self
        timing.spread *= factor
        timing.patience *= factor
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
    private var replicas: Set<String> = []
    private let known: Int?

    /// - Parameters:
    ///   - state: the probe as a fresh read has just confirmed it.
    ///   - expected: the form of new samples.
    ///   - known: how many API servers were told apart before; nil when that was never tried.
    ///   - start: the monotonic time now.
    package init(
        _ need: ConvergenceNeed, probe: String, state: ProbeState, expected: ProbeState.Form,
        known: Int? = nil, timing: ConvergenceTiming, start: Double
    ) {
        self.known = known
        self.need = need
        self.expected = expected
        self.probe = probe
        self.state = state
        self.timing = timing
        self.start = start
        streakStart = start
        sawNew = state.form == expected
    }

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
        if let replica { replicas.insert(replica) }
        if resourceVersion != state.resourceVersion {
            flips += 1
            state = ProbeState(resourceVersion: resourceVersion, form: state.form.flipped)
            streak = 0
        }
        if streak == 0 { streakStart = now }
        streak += 1
        if isNew { sawNew = true }
        return need == .full ? afterSample(at: now) : afterBurstSample(at: now)
    }

    /// Takes a sample that had no answer; only time passes.
    package func missed(at now: Double) -> Next {
        let limit = isRowOfNew ? 2 * timing.patience : timing.patience
        if now - start > limit { return .ended(receipt(.unavailable, "probes could not be patched", now)) }
        return .sample(after: interval)
    }

    private var isRowOfNew: Bool { isNew && streak > 0 }

    private var interval: Double { need != .full ? 0 : timing.spread / Double(max(wanted, 1)) }

    private func afterBurstSample(at now: Double) -> Next {
        if flips > 0 { return .ended(receipt(.regressed, "an API server of the other configuration answered", now)) }
        guard streak >= wanted else { return .sample(after: 0) }
        return .ended(receipt(isNew ? .converged : .homogeneous, "", now))
    }

    private func afterSample(at now: Double) -> Next {
        let enough = streak >= wanted && now - streakStart >= timing.spread
        if isNew, enough { return .ended(receipt(.converged, "", now)) }
        // A row of new samples that runs is let run: only an old one among them would show both configurations.
        guard now - start > timing.patience, !isRowOfNew else { return .sample(after: interval) }
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
