import ModeSwitch
import Testing

@Suite struct ConvergenceJudgeTests {
    private let timing = ConvergenceTiming().scaled(by: 0.1)

    private func judge(_ need: ConvergenceNeed = .full, form: ProbeState.Form = .asAtBaseline) -> ConvergenceJudge {
        ConvergenceJudge(
            need, probe: "p", state: ProbeState(resourceVersion: 10, form: form), expected: .other,
            timing: timing, start: 0)
    }

    /// Feeds samples until the judge ends; `version` gives the resourceVersion of each, by its time.
    private func run(_ judge: ConvergenceJudge, version: (Double) -> Int64) -> (ConvergenceReceipt, Double) {
        var judge = judge
        var now = 0.0
        while true {
            switch judge.take(resourceVersion: version(now), replica: nil, at: now) {
            case .sample(let seconds): now += max(seconds, 0.01)
            case .ended(let receipt): return (receipt, now)
            }
        }
    }

    @Test func `one flip and then only new samples over the whole spread is convergence`() {
        let (receipt, time) = run(judge()) { $0 < 1 ? 10 : 11 }
        #expect(receipt.state == .converged)
        #expect(receipt.flips == 1)
        #expect(time >= timing.spread + 1)
        #expect(receipt.probes["p"] == ProbeState(resourceVersion: 11, form: .other))
    }

    @Test func `a flip shortly before patience ends is followed to its end`() {
        let (receipt, time) = run(judge()) { [timing] in $0 < timing.patience - 1 ? 10 : 11 }
        #expect(receipt.state == .converged)
        #expect(time >= timing.patience - 1 + timing.spread)
    }

    @Test func `an old API server that answers after patience ended is seen as mixed`() {
        let (receipt, _) = run(judge()) { [timing] in
            $0 < timing.patience - 1 ? 10 : $0 < timing.patience + 1 ? 11 : 12
        }
        #expect(receipt.state == .mixed)
        #expect(receipt.probes["p"]?.form == .asAtBaseline)
    }

    @Test func `a row of new samples that gets no answers any more ends`() {
        var judge = judge(form: .other)
        #expect(judge.take(resourceVersion: 10, replica: nil, at: 0) != judge.missed(at: 3 * timing.patience))
        guard case .ended(let receipt) = judge.missed(at: 3 * timing.patience) else {
            Issue.record("sampling went on without any answer")
            return
        }
        #expect(receipt.state == .unavailable)
    }

    @Test func `samples that never flip do not prove the new configuration`() {
        let (receipt, time) = run(judge()) { _ in 10 }
        #expect(receipt.state == .homogeneous)
        #expect(time > timing.patience)
    }

    @Test func `one old API server among new ones is seen as mixed`() {
        var version: Int64 = 10
        let (receipt, _) = run(judge()) { now in
            if Int(now * 10) % 7 == 0 { version += 1 }
            return version
        }
        #expect(receipt.state == .mixed)
    }

    @Test func `answers too slow for enough samples in time are no disagreement`() {
        var judge = judge()
        var now = 0.0
        var ended: ConvergenceReceipt?
        while ended == nil {
            now += timing.patience / 20
            if case .ended(let receipt) = judge.take(resourceVersion: now < 10 ? 10 : 11, replica: nil, at: now) {
                ended = receipt
            }
        }
        #expect(ended?.state == .converged)
        #expect(now > 2 * timing.patience)
    }

    @Test func `after the time is up the first sample of the old form ends a row of new ones`() {
        let (receipt, time) = run(judge()) { now in now < timing.patience - 1 ? 10 : now < timing.patience + 1 ? 11 : 12
        }
        #expect(receipt.state == .mixed)
        #expect(time < timing.patience + 2)
    }

    @Test func `a flip and a flip back leave the old form, not the new one`() {
        let (receipt, _) = run(judge()) { $0 < 1 ? 10 : $0 < 2 ? 11 : 12 }
        #expect(receipt.state == .mixed)
        #expect(receipt.probes["p"]?.form == .asAtBaseline)
    }

    @Test func `a burst after convergence ends at the first sample of the old form`() {
        let (calm, _) = run(judge(.burst, form: .other)) { _ in 10 }
        #expect(calm.state == .converged)
        #expect(calm.samples == 60)
        let (slipped, _) = run(judge(.burst, form: .other)) { $0 < 0.2 ? 10 : 11 }
        #expect(slipped.state == .regressed)
        #expect(slipped.probes["p"]?.form == .asAtBaseline)
    }

