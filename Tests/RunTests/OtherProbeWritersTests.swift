import Console
import KubeAPI
import ModeSwitch
import Report
import Synchronization
import Testing

@testable import Run

/// Others may label, change or delete the probes at any moment: that never looks like an effect of our samples.
@Suite final class OtherProbeWritersTests: Sendable {
    private let server = ProbeServer()
    private let names = ConvergenceSampler.names(runID: "2A6F0D11-9C39")

    /// Moves by what is slept, and by a millisecond at each look: a sample takes its time too.
    private let time = Mutex(ContinuousClock.now)

    private struct Silent: EventSink { func take(_ event: RunEvent) {} }

    private func sampler(spread: Double = 0, patience: Double = 60) -> ConvergenceSampler {
        var timing = ConvergenceTiming()
        timing.spread = spread
        timing.patience = patience
        return ConvergenceSampler(
            probes: server.probes, timing: timing, sink: Silent(),
            sleep: { seconds in self.time.withLock { $0 += .seconds(seconds) } }, interrupted: { nil },
            now: { 1_700_000_000 },
            clock: {
                self.time.withLock { time in
                    time += .milliseconds(1)
                    return time
                }
            })
    }

    private func version(_ name: String) -> Int64? { server.read { $0.probes[name]?.version } }

    /// The probes as a baseline on old API servers leaves them.
    private func baseline() async -> [String: ProbeState] {
        let receipt = await sampler().baseline(names)
        #expect(receipt.state == .converged && receipt.probes.count == 3)
        return receipt.probes
    }

    private func converge(
        _ probes: [String: ProbeState], need: ConvergenceNeed = .full, patience: Double = 60
    ) async -> ConvergenceReceipt {
        await sampler(patience: patience).converge(need, probes, expected: .other, replicas: nil).receipt
    }

    /// On the new experience Azure's controller sends the probes the empty patch that a sample is, all of them between
    /// two samples.
    @Test(arguments: [true, false])
    func `a controller that rewrites every probe shows the new version, before a row and within it`(
        _ before: Bool
    ) async {
        let probes = await baseline()
        let rewrite: @Sendable (inout ProbeServer.State) -> Void = { state in
            state.servers = ["new", "new"]
            for name in state.probes.keys { state.write(name) { _ in } }
        }
        let patches = server.read(\.patches)
        if before {
            server.change(rewrite)
        } else {
            server.change { $0.beforePatch = { if $1 == patches + 5 { rewrite(&$0) } } }
        }
        let receipt = await converge(probes, need: .controller)
        #expect(receipt.state == .converged && receipt.formIsKnown, "\(receipt)")
    }

    @Test func `probes that others change show no new version to one that waits for Azure's controller`() async {
        let probes = await baseline()
        server.change { state in
            for name in state.probes.keys { state.label(name, "x") }
        }
        let receipt = await converge(probes, need: .controller)
        #expect(receipt.state != .converged, "\(receipt)")
    }

    @Test func `without others a roll-out is seen as before, and all probes are brought along`() async {
        var probes = await baseline()
        server.change { $0.servers = ["new", "new"] }
        let receipt = await converge(probes)
        #expect(receipt.state == .converged && receipt.flips == 1 && receipt.samples == 60)
        probes.merge(receipt.probes) { $1 }
        let moved = await sampler().align(probes)
        #expect(moved.count == 2 && moved.values.allSatisfy { $0.form == .other })
        #expect(server.read { $0.probes.values.allSatisfy { $0.form == "new" } })
    }

    // MARK: The pass in the midst of a row

    private static func pass(_ began: Int = 2) -> PassReceipt {
        PassReceipt(kind: .rewrite, complete: true, began: began)
    }

    @Test func `a pass is made once a burst is new, and counts when no later sample was old`() async {
        let probes = await baseline()
        server.change { $0.servers = ["new", "new"] }
        let made = Mutex(0)
        let answer = await sampler(spread: 180).converge(.full, probes, expected: .other, replicas: nil) {
            made.withLock { $0 += 1 }
            return Self.pass(2)
        }
        #expect(answer.receipt.state == .converged && answer.receipt.samples > 60)
        #expect(answer.pass == Self.pass() && made.withLock { $0 } == 1)
    }

    @Test func `after a long pass as many samples are taken as without it`() async {
        let probes = await baseline()
        server.change { $0.servers = ["new", "new"] }
        let counted = Mutex(0)
        let answer = await sampler(spread: 180).converge(.full, probes, expected: .other, replicas: nil) {
            let before = self.server.read { $0.patches }
            counted.withLock { $0 = before }
            self.time.withLock { $0 += .seconds(2000) }
            return Self.pass(2)
        }
        #expect(answer.receipt.state == .converged && answer.pass == Self.pass(2))
        #expect(server.read { $0.patches } - counted.withLock { $0 } >= 60)
    }

