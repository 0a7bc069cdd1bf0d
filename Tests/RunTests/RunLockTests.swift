import Files
import Glibc
import HTTP
import KubeAPI
import ModeSwitch
import Synchronization
import Testing
import Usage

@testable import Connections
@testable import Run

/// I9: at most one run a cluster.
@Suite struct RunLockTests {
    private let server = LeaseServer()

    /// Of this boot and namespace; the processes that are still there, with their start.
    private func identity(
        _ process: Int32, host: String = "here", running: [Int32: UInt64] = [1: 11]
    ) -> ProcessIdentity {
        ProcessIdentity(host: host, processID: process, start: 11, namespace: "40", boot: "b1") {
            running[$0].map { .running(start: $0) } ?? .gone
        }
    }

    private static func name(
        _ run: String, host: String = "here", process: Int32 = 1, start: UInt64 = 11, namespace: String = "40",
        boot: String = "b1"
    ) -> String {
        "\(host)_\(process).\(start).\(namespace).\(boot)_\(run)"
    }

    private func lock(
        _ run: String, duration: Int = 60, process: Int32 = 1, interrupted: @escaping @Sendable () -> String? = { nil },
        sleep: @escaping @Sendable (Double) async -> Void = { _ in try? await Task.sleep(for: .milliseconds(5)) }
    ) -> RunLock {
        RunLock(
            client: server.client, runID: run, process: identity(process), duration: duration,
            waiting: RunLock.Waiting(sleep: sleep, interrupted: interrupted, tell: { _ in }), time: .system())
    }

    @Test func `one run takes it and gives it back`() async throws {
        let first = lock("a")
        try await first.acquire()
        #expect(await server.holder == Self.name("a"))
        await first.release()
        #expect(await server.holder == "")
        try await lock("b").acquire()
        #expect(await server.holder == Self.name("b"))
    }

    @Test func `a holder that renews is not waited for: the second run is told who it is`() async throws {
        await server.hold("other_7_run", renewTime: "1")
        let second = lock("b", sleep: { [server] _ in await server.hold("other_7_run", renewTime: "2") })
        await #expect(throws: RunLock.Taken(holder: "other_7_run", run: "")) { try await second.acquire() }
        #expect(await server.holder == "other_7_run")
    }

    @Test func `a holder that does not move for its duration on our own clock is gone`() async throws {
        await server.hold("other_7_run", renewTime: "2099-01-01T00:00:00.000000Z", duration: 0)
        // What is no duration counts as our own.
        try await lock("b", duration: 0).acquire()
        #expect(await server.holder == Self.name("b"))
    }

    @Test(arguments: [
        // The process is gone, or its number belongs to one that started later.
        name("run", process: 7), name("run", process: 1, start: 10),
    ])
    func `a dead process of this boot and namespace is not waited for`(_ holder: String) async throws {
        await server.hold(holder, duration: 3600)
        try await lock("b").acquire()
        #expect(await server.holder == Self.name("b"))
    }

    @Test(arguments: [
        // Itself, with another run.
        name("run"),
        // Another machine or container of the same name, and the same machine before it was started again.
        name("run", process: 7, boot: "b2"), name("run", process: 7, namespace: "41"),
        name("run", host: "other", process: 7),
        // An older version of this program tells too little.
        "here_7_run",
        "nonsense", "here_7.x.40.b1_run", "here_7.11.40_run", "here_-7.11.40.b1_run",
    ])
    func `only time tells of a holder that may be alive`(_ holder: String) async throws {
        await server.hold(holder, duration: 3600)
        let waited = Atomic(0)
        let second = lock(
            "b", interrupted: { waited.load(ordering: .relaxed) > 2 ? "SIGINT" : nil },
            sleep: { _ in waited.add(1, ordering: .relaxed) })
        await #expect(throws: RunInterrupted("SIGINT")) { try await second.acquire() }
        #expect(await server.holder == holder)
    }

    @Test func `a system that does not tell its boot or namespace finds nobody dead`() throws {
        let blind = ProcessIdentity(host: "here", processID: 1) { _ in .gone }
        #expect(blind.holder(run: "a") == "here_1_a")
        #expect(!blind.isSurelyGone(try #require(Holder(Self.name("run", process: 7)))))
        #expect(!blind.isSurelyGone(try #require(Holder("here_7_run"))))
    }

