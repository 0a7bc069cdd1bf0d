/// Where a pass is, as a value for whoever shows it.
package struct PassProgress: Sendable, Hashable {
    package var kind: PassKind
    /// Secrets with an outcome.
    package var done: Int
    /// Secrets in all, as far as can be told; nil while namespaces are still unread and nobody has counted.
    package var total: Int?
    package var counts: OutcomeCounts
    package var namespacesDone: Int
    package var namespaces: Int
    /// Secrets a second, over about the last ten seconds; nil before there is anything to measure.
    package var rate: Double?
    /// Requests that may be under way at once.
    package var concurrency: Int
    /// Whether the server has asked everybody to wait.
    package var isPaused: Bool
    /// Why it does not go on, or has ended early, in words that may be the server's: to be shown, not kept.
    package var trouble: String?
    /// Seconds since the start.
    package var elapsed: Double

    /// Seconds to go at the present rate.
    package var remaining: Double? {
        guard let total, let rate, rate > 0 else { return nil }
        return Double(max(0, total - done)) / rate
    }
}

/// The speed of the last ten seconds, from samples half a second or more apart.
struct RateMeter: Sendable {
    private var samples: [(time: Double, done: Int)] = []

    mutating func record(_ done: Int, now: Double) {
        if let last = samples.last, now - last.time < 0.5 { return }
        samples.append((now, done))
        while samples.count > 2, let first = samples.first, now - first.time > 10 { samples.removeFirst() }
    }

    func rate(_ done: Int, now: Double) -> Double? {
        guard let first = samples.first, now - first.time >= 0.5, done > first.done else { return nil }
        return Double(done - first.done) / (now - first.time)
    }
}

/// Who is told while a pass runs. Both are called from the pass's own task, so they must be quick.
package struct PassObserver: Sendable {
    /// Called about four times a second and at the end.
    package var progress: @Sendable (PassProgress) -> Void
    /// Called once for each failure, with the server's own words, which are kept nowhere else.
    package var failure: @Sendable (SecretFailure, _ detail: String) -> Void

    package init(
        progress: @escaping @Sendable (PassProgress) -> Void = { _ in },
        failure: @escaping @Sendable (SecretFailure, String) -> Void = { _, _ in }
    ) {
        self.progress = progress
        self.failure = failure
    }
}

/// The time that a pass goes by, so that tests need not wait.
package protocol PassClock: Sendable {
    /// Monotonic seconds from any origin.
    var seconds: Double { get }
    /// Returns at that moment, or early when the task is cancelled.
    func sleep(until seconds: Double) async
}
