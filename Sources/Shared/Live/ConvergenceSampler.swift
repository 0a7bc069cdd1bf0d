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

    /// Creates the probes and proves them stable with a burst: a baseline counts only if all API servers write alike.
    func prepare(_ names: [String]) async -> [String: ProbeState] {
        var states: [String: ProbeState] = [:]
        for name in names {
            guard let version = try? await probes.create(name) else { continue }
            states[name] = ProbeState(resourceVersion: version)
        }
        for _ in 0..<3 {
            guard let first = states.keys.min(), interrupted() == nil else { return [:] }
            for name in states.keys {
                states[name] = (try? await probes.touch(name)).map { ProbeState(resourceVersion: $0) }
            }
            guard let state = states[first] else { return [:] }
            let receipt = await run(.burst, probe: first, state: state)
            if receipt.state == .homogeneous { return states }
            await sleep(2)
        }
        return [:]
    }

    /// Samples with the first probe that still lies as it was left, which only then tells its form.
    func converge(
        _ need: ConvergenceNeed, _ states: [String: ProbeState], names: [String]
    ) async -> ConvergenceReceipt {
        // A run that changed nothing yet has no probes: new ones can at least show that API servers agree.
        if states.isEmpty { return await withoutKnownForm(await prepare(names).keys.min()) }
        let start = ContinuousClock.now
        while true {
            var answered = false
            for (name, state) in states.sorted(by: { $0.key < $1.key }) {
                guard let version = try? await probes.version(name) else { continue }
                answered = true
                guard version == state.resourceVersion else { continue }
                var receipt = await run(need, probe: name, state: state)
                if receipt.state == .converged {
                    let others = states.filter { $0.key != name }
                    receipt.probes.merge(await touch(others)) { sampled, _ in sampled }
                }
                return receipt
            }
            let waited = (ContinuousClock.now - start) / .seconds(1)
            // An API server that restarts, or whose key is away for a moment, answers later.
            if answered || waited > timing.patience || interrupted() != nil {
                return await withoutKnownForm(states.keys.min())
            }
            await sleep(2)
        }
    }

    /// Brings probes to the form that the API servers write now, and gives those that moved. Left as they were, they
    /// would lie in etcd as plaintext after a run that stops with every other Secret encrypted.
    private func touch(_ states: [String: ProbeState]) async -> [String: ProbeState] {
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

    /// No probe's form is known any more: samples can still show whether all API servers write alike.
    private func withoutKnownForm(_ name: String?) async -> ConvergenceReceipt {
        guard let name, let version = try? await probes.touch(name) else {
            return ConvergenceReceipt(state: .unavailable, detail: "there are no probes to sample with", at: now())
        }
        var receipt = await run(.burst, probe: name, state: ProbeState(resourceVersion: version))
        receipt.probes = [:]
        receipt.detail = "the probes' form is not known any more"
        if receipt.state == .regressed { receipt.state = .mixed }
        return receipt
    }

    /// Metrics are megabytes on a large cluster: they are read no more once so many samples brought no new API server.
    private static let enoughIdentified = 15

    private func run(_ need: ConvergenceNeed, probe: String, state: ProbeState) async -> ConvergenceReceipt {
        let start = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        var judge = ConvergenceJudge(need, probe: probe, state: state, timing: timing, start: 0)
        var known: Set<ReplicaIdentity> = []
        var withoutNew = 0
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
                    .sampling(done: taken, streak: judge.streak, wanted: judge.wanted, isNew: judge.form == .new))
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
