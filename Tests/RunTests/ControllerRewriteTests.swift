import Console
import KubeAPI
import ModeSwitch
import Report
import Synchronization
import Testing

@testable import Run

/// On the new KMS experience a controller rewrites every Secret, and may come to the probes before a sample does.
@Suite final class ControllerRewriteTests: Sendable {
    private let server = ProbeServer()
    private let names = ConvergenceSampler.names(runID: "2A6F0D11-9C39")
    private let time = Mutex(ContinuousClock.now)

    private struct Silent: EventSink { func take(_ event: RunEvent) {} }

    private var sampler: ConvergenceSampler {
        var timing = ConvergenceTiming()
        timing.controllerPatience = 3600
        return ConvergenceSampler(
            probes: server.probes, timing: timing, sink: Silent(),
            sleep: { seconds in self.time.withLock { $0 += .seconds(seconds) } }, interrupted: { nil },
            now: { 1_700_000_000 }, clock: { self.time.withLock { $0 } })
    }

    private func waited(servers: [String], then change: @escaping @Sendable (inout ProbeServer.State, String) -> Void)
        async -> ConvergenceReceipt
    {
        let receipt = await sampler.baseline(names)
        #expect(receipt.state == .converged && receipt.probes.count == 3)
        server.change {
            $0.patches = 0
            $0.beforePatch = { [names] state, number in
                guard number == 6 else { return }
                state.servers = servers
                for name in names { change(&state, name) }
            }
        }
        return await sampler.converge(.controller, receipt.probes, expected: .other, replicas: nil).receipt
    }

    @Test func `probes that the controller rewrote show that the new version was taken, long before the time is up`()
        async
    {
        let began = time.withLock { $0 }
        let receipt = await waited(servers: ["new"]) { state, name in state.write(name) { _ in } }
        #expect(receipt.state == .converged)
        #expect(time.withLock { $0 } - began < .seconds(900))
    }

    @Test func `labels on every probe show nothing of the key`() async {
        let receipt = await waited(servers: ["old"]) { state, name in state.label(name, "x") }
        #expect(receipt.state == .homogeneous)
    }

    @Test func `an API server with the old version is still found after the controller`() async {
        let receipt = await waited(servers: Array(repeating: "new", count: 12) + ["old"]) { state, name in
            state.write(name) { _ in }
        }
        #expect(receipt.state != .converged)
    }
}
