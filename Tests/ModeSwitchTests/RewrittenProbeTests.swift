import ModeSwitch
import Testing

/// The controller of the new KMS experience rewrites every Secret, the probes among them.
@Suite struct RewrittenProbeTests {
    private let timing = ConvergenceTiming().scaled(by: 0.1)

    private func sampled(
        _ need: ConvergenceNeed, isRewrite: Bool, form: ProbeState.Form = .asAtBaseline
    ) -> ConvergenceReceipt.State? {
        var timing = timing
        timing.controllerPatience = 600
        var judge = ConvergenceJudge(
            need, probe: "p", state: ProbeState(resourceVersion: 10, form: form), expected: .other,
            timing: timing, start: 0)
        var now = 1.0
        _ = judge.take(resourceVersion: 10, replica: nil, at: 0)
        var next = judge.disturbed(resourceVersion: 20, isRewrite: isRewrite, at: now)
        while case .sample(let seconds) = next, now < 200 {
            now += max(seconds, 0.01)
            next = judge.take(resourceVersion: 20, replica: nil, at: now)
        }
        guard case .ended(let receipt) = next else { return nil }
        return receipt.state
    }

    @Test(arguments: [ConvergenceNeed.controller, .full])
    func `a probe that others rewrote shows the new form as a sample would`(need: ConvergenceNeed) {
        #expect(sampled(need, isRewrite: true) == .converged)
    }

    @Test(arguments: [ConvergenceNeed.controller, .full])
    func `a probe that others changed shows nothing`(need: ConvergenceNeed) {
        #expect(sampled(need, isRewrite: false) != .converged)
    }

    @Test func `an API server that still writes the old form ends the row`() {
        var judge = ConvergenceJudge(
            .controller, probe: "p", state: ProbeState(resourceVersion: 10, form: .asAtBaseline), expected: .other,
            timing: timing, start: 0)
        _ = judge.disturbed(resourceVersion: 20, isRewrite: true, at: 0)
        for _ in 0..<50 { _ = judge.take(resourceVersion: 20, replica: nil, at: 1) }
        #expect(judge.streak == 50)
        _ = judge.take(resourceVersion: 21, replica: nil, at: 2)
        #expect(judge.streak == 1)
    }
}
