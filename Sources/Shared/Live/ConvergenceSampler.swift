import Console
import FoundationEssentials
import KubeAPI
import ModeSwitch
import SecretRewrite

/// Takes samples for `ConvergenceJudge`: each a patch that changes nothing, over a connection of its own.
struct ConvergenceSampler: Sendable {
    let probes: ProbeSecrets
    let timing: ConvergenceTiming
    let sink: any EventSink
    let sleep: @Sendable (Double) async -> Void
    let interrupted: @Sendable () -> String?
    let now: @Sendable () -> Double

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
        for attempt in 0..<3 {
            if attempt > 0 { await sleep(2) }
            if interrupted() != nil { return last }
            // API servers that restart lose answers: a probe without one is left out, and without any it is tried again.
            let created = await answers(names) { name throws(StoreFailure) in try await probes.create(name) }
            guard let measurable = created.keys.min() else { continue }
            let measured = await measure(measurable)
            let states = await answers(created.keys.sorted()) { name throws(StoreFailure) in
                try await probes.touch(name)
            }
            guard let (first, state) = states.min(by: { $0.key < $1.key }) else { continue }
            last = await run(.baseline, probe: first, state: state, expected: .asAtBaseline)
            if last.state == .converged {
                last.probes = states
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
        switch try? await probes.writtenForm(probe, annotation: "kms-vault.azure/baseline", value: value) {
        case .plaintext: return .plaintext
        case .encrypted: return .encrypted
        case nil: return nil
        }
    }

    /// Samples with the first probe that still lies as it was left, which only then tells its form.
    func converge(
        _ need: ConvergenceNeed, _ states: [String: ProbeState], expected: ProbeState.Form, replicas: Int?,
        row: SampleRow? = nil
    ) async -> ConvergenceReceipt {
        let start = ContinuousClock.now
        while true {
            var answered = false
            for (name, state) in states.sorted(by: { $0.key < $1.key }) {
                guard let version = try? await probes.version(name) else { continue }
                answered = true
                if version == state.resourceVersion {
                    return await run(
                        need, probe: name, state: state, expected: expected, replicas: replicas,
                        row: row?.probe == name ? row : nil)
                }
            }
            let waited = (ContinuousClock.now - start) / .seconds(1)
            // An API server that restarts, or whose key is away for a moment, answers later.
            if answered || waited > timing.patience || interrupted() != nil {
                return await unknownForm(states.keys.sorted())
            }
            await sleep(2)
        }
    }

    /// Brings probes to the form that the API servers write now, and gives those that moved. Left as they were, they
    /// would lie in etcd as plaintext after a run that stops with every other Secret encrypted.
    func align(_ states: [String: ProbeState]) async -> [String: ProbeState] {
        var moved: [String: ProbeState] = [:]
        for (name, state) in states {
            // A probe that somebody else wrote is brought along too, but nothing is known of its form.
            let before = try? await probes.version(name)
            guard let after = try? await probes.touch(name), before == state.resourceVersion, after != before
            else { continue }
            moved[name] = ProbeState(resourceVersion: after, form: state.form.flipped)
        }
        return moved
    }

    /// No probe's form is known: samples can still show whether all API servers write alike, and metrics which form.
    func unknownForm(_ names: [String]) async -> ConvergenceReceipt {
        var receipt = await baseline(names)
        receipt.formIsKnown = false
        if receipt.state == .converged {
            receipt.state = .homogeneous
            receipt.detail = "the form in which the probes lie is not known"
        }
        return receipt
    }

    /// Metrics are megabytes on a large cluster: they are read no more once so many samples brought no new API server.
    /// Only more than four ask for more samples, so that a miscount by one costs little.
    private static let enoughIdentified = 8

    private func run(
        _ need: ConvergenceNeed, probe: String, state: ProbeState, expected: ProbeState.Form, replicas: Int? = nil,
        row: SampleRow? = nil
    ) async -> ConvergenceReceipt {
        let start = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        var judge = ConvergenceJudge(
            need, probe: probe, state: state, expected: expected, known: replicas,
            row: row.map { ($0.streak, (start - $0.began) / .seconds(1)) }, timing: timing, start: 0)
        var known: Set<ReplicaIdentity> = []
        // What the baseline told of the number of API servers need not be asked again: metrics are megabytes, too.
        var withoutNew = replicas == nil ? 0 : Self.enoughIdentified
        var taken = 0
        while true {
            if let reason = interrupted() {
                return ConvergenceReceipt(state: .unavailable, samples: taken, detail: reason, at: now())
            }
            let next: ConvergenceJudge.Next
            do {
                let sample = try await probes.sample(probe, identify: withoutNew < Self.enoughIdentified)
                taken += 1
                let isNew = sample.replica.map { known.insert($0).inserted } ?? false
                withoutNew = sample.replica == nil ? Self.enoughIdentified : isNew ? 0 : withoutNew + 1
                next = judge.take(
                    resourceVersion: sample.resourceVersion, replica: sample.replica.map { "\($0)" }, at: elapsed())
                sink.take(
                    .sampling(done: taken, streak: judge.streak, wanted: judge.wanted, isNew: judge.isNew))
            } catch {
                // The patch may have been written though its answer was lost. Left unseen, that flip and the next one
                // would look like none, so what the probe shows a moment later stands for this sample.
                await sleep(1)
                let version = (try? await probes.version(probe)) ?? judge.resourceVersion
                next =
                    version == judge.resourceVersion
                    ? judge.missed(at: elapsed())
                    : judge.take(resourceVersion: version, replica: nil, at: elapsed())
            }
            switch next {
            case .sample(let seconds): if seconds > 0 { await sleep(seconds) }
            case .ended(var receipt):
                receipt.at = now()
                return receipt
            }
        }
    }
}
