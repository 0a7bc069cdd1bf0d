import Console
import FoundationEssentials
import KubeAPI
import ModeSwitch
import SecretRewrite

/// Samples while Azure's operation runs, so that the wait for API servers adds nothing to it.
extension ConvergenceSampler {
    /// Samples until `work` is over, and gives what came of it; nil where no probe tells its form.
    func sample(_ early: EarlySampling, during work: @escaping @Sendable () async -> Void) async -> EarlySamples? {
        let over = StopSignal()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await work()
                over.request()
            }
            let samples = await sample(early, until: over)
            await group.waitForAll()
            return samples
        }
    }

    private func sample(_ early: EarlySampling, until over: StopSignal) async -> EarlySamples? {
        guard let (probe, state) = await untouched(early) else { return nil }
        let start = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        let row = early.row.flatMap { $0.probe == probe ? $0 : nil }
        var judge = ConvergenceJudge(
            .early, probe: probe, state: state, expected: early.expected, known: early.replicas,
            row: row.map { ($0.streak, (start - $0.began) / .seconds(1)) }, timing: timing, start: 0)
        while !over.isRequested, interrupted() == nil {
            let next: ConvergenceJudge.Next
            if let version = await shownAfterSample(of: probe) {
                next = judge.take(resourceVersion: version, replica: nil, at: elapsed())
            } else {
                next = judge.missed(at: elapsed())
            }
            guard case .sample(let seconds) = next else { break }
            await pause(seconds, until: over)
        }
        let left = ProbeState(
            resourceVersion: judge.resourceVersion, form: judge.isNew ? early.expected : early.expected.flipped)
        return EarlySamples(
            probes: left == state ? [:] : [probe: left],
            row: judge.rowStart.map {
                SampleRow(probe: probe, streak: judge.streak, began: start + .seconds($0))
            })
    }

    /// The first probe that still lies as it was left; the one of the row first, which goes on only with it.
    private func untouched(_ early: EarlySampling) async -> (String, ProbeState)? {
        let names = early.probes.keys.sorted {
            ($0 != early.row?.probe ? 1 : 0, $0) < ($1 != early.row?.probe ? 1 : 0, $1)
        }
        for name in names {
            guard let state = early.probes[name], let version = try? await probes.version(name) else { continue }
            if version == state.resourceVersion { return (name, state) }
        }
        return nil
    }

    /// A sample's version; where its answer was lost, what the probe shows a moment later. Nil when nothing answers.
    private func shownAfterSample(of probe: String) async -> Int64? {
        if let sample = try? await probes.sample(probe, identify: false) { return sample.resourceVersion }
        await sleep(1)
        return try? await probes.version(probe)
    }

    private func pause(_ seconds: Double, until over: StopSignal) async {
        let end = ContinuousClock.now + .seconds(seconds)
        while !over.isRequested, interrupted() == nil, ContinuousClock.now < end {
            await sleep(min(0.2, max(0.001, (end - ContinuousClock.now) / .seconds(1))))
        }
    }
}
