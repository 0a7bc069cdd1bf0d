import ModeSwitch
import Testing

/// A row that begins with a burst, after which Secrets are encrypted while the rest of its time passes.
@Suite struct BurstFirstTests {
    private let timing = ConvergenceTiming().scaled(by: 0.1)

    @Test func `a burst of new samples comes before the rest of the row's time`() {
        var judge = ConvergenceJudge(
            .full, probe: "p", state: ProbeState(resourceVersion: 10), expected: .other, burstFirst: true,
            timing: timing, start: 0)
        for _ in 0..<judge.wanted - 1 {
            #expect(judge.take(resourceVersion: 11, replica: nil, at: 1) == .sample(after: 0))
            #expect(judge.burstOfRow == nil)
        }
        guard case .sample(let pause) = judge.take(resourceVersion: 11, replica: nil, at: 1) else {
            Issue.record("a burst does not span the row's time")
            return
        }
        #expect(pause > 0 && judge.burstOfRow == 1)
        // An old sample ends that row, and the next burst belongs to another one.
        _ = judge.take(resourceVersion: 12, replica: nil, at: 2)
        #expect(judge.burstOfRow == nil)
        for _ in 0..<judge.wanted { _ = judge.take(resourceVersion: 13, replica: nil, at: 3) }
        #expect(judge.burstOfRow == 3)
    }

    @Test func `what was done after the burst counts neither as evidence nor as silence`() {
        var judge = ConvergenceJudge(
            .full, probe: "p", state: ProbeState(resourceVersion: 10), expected: .other, burstFirst: true,
            timing: timing, start: 0)
        for _ in 0..<judge.wanted { _ = judge.take(resourceVersion: 11, replica: nil, at: 1) }
        // A pass over many Secrets, far longer than the row, the patience and the silence.
        let work = 10 * timing.patience
        judge.worked(for: work)
        var now = 1 + work
        #expect(judge.missed(at: now, isSilence: true) == .sample(after: 0))
        var count = 0
        while count < 1000 {
            count += 1
            guard case .sample(let pause) = judge.take(resourceVersion: 11, replica: nil, at: now) else { break }
            now += pause
        }
        #expect(count == judge.wanted)
        // An API server that lags is waited for as long as before.
        var lagging = judge
        lagging.worked(for: 0)
        #expect(lagging.take(resourceVersion: 12, replica: nil, at: now) != .sample(after: 0))
        guard case .sample = lagging.take(resourceVersion: 12, replica: nil, at: now) else {
            Issue.record("the time of the pass ended the patience")
            return
        }
    }

    @Test func `old samples are not hurried by a burst that waits for new ones`() {
        var judge = ConvergenceJudge(
            .full, probe: "p", state: ProbeState(resourceVersion: 10), expected: .other, burstFirst: true,
            timing: timing, start: 0)
        guard case .sample(let pause) = judge.take(resourceVersion: 10, replica: nil, at: 1) else { return }
        #expect(pause == timing.spread / Double(judge.wanted))
    }
}
