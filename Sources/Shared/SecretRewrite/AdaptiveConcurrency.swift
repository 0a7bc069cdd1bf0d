/// How many requests may be under way, found by trying: additive increase, multiplicative decrease.
///
/// One decision is made per window, which is as many answers as the limit allows at once (at least eight):
/// - doubled each window until the first trouble, then one more each window;
/// - halved when the server says that it is busy, or when the window's median latency has more than doubled over the
///   best window, and by more than a quarter of a second. Below that, latency is the queue that keeps a server busy
///   while answers travel: halving at 20 ms kept the limit between 2 and 30, at two thirds of what the server could do.
///
/// The sizes of Secrets are unknown by design, since nothing that would tell them is ever asked for. Large Secrets show
/// as latency instead, and so are written with fewer requests at a time. After a halving the reference latency is
/// raised by a quarter, so that a cluster whose Secrets are all large does not stay at one request for ever.
package struct AdaptiveConcurrency: Sendable, Hashable {
    /// The most requests that are ever under way.
    package let ceiling: Int
    /// How many requests may be under way now, from 1 to the ceiling.
    package private(set) var limit: Int
    /// Grows with each halving. A request carries the epoch of its start, so that the refusals of one burst halve once.
    package private(set) var epoch = 0
    /// No request starts before this moment, in seconds of the caller's clock: the last `Retry-After`.
    package private(set) var pausedUntil: Double = 0

    /// Seconds; an API server is to answer writes within one second (Kubernetes' service level objective).
    private static let harmlessQueue = 0.250

    private var growsFast = true
    private var latencies: [Double] = []
    private var reference: Double?

    package init(ceiling: Int, start: Int = 4) {
        self.ceiling = max(1, ceiling)
        limit = min(max(1, start), self.ceiling)
    }

    /// An answer came after `latency` seconds.
    package mutating func answered(latency: Double) {
        latencies.append(latency)
        guard latencies.count >= max(8, limit) else { return }
        latencies.sort()
        let median = latencies[latencies.count / 2]
        latencies.removeAll(keepingCapacity: true)

        let best = min(reference ?? median, median)
        if median > best * 2 + Self.harmlessQueue {
            reference = best * 1.25
            halve()
        } else {
            reference = best
            limit = min(ceiling, growsFast ? limit * 2 : limit + 1)
        }
    }

    /// The server was busy or the connection was lost.
    /// - Parameters:
    ///   - startedIn: the epoch in which the request was started.
    ///   - pause: seconds during which the server wants no requests from anybody here.
    package mutating func refused(startedIn: Int, pause: Double?, now: Double) {
        if let pause { pausedUntil = max(pausedUntil, now + pause) }
        if startedIn == epoch { halve() }
    }

    private mutating func halve() {
        growsFast = false
        epoch += 1
        limit = max(1, limit / 2)
        latencies.removeAll(keepingCapacity: true)
    }
}

/// A cap on requests per second: a bucket that holds a tenth of a second's worth, at least one.
package struct TokenBucket: Sendable, Hashable {
    package let perSecond: Double
    private var tokens: Double
    private var filledAt: Double

    /// - Parameter perSecond: more than zero.
    package init(perSecond: Double, now: Double) {
        self.perSecond = perSecond
        tokens = max(1, perSecond / 10)
        filledAt = now
    }

    /// The moment from which a request may start: `now` or later.
    package mutating func ready(now: Double) -> Double {
        tokens = min(max(1, perSecond / 10), tokens + max(0, now - filledAt) * perSecond)
        filledAt = max(filledAt, now)
        // A token short by a rounding error is a whole one, or the wait for the rest would be zero for ever.
        return tokens > 1 - 1e-6 ? now : now + (1 - tokens) / perSecond
    }

    /// Takes a token for a request that starts.
    package mutating func take() { tokens -= 1 }
}
