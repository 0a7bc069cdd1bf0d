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
    /// The same where Azure takes a new version of a key by itself: it looks every six hours (AKS documentation).
    package var controllerPatience = 21_600.0
    /// The time without any answer after which the API server counts as silent.
    package var silence = 60.0
    /// The pause before a sample whose answer was lost is looked at.
    package var breath = 1.0

    package init() {}

    package func scaled(by factor: Double) -> ConvergenceTiming {
        var timing = self
        timing.spread *= factor
        timing.patience *= factor
        timing.controllerPatience *= factor
        timing.silence *= factor
        timing.breath *= factor
        return timing
    }
}

/// Judges samples: which configuration did the API server have that served each one?
///
/// A sample is a patch that changes nothing. It moves the probe's resourceVersion if and only if the serving API
/// server's configuration differs from the stored form; after the sample the form is that server's (k8s.io/apiserver,
/// pkg/storage/etcd3/store.go, `GuaranteedUpdate`). So each sample tells the form of one API server exactly, as long
/// as the form before it is known and nobody else patches the probe.
///
/// Once somebody else has written the probe, samples tell only whether API servers write alike. That is enough where
/// the new form was seen before, or both are seen after: within one change of KMS API servers go from the old
/// configuration to the new one and never back, so what they agree on then is the new one.
package struct ConvergenceJudge: Sendable {
    package enum Next: Sendable, Hashable {
        case sample(after: Double)
        case ended(ConvergenceReceipt)
    }

    private let need: ConvergenceNeed
    private let expected: ProbeState.Form
    private let timing: ConvergenceTiming
    private var start: Double
    /// The probe that is sampled, and as it lies after the newest sample.
    package private(set) var probe: String
    private var state: ProbeState
    /// False once somebody else wrote the probe: the form in `state` is then no more than a name for what lies there.
    package private(set) var isFormKnown = true
    /// The form of the newest sample.
    private var newest: ProbeState.Form
    /// The probe's version after the newest sample.
    package var resourceVersion: Int64 { state.resourceVersion }
    /// Whether the newest sample was new.
    package var isNew: Bool { isFormKnown ? newest == expected : isNewSurelyThere }
    private var samples = 0
    private var flips = 0
    /// Samples of another form than the one before.
    private var changes = 0
    package private(set) var streak = 0
    private var streakStart: Double
    private var sawNew: Bool
    /// Whether some API server is known to have the new configuration by a sample of this row.
    private var isNewSurelyThere: Bool
    package private(set) var replicas: Set<String> = []
    private let known: Int?
    /// Whether the samples that are wanted are taken at once when a row of new ones begins, not spread over its time.
    private let burstFirst: Bool
    /// Whether something was done after the burst of the present row, which wants as many samples once more.
    private var isAfterWork = false
    /// Samples of the row that were taken by this judge, and not while Azure's operation ran.
    private var ownStreak = 0
    private var answeredAt: Double

    /// - Parameters:
    ///   - state: the probe as a fresh read has just confirmed it.
    ///   - expected: the form of new samples.
    ///   - known: how many API servers were told apart before; nil when that was never tried.
    ///   - row: new samples in a row that were taken before, and how long ago the first of them was.
    ///   - burstFirst: whether a row of new samples begins with as many as are wanted, at once.
    ///   - start: the monotonic time now.
    package init(
        _ need: ConvergenceNeed, probe: String, state: ProbeState, expected: ProbeState.Form,
        known: Int? = nil, row: (streak: Int, age: Double)? = nil, burstFirst: Bool = false,
        timing: ConvergenceTiming, start: Double
    ) {
        self.known = known
        self.burstFirst = burstFirst
        answeredAt = start
        self.need = need
        self.expected = expected
        self.probe = probe
        self.state = state
        self.timing = timing
        self.start = start
        newest = state.form
        streakStart = start
        sawNew = state.form == expected
        // A burst renews evidence of the same change of KMS; any other row begins without, but for one that goes on.
        isNewSurelyThere = (need == .burst || row != nil) && state.form == expected
        if let row, state.form == expected {
            streak = row.streak
            streakStart = start - row.age
        }
    }

    /// When the row of new samples began; nil unless the newest sample is new, and the probe tells its form.
    package var rowStart: Double? { isRowOfNew && isFormKnown ? streakStart : nil }
    /// When the row of new samples began, once as many as are wanted were taken by this judge.
    package var burstOfRow: Double? { ownStreak >= wanted ? rowStart : nil }
    /// The probe as sampling left it.
    package var left: ProbeState { state }

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
            // Two forms at a time: one of them is the new one.
            if !isFormKnown { isNewSurelyThere = true }
        }
        if state.form != newest {
            changes += 1
            beginRow()
        }
        newest = state.form
        if streak == 0 { streakStart = now }
        streak += 1
        ownStreak += 1
        if isFormKnown, newest == expected { isNewSurelyThere = true }
        if isNew { sawNew = true }
        switch need {
        case .full, .controller: return afterSample(at: now)
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
        let limit = isRowOfNew ? 2 * patience : patience
        if now - start > limit { return .ended(receipt(.unavailable, "probes could not be patched", now)) }
        return .sample(after: interval(at: now))
    }

    /// Goes on with another probe, whose form is known, because somebody else wrote the one before. No sample that was
    /// taken loses its worth.
    package mutating func switched(to probe: String, _ state: ProbeState) {
        self.probe = probe
        self.state = state
    }

    /// Goes on with a probe that somebody else wrote. The row begins anew, since what lies there is of any form.
    ///
    /// - Parameter isRewrite: whether nothing but the version has changed. Then an API server stored another form than
    ///   the one that lay there, as it does for a sample: the new experience's controller may come before any sample.
    package mutating func disturbed(resourceVersion: Int64, isRewrite: Bool = false, at now: Double) -> Next {
        if isRewrite, need == .full || need == .controller { isNewSurelyThere = true }
        state.resourceVersion = resourceVersion
        // A baseline asks only whether all write alike: it may call anything "as at baseline".
        state.form = need == .baseline ? expected : state.form
        isFormKnown = need == .baseline
        newest = state.form
        beginRow()
        guard need == .early || now - start <= patience else {
            return .ended(receipt(.unavailable, "the probes are changed by others again and again", now))
        }
        return .sample(after: 0)
    }

    private var patience: Double { need == .controller ? timing.controllerPatience : timing.patience }

    private mutating func beginRow() {
        streak = 0
        ownStreak = 0
        isAfterWork = false
    }

    /// Something else was done since the newest sample, for so many seconds: that was no silence of API servers, and
    /// samples from before it are no evidence for the time after it.
    package mutating func worked(for seconds: Double) {
        start += seconds
        answeredAt += seconds
        isAfterWork = true
        ownStreak = 0
    }

    private var isRowOfNew: Bool { isNew && streak > (isFormKnown ? 0 : 1) }

    /// The samples that are still wanted go into the time that the row still has to span. One that began during Azure's
    /// operation has little time left, and all its samples: they must not wait until that time is over.
    private func interval(at now: Double) -> Double {
        let even = timing.spread / Double(max(wanted, 1))
        switch need {
        case .baseline, .burst: return 0
        case .full where isRowOfNew, .controller where isRowOfNew:
            if burstFirst, !isAfterWork, ownStreak < wanted { return 0 }
            let left = max(0, timing.spread - (now - streakStart))
            return min(even, left / Double(max(wanted - ownStreak, 1)))
        // The sooner the first new sample comes, the less of the row's time is left after Azure's operation.
        case .early: return even / 3
        case .full: return even
        // It may take hours: a sample a half minute finds the moment well enough.
        case .controller: return 10 * even
        }
    }

    private func afterBurstSample(at now: Double) -> Next {
        if changes > 0 { return .ended(receipt(.regressed, "an API server of the other configuration answered", now)) }
        guard streak >= wanted else { return .sample(after: 0) }
        return .ended(receipt(isNew ? .converged : .homogeneous, "", now))
    }

    private func afterSample(at now: Double) -> Next {
        let enough = ownStreak >= wanted && now - streakStart >= timing.spread
        if isNew, enough { return .ended(receipt(.converged, "", now)) }
        // A row of new samples goes on past the time limit: only an old sample would show both configurations.
        guard now - start > patience, !isRowOfNew else { return .sample(after: interval(at: now)) }
        if !sawNew { return .ended(receipt(.homogeneous, "no API server has the new configuration yet", now)) }
        return .ended(receipt(.mixed, "API servers of both configurations still answer", now))
    }

    private func receipt(_ result: ConvergenceReceipt.State, _ detail: String, _ now: Double) -> ConvergenceReceipt {
        var receipt = ConvergenceReceipt(
            state: result, samples: samples, flips: flips, replicas: replicas.isEmpty ? known : replicas.count,
            detail: detail, at: now)
        if isFormKnown {
            receipt.probes = [probe: state]
        } else if result == .converged {
            receipt.probes = [probe: ProbeState(resourceVersion: state.resourceVersion, form: expected)]
        }
        return receipt
    }
}