    @Test func `more API servers ask for more samples`() {
        var judge = judge(.burst, form: .other)
        for index in 0..<74 {
            let next = judge.take(resourceVersion: 10, replica: "r\(index % 5)", at: 0)
            #expect(next == .sample(after: 0))
        }
        guard case .ended(let receipt) = judge.take(resourceVersion: 10, replica: "r4", at: 0) else {
            Issue.record("75 samples of 5 API servers should be enough")
            return
        }
        #expect(receipt.replicas == 5)
    }

    @Test func `a burst goes by the number of API servers that earlier samples told apart`() {
        func wanted(_ known: Int?) -> Int {
            ConvergenceJudge(
                .burst, probe: "p", state: ProbeState(resourceVersion: 10), expected: .asAtBaseline, known: known,
                timing: timing, start: 0
            ).wanted
        }
        #expect(wanted(7) == 105)
        #expect(wanted(2) == 60)
        #expect(wanted(nil) == 60)
    }

    // MARK: Samples that began while Azure's operation ran

    /// A judge for the time after the operation, with the row that began before.
    private func continued(streak: Int, age: Double) -> ConvergenceJudge {
        ConvergenceJudge(
            .full, probe: "p", state: ProbeState(resourceVersion: 11, form: .other), expected: .other,
            row: (streak, age), timing: timing, start: 0)
    }

    @Test func `a row that spans the spread already needs one burst after the operation`() {
        let (receipt, time) = run(continued(streak: 80, age: timing.spread)) { _ in 11 }
        #expect(receipt.state == .converged)
        #expect(receipt.samples == 60)
        #expect(time < 1)
    }

    @Test func `a row shorter than the spread goes on until it spans it`() {
        let (receipt, time) = run(continued(streak: 10, age: timing.spread / 2)) { _ in 11 }
        #expect(receipt.state == .converged)
        #expect(time >= timing.spread / 2)
        #expect(receipt.samples >= 60)
    }

    @Test func `a row that is nearly long enough takes its samples meanwhile, and ends when it is`() {
        let (receipt, time) = run(continued(streak: 50, age: timing.spread - 2)) { _ in 11 }
        #expect(receipt.state == .converged && receipt.samples == 60)
        #expect(time >= 2 && time < 2.1)
    }

    @Test func `a row that breaks after the operation counts for nothing`() {
        var version: Int64 = 11
        var broken = false
        let (receipt, time) = run(continued(streak: 80, age: timing.spread)) { now in
            if now > 0.05, !broken {
                broken = true
                version = 12
            } else if broken, version == 12 {
                version = 13
            }
            return version
        }
        #expect(receipt.state == .converged)
        #expect(time >= timing.spread)
    }

    @Test func `samples during the operation never end by themselves`() {
        var judge = judge(.early)
        for index in 0..<500 {
            guard
                case .sample(let seconds) = judge.take(
                    resourceVersion: index < 100 ? 10 : 11, replica: nil, at: Double(index))
            else {
                Issue.record("the judge ended an operation of Azure's")
                return
            }
            #expect(seconds > 0)
        }
        #expect(judge.rowStart == 100)
    }

    @Test func `an API server that falls silent is told from one that refuses probes`() {
        let judge = judge()
        guard case .ended(let receipt) = judge.missed(at: timing.silence + 1, isSilence: true) else {
            Issue.record("silence was sampled on")
            return
        }
        #expect(receipt.state == .silent)
        #expect(judge.missed(at: timing.silence + 1, isSilence: false) != .ended(receipt))
    }

    // MARK: Other writers

    /// `times` samples at one version, a tenth of a second apart; the last word.
    private func samples(
        _ judge: inout ConvergenceJudge, _ times: Int, version: Int64, from now: inout Double
    ) -> ConvergenceJudge.Next {
        var next = ConvergenceJudge.Next.sample(after: 0)
        for _ in 0..<times {
            next = judge.take(resourceVersion: version, replica: nil, at: now)
            if case .ended = next { return next }
            now += 0.4
        }
        return next
    }

    private func state(_ next: ConvergenceJudge.Next) -> ConvergenceReceipt.State? {
        if case .ended(let receipt) = next { receipt.state } else { nil }
    }

