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
        var trouble = ProbeTrouble()
        var spare = ordered(early.probes, first: early.row?.probe)
        guard let first = await confirm(&spare, &trouble) else { return nil }
        let taken = await samples(
            .early, first, spare: spare, expected: early.expected, replicas: early.replicas,
            earlier: early.row?.probe == first.name ? early.row : nil, until: over, trouble: &trouble)
        return EarlySamples(probes: taken.receipt.probes, row: taken.row)
    }
}