    @Test func `an old API server after the pass makes it void, and the next row makes another one`() async {
        let probes = await baseline()
        server.change { $0.servers = ["new"] }
        let made = Mutex(0)
        let answer = await sampler(spread: 180).converge(.full, probes, expected: .other, replicas: nil) {
            [server] in
            let count = made.withLock { made in
                made += 1
                return made
            }
            // A replica that no burst met answers once, after the first pass.
            if count == 1 {
                server.change { state in
                    state.patches = 0
                    state.beforePatch = { state, number in state.servers = number == 1 ? ["old"] : ["new"] }
                }
            }
            return Self.pass(count)
        }
        #expect(answer.receipt.state == .converged)
        #expect(made.withLock { $0 } == 2 && answer.pass == Self.pass(2))
    }

    @Test func `samples of both kinds to the end leave no pass that counts`() async {
        let probes = await baseline()
        server.change {
            $0.servers = ["new"]
            $0.patches = 0
            $0.beforePatch = { state, number in state.servers = number % 70 == 69 ? ["old"] : ["new"] }
        }
        let made = Mutex(0)
        let hurried = sampler(spread: 600, patience: 300)
        let answer = await hurried.converge(.full, probes, expected: .other, replicas: nil) {
            made.withLock { $0 += 1 }
            return Self.pass(2)
        }
        #expect(answer.receipt.state == .mixed && answer.pass == nil)
        #expect((1...ConvergenceSampler.RowPass.most).contains(made.withLock { $0 }))
    }

    @Test func `labels on every probe while all API servers are old never look like the new configuration`() async {
        let probes = await baseline()
        server.change {
            $0.patches = 0
            $0.beforePatch = { [names] state, number in
                if number % 9 == 5 { for name in names { state.label(name, "\(number)") } }
            }
        }
        let receipt = await converge(probes, patience: 3)
        #expect(receipt.state != .converged)
        #expect(receipt.detail.contains("kubectl-label"))
    }

    @Test func `a label on the sampled probe costs that sample, and another probe goes on`() async {
        var probes = await baseline()
        server.change {
            $0.servers = ["new"]
            $0.patches = 0
            $0.beforePatch = { [names] state, number in if number == 31 { state.label(names[0], "x") } }
        }
        let receipt = await converge(probes)
        #expect(receipt.state == .converged && receipt.samples == 60)
        #expect(receipt.probes.keys.sorted() == [names[1]])
        // The one that was labelled tells its form again afterwards.
        probes.merge(receipt.probes) { $1 }
        probes.merge(await sampler().align(probes)) { $1 }
        for name in names {
            #expect(probes[name]?.form == .other)
            #expect(version(name) == probes[name]?.resourceVersion)
        }
        let burst = await converge(probes, need: .burst)
        #expect(burst.state == .converged)
    }

    @Test func `all three labelled in a row of new samples: the row begins anew and ends well`() async {
        let probes = await baseline()
        server.change {
            $0.servers = ["new"]
            $0.patches = 0
            $0.beforePatch = { [names] state, number in
                if number == 31 { for name in names { state.label(name, "x") } }
            }
        }
        let receipt = await converge(probes)
        #expect(receipt.state == .converged && receipt.samples == 30 + 60)
        #expect(receipt.probes.values.map(\.form) == [.other])
    }

    @Test func `an old API server behind a label is still found`() async {
        let probes = await baseline()
        // Each request goes to the next server: samples and looks at the probe alike.
        server.change {
            $0.servers = Array(repeating: "new", count: 12) + ["old"]
            $0.patches = 0
            $0.beforePatch = { [names] state, number in if number % 20 == 0 { state.label(names[0], "\(number)") } }
        }
        let receipt = await converge(probes, patience: 0.3)
        #expect(receipt.state != .converged)
    }

    @Test func `a probe that a cleaner deletes is made again at once`() async {
        var probes = await baseline()
        server.change {
            $0.servers = ["new"]
            $0.patches = 0
            $0.beforePatch = { [names] state, number in if number == 11 { state.probes[names[0]] = nil } }
        }
        let receipt = await converge(probes)
        #expect(receipt.state == .converged && receipt.samples == 60)
        #expect(server.read { $0.probes.count } == 3)
        probes.merge(receipt.probes) { $1 }
        probes.merge(await sampler().align(probes)) { $1 }
        #expect(probes[names[0]]?.form == .other)
        #expect(version(names[0]) == probes[names[0]]?.resourceVersion)
    }

    @Test func `probes that were all deleted between two steps are made again, and their form is not guessed`() async {
        let probes = await baseline()
        server.change { $0.probes = [:] }
        let receipt = await converge(probes)
        #expect(receipt.state == .homogeneous && !receipt.formIsKnown && receipt.probes.count == 3)
        #expect(receipt.detail.contains("3 deleted by others"))
    }

    @Test func `a webhook that changes every update never looks like a new configuration`() async {
        let probes = await baseline()
        server.change {
            $0.mutates = { probe, number in probe.labels["stamp"] = "\(number)" }
        }
        let receipt = await converge(probes, patience: 3)
        #expect(receipt.state == .unavailable)
        #expect(receipt.detail.contains("by a webhook"))
    }

    @Test func `a controller that labels new probes once does not keep a baseline from being taken`() async {
        server.change {
            $0.beforePatch = { [names] state, number in
                if number == 20 { for name in names { state.label(name, "x", by: "policy-controller") } }
            }
        }
        _ = await baseline()
    }
}