    @Test func `holders of this and of older versions are read, names of hosts with an underscore too`() throws {
        let new = try #require(Holder(Self.name("run", host: "a_b", process: 7)))
        #expect(new.host == "a_b" && new.processID == 7 && new.run == "run")
        #expect(new.place == Holder.Place(start: 11, namespace: "40", boot: "b1"))
        let old = try #require(Holder("a_b_7_run"))
        #expect(old.host == "a_b" && old.processID == 7 && old.run == "run" && old.place == nil)
        #expect(Holder.words("evil\u{1B}[31m").contains("\u{1B}") == false)
    }

    @Test func `no Lease keeps others out for longer than two minutes after its last renewal`() {
        #expect(RunLock.lifetime(60, else: 30) == 60)
        #expect(RunLock.lifetime(120, else: 30) == 120)
        for absurd in [121, 3600, Int(Int32.max), .max] { #expect(RunLock.lifetime(absurd, else: 30) == 120) }
        for nothing in [0, -1, .min, nil] { #expect(RunLock.lifetime(nothing, else: 30) == 30) }
    }

    @Test func `who is told of another run learns where it is and how to break its lock`() {
        let taken = RunLock.Taken(holder: Self.name("run", host: "laptop", process: 77), run: "run")
        #expect(taken.description.contains("process 77 on laptop (run run)"))
        #expect(
            taken.next.text(for: .kubectl).contains("kubectl delete lease kms-vault-switch --namespace kube-system"))
    }

    @Test func `this process is found running, and a process that was never there is gone`() throws {
        let own = ProcessIdentity.ofThisProcess(host: "here", processID: getpid(), files: DiskFiles())
        let holder = own.holder(run: "a")
        #expect(!own.isSurelyGone(try #require(Holder(holder))))
        let start = try #require(own.start)
        #expect(own.boot?.count == 36 && own.namespace?.isEmpty == false)
        // 2^22 is the largest pid_max of Linux, so that no process has this number.
        let gone = holder.replacing("_\(getpid()).", with: "_4194999.")
        #expect(own.isSurelyGone(try #require(Holder(gone))))
        let later = holder.replacing(".\(start).", with: ".\(start + 1).")
        #expect(own.isSurelyGone(try #require(Holder(later))))
    }

    @Test(arguments: [
        ("7 (a) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", ProcessIdentity.Sighting.running(start: 4711)),
        ("7 (a) b) (S 1) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", .running(start: 4711)),
        ("7 (a) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", .gone),
        ("7 (a) R 1", .running(start: nil)), ("nonsense", .running(start: nil)),
    ])
    func `the kernel's line about a process is read`(line: String, expected: ProcessIdentity.Sighting) {
        #expect(ProcessIdentity.sighting(stat: line) == expected)
    }

    @Test func `a run whose Lease was taken may not write any more, whatever its own clock says`() async throws {
        let first = lock("a")
        try await first.acquire()
        try await first.confirm()
        await server.hold("other_7_run")
        await #expect(throws: RunInterrupted.self) { try await first.confirm() }
        #expect(await first.lossSeenNow() != nil)
        // Losing it is final: even a Lease that names us again does not bring it back.
        await server.hold(Self.name("a"))
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
        await server.holdAfterRead(Self.name("a"))
        try await first.confirm()
        // What it read is from before it slept.
        await server.holdAfterRead("other_7_run")
        await #expect(throws: RunInterrupted("the lock of this cluster was taken by process 7 on other")) {
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
        #expect(await slept.lossSeenNow()?.contains("process 7 on other") == true)
        // Within the duration nobody can have taken it: it is not even read.
        #expect(await awake.lossSeenNow() == nil)
    }

    @Test(arguments: [true, false])
    func `an answer that is lost is looked for in the Lease itself`(_ isNew: Bool) async throws {
        if !isNew { await server.hold("") }
        await server.loseAnswers(1)
        try await lock("a").acquire()
        #expect(await server.holder == Self.name("a"))
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
        #expect(await server.holder == Self.name("a"))
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

    @Test func `a silent API server keeps back what narrows, and nothing that restores`() async throws {
        let lock = lock("a", duration: 0)
        try await lock.acquire()
        await server.silence(true)
        await #expect(throws: RunInterrupted.self) { try await lock.confirm() }
        await lock.tolerateSilence(true)
        try await lock.confirm()
        // Somebody who holds it is no silence.
        await server.silence(false)
        await server.hold("other_7_run", renewTime: "1")
        await #expect(throws: RunInterrupted.self) { try await lock.confirm() }
    }
}
