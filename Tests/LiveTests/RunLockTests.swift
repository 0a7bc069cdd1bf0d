import KubeAPI
import ModeSwitch
import Synchronization
import Testing

@testable import Live

/// I9: at most one run a cluster.
@Suite struct RunLockTests {
    private let server = LeaseServer()

    private func lock(
        _ run: String, duration: Int = 60, process: Int32 = 1, interrupted: @escaping @Sendable () -> String? = { nil },
        sleep: @escaping @Sendable (Double) async -> Void = { _ in try? await Task.sleep(for: .milliseconds(5)) }
    ) -> RunLock {
        RunLock(
            client: server.client, runID: run, host: "here", processID: process, duration: duration,
            waiting: RunLock.Waiting(sleep: sleep, interrupted: interrupted, tell: { _ in }))
    }

    @Test func `one run takes it and gives it back`() async throws {
        let first = lock("a")
        try await first.acquire()
        #expect(await server.holder == "here_1_a")
        await first.release()
        #expect(await server.holder == "")
        try await lock("b").acquire()
        #expect(await server.holder == "here_1_b")
    }

    @Test func `a holder that renews is not waited for: the second run is told who it is`() async throws {
        await server.hold("other_7_run", renewTime: "1")
        let second = lock("b", sleep: { [server] _ in await server.hold("other_7_run", renewTime: "2") })
        await #expect(throws: RunLock.Taken(holder: "other_7_run", run: "")) { try await second.acquire() }
        #expect(await server.holder == "other_7_run")
    }

    @Test func `a holder that does not move for its duration on our own clock is gone`() async throws {
        await server.hold("other_7_run", renewTime: "2099-01-01T00:00:00.000000Z", duration: 0)
        try await lock("b").acquire()
        #expect(await server.holder == "here_1_b")
    }

    @Test func `a dead process of this machine is not waited for`() async throws {
        // 2^22 is the largest pid_max of Linux, so that no process has this number.
        await server.hold("here_4194999_run", duration: 3600)
        try await lock("b").acquire()
        #expect(await server.holder == "here_1_b")
    }

    @Test func `a live process of this machine, and one of another machine with its number, keep it`() {
        #expect(!RunLock.isDead("here_1_run", host: "here"))
        #expect(RunLock.isDead("here_4194999_run", host: "here"))
        #expect(!RunLock.isDead("other_4194999_run", host: "here"))
        #expect(!RunLock.isDead("nonsense", host: "here"))
    }

    @Test func `a run whose Lease was taken may not write any more, whatever its own clock says`() async throws {
        let first = lock("a")
        try await first.acquire()
        try await first.confirm()
        await server.hold("other_7_run")
        await #expect(throws: RunInterrupted.self) { try await first.confirm() }
        #expect(await first.lossSeenNow() != nil)
        // Losing it is final: even a Lease that names us again does not bring it back.
        await server.hold("here_1_a")
        await #expect(throws: RunInterrupted.self) { try await first.confirm() }
    }

    @Test func `with less than half of its time left it is renewed before a write, or there is no write`() async throws
    {
        let first = lock("a", duration: 0)
        try await first.acquire()
        let before = await server.writes
        try await first.confirm()
        #expect(await server.writes == before + 1)
        await server.silence(true)
        await #expect(throws: RunInterrupted.self) { try await first.confirm() }
    }

    @Test func `a Lease that changes between reading and renewing is read again, and tells whose it is`() async throws {
        let first = lock("a", duration: 0)
        try await first.acquire()
        // Its own renewal in the background came first.
        await server.holdAfterRead("here_1_a")
        try await first.confirm()
        // What it read is from before it slept.
        await server.holdAfterRead("other_7_run")
        await #expect(throws: RunInterrupted("the lock of this cluster was taken by other_7_run")) {
            try await first.confirm()
        }
    }

    @Test func `a run that slept past its Lease sees that another has it, before it writes anything`() async throws {
        let awake = lock("a")
        let slept = lock("a", duration: 0)
        try await awake.acquire()
        try await slept.acquire()
        #expect(await slept.lossSeenNow() == nil)
        await server.hold("other_7_run")
        #expect(await slept.lossSeenNow()?.contains("other_7_run") == true)
        // Within the duration nobody can have taken it: it is not even read.
        #expect(await awake.lossSeenNow() == nil)
    }

    @Test(arguments: [true, false])
    func `an answer that is lost is looked for in the Lease itself`(_ isNew: Bool) async throws {
        if !isNew { await server.hold("") }
        await server.loseAnswers(1)
        try await lock("a").acquire()
        #expect(await server.holder == "here_1_a")
        await server.hold("")
        await server.loseAnswers(99)
        await #expect(throws: KubeError.self) { try await lock("b").acquire() }
    }

    @Test func `a silent API server does not take a fresh lock away`() async throws {
        let first = lock("a")
        try await first.acquire()
        await server.silence(true)
        try await first.confirm()
    }

    @Test func `waiting for a holder ends with an interruption`() async throws {
        await server.hold("other_7_run", duration: 3600)
        let waited = Atomic(0)
        let second = lock(
            "b", interrupted: { waited.load(ordering: .relaxed) > 2 ? "SIGINT" : nil },
            sleep: { _ in waited.add(1, ordering: .relaxed) })
        await #expect(throws: RunInterrupted("SIGINT")) { try await second.acquire() }
    }

    @Test func `make-safe goes without it only while the API server is silent`() async throws {
        await server.silence(true)
        let rescue = lock("a")
        await rescue.doWithoutWhileSilent()
        try await rescue.confirm()
        await server.silence(false)
        try await rescue.confirm()
        #expect(await server.holder == "here_1_a")
    }

    @Test func `make-safe yields to a run that holds the lock once the API server answers again`() async throws {
        await server.silence(true)
        let rescue = lock("a", sleep: { [server] _ in await server.hold("other_7_run", renewTime: "2") })
        await rescue.doWithoutWhileSilent()
        try await rescue.confirm()
        await server.silence(false)
        await server.hold("other_7_run", renewTime: "1")
        await #expect(throws: RunInterrupted.self) { try await rescue.confirm() }
        #expect(await server.holder == "other_7_run")
    }

    @Test func `without that permission a silent API server refuses the lock`() async throws {
        await server.silence(true)
        await #expect(throws: KubeError.self) { try await lock("a").acquire() }
    }
}
