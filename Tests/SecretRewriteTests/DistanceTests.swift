import Testing

@testable import SecretRewrite

/// `PassMachine` with a simulated clock and server; `script/bench --latency 100,200` measures the same on a real one.
@Suite("Distance")
struct DistanceTests {
    /// Secrets a second that the server can list and touch, one after the other.
    private let serverAlone = 1 / (1 / 1300.0 + 1 / 10_000.0)

    private func outcome(
        milliseconds: Double, namespaces: [Int] = Array(repeating: 250, count: 40),
        options: PassOptions = .init(.rewrite)
    ) -> DistantServer.Outcome {
        DistantServer(roundTrip: { _ in milliseconds / 1000 }, namespaces: namespaces).run(options)
    }

    @Test(arguments: [100.0, 200])
    func `at a long round trip more are under way, and the rate stays`(_ milliseconds: Double) {
        let outcome = outcome(milliseconds: milliseconds)
        #expect(outcome.touched == 10_000)
        #expect(outcome.perSecond > 0.85 * serverAlone)
        #expect(outcome.most > 128)
        #expect(outcome.most <= PassOptions.usualConcurrency)
    }

    @Test func `a near server that is busy gets hardly more than before`() {
        let outcome = outcome(milliseconds: 1)
        #expect(outcome.most <= 96)
        #expect(outcome.limits.last.map { $0 <= 72 } ?? false)
        #expect(outcome.perSecond > 0.9 * serverAlone)
    }

    @Test(arguments: [1.0, 30, 100, 200])
    func `no more wait at the server than keeps it busy`(_ milliseconds: Double) {
        let server = DistantServer(
            roundTrip: { _ in milliseconds / 1000 }, namesPerSecond: 1e9, namespaces: Array(repeating: 250, count: 40))
        let outcome = server.run(PassOptions(.rewrite))
        // While it fills, a round trip passes before a queue shows.
        let queue = milliseconds < 50 ? 64.0 : 160
        #expect(Double(outcome.mostAtServer) <= queue + 100)
        let steady = outcome.limits.dropFirst(3).sorted()
        #expect(Double(steady[steady.count / 2]) <= 1300 * milliseconds / 1000 + queue + 16)
    }

    @Test func `a slow server far away gets hardly more than before`() {
        let server = DistantServer(roundTrip: { _ in 0.2 }, touchesPerSecond: 110, namespaces: [250, 250, 250, 250])
        let outcome = server.run(PassOptions(.rewrite))
        #expect(outcome.most <= 72)
        #expect(outcome.perSecond > 80)
    }

    @Test(arguments: [100.0, 200])
    func `a distant server is busy after a few round trips`(_ milliseconds: Double) {
        // What the server needs for the work alone; five round trips are left for the start and the end.
        let server = DistantServer(
            roundTrip: { _ in milliseconds / 1000 }, touchesPerSecond: 1000, namesPerSecond: 4000)
        let outcome = server.run(PassOptions(.rewrite))
        let busy = 5000.0 / 800
        #expect(outcome.seconds - busy < 5 * milliseconds / 1000)
    }

    @Test func `when latency rises it falls back`() {
        let server = DistantServer(
            roundTrip: { now in now < 4 ? 0.2 : 1.0 }, namespaces: Array(repeating: 250, count: 40))
        let limits = server.run(PassOptions(.rewrite)).limits
        #expect(limits[4] > 200)
        #expect(limits.last.map { $0 < 100 } ?? false)
    }

    @Test func `a refusal halves, however far the server is`() {
        let server = DistantServer(
            roundTrip: { _ in 0.2 }, refuses: 4..<4.3, namespaces: Array(repeating: 250, count: 40))
        let outcome = server.run(PassOptions(.rewrite))
        #expect(outcome.touched == 10_000)
        #expect(outcome.limits[5] <= outcome.limits[4] * 2 / 3)
    }

    @Test(arguments: [3, 64, 100])
    func `an explicit concurrency is the most`(_ concurrency: Int) {
        let outcome = outcome(
            milliseconds: 200, namespaces: [200, 200], options: PassOptions(.rewrite, concurrency: concurrency))
        #expect(outcome.touched == 400)
        #expect(outcome.most <= concurrency)
    }

    @Test func `one large namespace does not wait for its pages`() {
        let outcome = outcome(milliseconds: 200, namespaces: [10_000])
        #expect(outcome.perSecond > 800)
    }

    @Test func `many small namespaces are listed as fast as they are written`() {
        let outcome = outcome(milliseconds: 200, namespaces: Array(repeating: 5, count: 2000))
        #expect(outcome.perSecond > 500)
    }

    @Test(arguments: [100.0, 200])
    func `far away few names are ahead, of many namespaces side by side`(_ milliseconds: Double) {
        let server = DistantServer(
            roundTrip: { _ in milliseconds / 1000 }, wholeNamesPerSecond: nil,
            namespaces: Array(repeating: 250, count: 40))
        let outcome = server.run(PassOptions(.rewrite))
        #expect(outcome.touched == 10_000)
        #expect(outcome.mostOpen >= 32)
        #expect(outcome.mostAhead <= 800)
    }

    @Test func `the names of a single list far away are ahead by two of its pages`() {
        let outcome = outcome(milliseconds: 200, namespaces: [10_000])
        #expect(outcome.mostAhead <= 820)
        #expect(outcome.mostAhead > 500)
    }

    @Test func `near by namespaces are read one after the other`() {
        let outcome = outcome(milliseconds: 1)
        #expect(outcome.mostAhead <= 800)
        #expect(outcome.mostOpen < 20)
    }
}
