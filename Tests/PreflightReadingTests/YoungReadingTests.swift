import Preflight
import SecretRewrite
import Synchronization
import TestDoubles
import Testing

@testable import PreflightReading

/// What was read a moment ago is not read again, and has an age and a subject.
@Suite struct YoungReadingTests {
    private final class Hands: PassClock {
        private let time = Mutex(0.0)
        var seconds: Double { time.withLock { $0 } }
        func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
        func sleep(until seconds: Double) async { await Task.yield() }
    }

    private static let reviews = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    /// How often rights in the cluster were asked about by a whole preflight, and by a check before the first change.
    private static func reviews(after seconds: Double, forgotten: Bool = false) async throws -> (Int, Int) {
        let (world, clock) = (World(), Hands())
        let reader = try world.reader(clock: clock)
        _ = await reader.full(try world.question(), .beforeDryRun)
        let first = world.kube.asked.count { $0 == reviews }
        clock.advance(seconds)
        if forgotten { await reader.forget() }
        _ = await reader.critical(before: .disable, try world.question())
        return (first, world.kube.asked.count { $0 == reviews } - first)
    }

    @Test func `the plan's reads are not read again`() async throws {
        let (first, second) = try await Self.reviews(after: 59)
        #expect(first > 0 && second == 0)
    }

    @Test func `a reading that is a minute old is read again`() async throws {
        let (first, second) = try await Self.reviews(after: 60)
        #expect(first > 0 && second == first)
    }

    @Test func `whoever forgets reads everything again`() async throws {
        let (first, second) = try await Self.reviews(after: 0, forgotten: true)
        #expect(first > 0 && second == first)
    }

    @Test func `a reading says nothing of another key or another job`() async throws {
        let world = World()
        let reader = try world.reader(clock: Hands())
        _ = await reader.full(try world.question(), .beforeDryRun)
        let first = world.kube.asked.count { $0 == Self.reviews }
        var question = try world.question()
        question.strategy.vaultSharedOK.toggle()
        _ = await reader.critical(before: .disable, question)
        #expect(world.kube.asked.count { $0 == Self.reviews } == 2 * first)
    }

    @Test(arguments: [PreflightStep.disable, .changeKey])
    func `what keeps a run from coming back is read again however young it is`(_ step: PreflightStep) async throws {
        let world = World()
        let reader = try world.reader(clock: Hands())
        _ = await reader.full(try world.question(), .beforeDryRun)
        let before = world.arm.asked.count
        _ = await reader.critical(before: step, try world.question())
        let asked = world.arm.asked.dropFirst(before)
        for what in ["/locks", "/keys/", "/roleAssignments"] {
            #expect(asked.contains { $0.contains(what) }, "\(what): \(asked)")
        }
        #expect(world.kube.asked.filter { $0 == "GET /readyz" }.count == 2)
    }

    @Test func `the two parts of a preflight ask every check once`() async throws {
        let world = World()
        let reader = try world.reader(clock: Hands())
        let (one, other) = (
            PreflightReport.full(await reader.full(try world.question(), .beforeDryRun), .beforeDryRun),
            PreflightReport.full(await reader.full(try world.question(), .dryRun), .dryRun)
        )
        let whole = PreflightReport.full(try await World().full())
        #expect(Set((one.checks + other.checks).map(\.id)) == Set(whole.checks.map(\.id)))
        #expect(one.checks.count + other.checks.count == whole.checks.count)
        #expect(!(one.checks + other.checks).contains { $0.verdict == .unknown })
        #expect(one.blockers.isEmpty && other.blockers.isEmpty)
    }
}
