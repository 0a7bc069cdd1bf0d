import Azure
import Commands
import ModeSwitch
import Report
import Run
import TestDoubles
import Testing
import Usage

/// This machine's record of a run is lost, and only the cluster's ConfigMap tells of it.
@Suite struct `A lost record on the new KMS experience` {
    /// Stops a switch by way of Azure's own key while that key encrypts.
    private func interruptedOnPlatformKey(_ desk: Desk) async -> FrontEndDouble.Seen {
        desk.begin(customerKey("Public"))
        let first = desk.azure.read(\.storedForm)
        let interruption = Interruption()
        desk.kube.change {
            $0.before = { kube, request in
                guard kube.form != first, request.hasPrefix("PATCH"), request.contains("default") else { return }
                interruption.request("the test asked")
            }
        }
        var options = to(.privateAccess)
        options.viaPlatformKey = true
        let seen = await desk.run(switching, options, interruption: interruption)
        desk.kube.change { $0.before = { _, _ in } }
        return seen
    }

    @Test func `make-safe needs no key of the person's where Azure's own key encrypts`() async throws {
        try await onDesk { desk in
            let stopped = await interruptedOnPlatformKey(desk)
            #expect(stopped.exitCode == .interrupted, "\(stopped)")
            desk.clear()
            let refused = await desk.run(.resume)
            #expect(refused.exitCode == .refused, "\(refused)")
            let safe = await desk.run(.makeSafe)
            #expect(safe.exitCode == .done && safe.report?.secretsAtRest == .encrypted, "\(safe)")
            #expect(desk.sent.count == 1)
            desk.expectAll()
        }
    }
}