    @Test func `with another probe of known form no sample loses its worth`() {
        var judge = judge()
        var now = 0.0
        #expect(state(samples(&judge, 30, version: 11, from: &now)) == nil)
        #expect(judge.streak == 30)
        // It still lies in the old form: its flip is one more sample of the new one.
        judge.switched(to: "q", ProbeState(resourceVersion: 5, form: .asAtBaseline))
        let next = samples(&judge, 30, version: 6, from: &now)
        guard case .ended(let receipt) = next else {
            Issue.record("the row of 60 did not end: \(next)")
            return
        }
        #expect(receipt.state == .converged && receipt.samples == 60)
        #expect(receipt.probes == ["q": ProbeState(resourceVersion: 6, form: .other)])
    }

    @Test func `another probe shows an old API server as the first one did`() {
        var judge = judge(.burst, form: .other)
        var now = 0.0
        _ = samples(&judge, 5, version: 10, from: &now)
        judge.switched(to: "q", ProbeState(resourceVersion: 5, form: .asAtBaseline))
        // Not moved: the API server that served writes the old form.
        #expect(state(judge.take(resourceVersion: 5, replica: nil, at: now)) == .regressed)
    }

    @Test func `where no probe's form is known any more, agreement counts only if the new form was seen before`() {
        var never = judge()
        var seen = judge()
        var now = 0.0
        _ = samples(&never, 20, version: 10, from: &now)
        _ = samples(&seen, 20, version: 11, from: &now)
        for version in [Int64(30), 40] {
            _ = never.disturbed(resourceVersion: version, at: now)
            _ = seen.disturbed(resourceVersion: version, at: now)
        }
        var later = now
        // The row begins anew.
        #expect(state(samples(&seen, 59, version: 40, from: &later)) == nil)
        #expect(state(samples(&seen, 1, version: 40, from: &later)) == .converged)
        #expect(state(samples(&never, 2000, version: 40, from: &now)) == .homogeneous)
        #expect(!never.isFormKnown)
    }

    @Test func `both forms seen after another writer are a roll-out, and what stays is the new one`() {
        var judge = judge()
        var now = 0.0
        _ = judge.disturbed(resourceVersion: 20, at: now)
        _ = samples(&judge, 3, version: 20, from: &now)
        let next = samples(&judge, 60, version: 21, from: &now)
        guard case .ended(let receipt) = next else {
            Issue.record("the row of 60 did not end: \(next)")
            return
        }
        #expect(receipt.state == .converged)
        #expect(receipt.probes == ["p": ProbeState(resourceVersion: 21, form: .other)])
    }

    @Test func `API servers that disagree after another writer are mixed, in bounded time`() {
        var judge = judge()
        _ = judge.disturbed(resourceVersion: 20, at: 0)
        var version: Int64 = 20
        let (receipt, time) = run(judge) { now in
            if Int(now * 10) % 7 == 0 { version += 1 }
            return version
        }
        #expect(receipt.state == .mixed && receipt.probes.isEmpty)
        #expect(time < 2 * timing.patience)
        judge = self.judge(.burst, form: .other)
        _ = judge.disturbed(resourceVersion: 20, at: 0)
        #expect(state(judge.take(resourceVersion: 21, replica: nil, at: 0)) == .regressed)
    }

    @Test func `a record of the new form from before the row is no sample of it`() {
        // It may be of an earlier change of KMS. Only a burst renews evidence of this one.
        var full = judge(form: .other)
        var burst = judge(.burst, form: .other)
        var now = 0.0
        _ = full.disturbed(resourceVersion: 20, at: now)
        _ = burst.disturbed(resourceVersion: 20, at: now)
        #expect(state(samples(&burst, 60, version: 20, from: &now)) == .converged)
        #expect(state(samples(&full, 2000, version: 20, from: &now)) != .converged)
    }

    @Test func `writers that never rest end the sampling in bounded time`() {
        for need in [ConvergenceNeed.full, .burst, .baseline] {
            var judge = judge(need)
            var now = 0.0
            var next = ConvergenceJudge.Next.sample(after: 0)
            while state(next) == nil, now < 10 * timing.patience {
                next = judge.disturbed(resourceVersion: Int64(now), at: now)
                now += 1
            }
            #expect(state(next) == .unavailable)
        }
    }
}
