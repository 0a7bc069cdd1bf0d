import FoundationEssentials

/// The clocks, and the waiting, passed in so that tests need no time.
package struct Clocks: Sendable {
    /// Seconds since 1970: tokens end by the wall clock.
    package var wall: @Sendable () -> Double
    /// Seconds that never go back: waits are measured with it.
    package var monotonic: @Sendable () -> Double
    /// Waits for a number of seconds.
    package var sleep: @Sendable (Double) async throws(CancellationError) -> Void

    package init(
        wall: @escaping @Sendable () -> Double, monotonic: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Double) async throws(CancellationError) -> Void
    ) {
        self.wall = wall
        self.monotonic = monotonic
        self.sleep = sleep
    }

    /// The machine's own clocks.
    package static func system() -> Clocks {
        let start = ContinuousClock.now
        return Clocks(
            wall: { Date().timeIntervalSince1970 },
            monotonic: { (ContinuousClock.now - start) / .seconds(1) },
            sleep: { seconds throws(CancellationError) in
                do { try await Task.sleep(for: .seconds(seconds)) } catch { throw CancellationError() }
            })
    }
}
