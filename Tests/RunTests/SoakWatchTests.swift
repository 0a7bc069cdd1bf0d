import ModeSwitch
import SecretRewrite
import Synchronization
import Testing

@testable import Run

@Suite struct SoakWatchTests {
    /// Time that passes only by pausing, and writes that go by a script.
    private final class Course: Sendable {
        private let state: Mutex<(now: Double, failures: [Int: [StoreFailure]], writes: [Double])>
        let closedFrom: Double

        init(failures: [Int: [StoreFailure]] = [:], closedFrom: Double = .infinity) {
            state = Mutex((0, failures, []))
            self.closedFrom = closedFrom
        }

        var writes: [Double] { state.withLock { $0.writes } }
        var now: Double { state.withLock { $0.now } }

        func watch(interruptedAt: Double = .infinity) -> SoakWatch {
            SoakWatch(
                write: { [self] number throws(StoreFailure) in try write(number) },
                isSeenClosed: { [self] in now >= closedFrom },
                pause: { [self] seconds in state.withLock { $0.now += seconds } },
                interrupted: { [self] in now >= interruptedAt ? "SIGINT" : nil }, elapsed: { [self] in now },
                progress: { _, _, _ in })
        }

        private func write(_ number: Int) throws(StoreFailure) {
            let failure = state.withLock { state -> StoreFailure? in
                guard var left = state.failures[number], !left.isEmpty else {
                    state.writes.append(state.now)
                    return nil
                }
                let next = left.removeFirst()
                state.failures[number] = left
                return next
            }
            if let failure { throw failure }
        }
    }

    @Test func `it writes to the end of its time`() async {
        let course = Course()
        let receipt = await course.watch().run(SoakPlan(wanted: 600))
        #expect(receipt.result == .passed)
        #expect(receipt.closedSeenAt == nil)
        #expect(receipt.writes == 61 && course.writes.last == 600)
    }

    @Test func `a vault that is seen to be closed shortens it, and the receipt says when`() async {
        let course = Course(closedFrom: 30)
        let receipt = await course.watch().run(SoakPlan(wanted: 600))
        #expect(receipt.result == .passed)
        #expect(receipt.closedSeenAt == 30)
        #expect(course.writes.last == 270)
    }

    @Test func `a write that fails for good ends it at once`() async {
        let failure = StoreFailure.encryptFailed(detail: "key service")
        let course = Course(failures: [20: [failure]])
        let receipt = await course.watch().run(SoakPlan(wanted: 600))
        #expect(receipt.result == .failed)
        #expect(receipt.writes == 20 && receipt.detail == "\(failure)")
        #expect(course.now == 200)
    }

    @Test func `lost connections are tried again, but not for ever`() async {
        let lost = StoreFailure.lost(detail: "reset")
        let passing = Course(failures: [3: [lost, lost, lost]])
        #expect(await passing.watch().run(SoakPlan(wanted: 100)).result == .passed)
        let lasting = Course(failures: [3: [lost, lost, lost, lost]])
        #expect(await lasting.watch().run(SoakPlan(wanted: 100)).result == .failed)
    }

    @Test func `an interruption proves nothing`() async {
        let receipt = await Course().watch(interruptedAt: 50).run(SoakPlan(wanted: 600))
        #expect(receipt.result == .interrupted && receipt.detail == "SIGINT")
    }
}
