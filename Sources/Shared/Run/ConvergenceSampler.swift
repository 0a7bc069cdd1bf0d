import FoundationEssentials
import KubeAPI
import ModeSwitch
import Report
import SecretRewrite

/// Takes samples for `ConvergenceJudge`: each a patch that changes nothing, over a connection of its own.
struct ConvergenceSampler: Sendable {
    let probes: ProbeSecrets
    let timing: ConvergenceTiming
    let sink: any EventSink
    let sleep: @Sendable (Double) async -> Void
    let interrupted: @Sendable () -> String?
    let now: @Sendable () -> Double
    /// The clock by which rows of samples are timed.
    var clock: @Sendable () -> ContinuousClock.Instant = { .now }

    /// Why no more samples are to be taken: an interruption, or that whoever sampled wants none any more.
    var ending: String? { interrupted() ?? (Task.isCancelled ? "the samples are not needed any more" : nil) }

    static func names(runID: String) -> [String] {
        let short = runID.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(12)
        return (1...3).map { "\(ProbeSecrets.namePrefix)\(short)-\($0)" }
    }

    /// Whether a name has the form of those that `names` makes.
    static func isName(_ name: String) -> Bool {
        guard name.hasPrefix(ProbeSecrets.namePrefix) else { return false }
        let parts = name.dropFirst(ProbeSecrets.namePrefix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].count == 12 && ["1", "2", "3"].contains(parts[1])
            && parts[0].allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
    }

    /// Creates the probes, measures their form where that can be done, and sees with a burst that all API servers write
    /// alike; then the form of each is known from here on. The receipt is `.converged` if they do.
    func baseline(_ names: [String]) async -> ConvergenceReceipt {
        var last = ConvergenceReceipt(state: .unavailable, detail: "no probe could be created", at: now())
        var trouble = ProbeTrouble()
        for attempt in 0..<3 {
            if attempt > 0 { await sleep(2 * timing.breath) }
            if ending != nil { return last }
            // API servers that restart lose answers: a probe without one is left out, and without any it is tried
            // again.
            let created = await answers(names) { name throws(StoreFailure) in try await probes.create(name) }
            guard let measurable = created.keys.min() else { continue }
            let measured = await measure(measurable)
            let states = await answers(created.keys.sorted()) { name throws(StoreFailure) in
                try await probes.touch(name)
            }
            var untried = states.sorted { $0.key < $1.key }
            guard let first = await confirm(&untried, &trouble) else { continue }
            // What is not known yet is whether the others were written alike: none of them can take over.
            last = await samples(.baseline, first, spare: [], expected: .asAtBaseline, trouble: &trouble).receipt
            if last.state == .converged {
                last.probes = states.merging(last.probes) { $1 }
                last.measured = measured
                return last
            }
        }
        if last.state == .regressed {
            last.state = .mixed
            last.detail = "API servers do not store Secrets alike"
        }
        return last
    }

    private func answers(
        _ names: [String], _ ask: (String) async throws(StoreFailure) -> Int64
    ) async -> [String: ProbeState] {
        var states: [String: ProbeState] = [:]
        for name in names { states[name] = (try? await ask(name)).map { ProbeState(resourceVersion: $0) } }
        return states
    }

    /// The form of a real write; nil where no API server tells.
    private func measure(_ probe: String) async -> StoredForm? {
        let value = "\(Int64(now() * 1000))"
        return (try? await probes.writtenForm(probe, annotation: "kms-vault.azure/baseline", value: value)) ?? nil
    }

    /// Samples with the first probe that still lies as it was left, which only then tells its form.
    ///
    /// - Parameter pass: makes a pass over all Secrets, once a burst of samples is new.
    func converge(
        _ need: ConvergenceNeed, _ states: [String: ProbeState], expected: ProbeState.Form, replicas: Int?,
        row: SampleRow? = nil, pass: (@Sendable () async -> PassReceipt)? = nil
    ) async -> ConvergenceAnswer {
        let start = clock()
        var trouble = ProbeTrouble()
        while true {
            var spare = ordered(states, first: row?.probe)
            if let first = await confirm(&spare, &trouble, takesRewrites: need == .controller) {
                let taken = await samples(
                    need, first, spare: spare, expected: expected, replicas: replicas,
                    earlier: row?.probe == first.name ? row : nil, pass: pass, trouble: &trouble)
                guard taken.receipt.state == .homogeneous, !taken.isFormKnown else {
                    return ConvergenceAnswer(taken.receipt, pass: taken.pass)
                }
                return ConvergenceAnswer(await unknownForm(states.keys.sorted(), trouble))
            }
            let waited = (clock() - start) / .seconds(1)
            // An API server that restarts, or whose key is away for a moment, answers later.
            if !trouble.isEmpty || waited > timing.patience || ending != nil {
                return ConvergenceAnswer(await unknownForm(states.keys.sorted(), trouble))
            }
            await sleep(2 * timing.breath)
        }
    }

    /// Probes by name, the one of a row that goes on first.
    func ordered(_ states: [String: ProbeState], first: String?) -> [(key: String, value: ProbeState)] {
        states.sorted { ($0.key == first ? 0 : 1, $0.key) < ($1.key == first ? 0 : 1, $1.key) }
    }

    /// Brings probes to the form that the API servers write now, which were all seen to write alike, and gives those
    /// that moved. Left as they were, they would lie in etcd as plaintext after a run that stops with every other
    /// Secret encrypted. A probe that somebody else wrote or deleted is brought along, and its form is known again.
    func align(_ states: [String: ProbeState]) async -> [String: ProbeState] {
        var after: [String: Int64] = [:]
        var proven: ProbeState.Form?
        for (name, state) in states {
            if let version = try? await probes.touch(name, at: state.resourceVersion) {
                after[name] = version
                if version == state.resourceVersion { proven = state.form }
            } else if let version = try? await probes.create(name) {
                // It is there already, and was touched, or was deleted by somebody and is made again.
                after[name] = version
            }
        }
        // Without a probe that tells the form, nothing is known of those that moved.
        guard let proven else { return [:] }
        return after.filter { $0.value != states[$0.key]?.resourceVersion }
            .mapValues { ProbeState(resourceVersion: $0, form: proven) }
    }

    /// No probe's form is known: samples can still show whether all API servers write alike, and metrics which form.
    func unknownForm(_ names: [String], _ trouble: ProbeTrouble = ProbeTrouble()) async -> ConvergenceReceipt {
        var receipt = await baseline(names)
        receipt.formIsKnown = false
        if receipt.state == .converged {
            receipt.state = .homogeneous
            receipt.detail = "the form in which the probes lie is not known"
        }
        if let text = trouble.text { receipt.detail += "; \(text)" }
        return receipt
    }
}
