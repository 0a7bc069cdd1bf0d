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
