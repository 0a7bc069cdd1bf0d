import Foundation

/// A token bucket, as the AKS resource provider throttles by.
struct TokenBucket: Sendable {
    var level: Double
    var filled: Date

    /// Takes one; answers the seconds to wait if there is none.
    mutating func take(burst: Double, perSecond: Double, now: Date) -> Double? {
        level = min(burst, level + now.timeIntervalSince(filled) * perSecond)
        filled = now
        guard level >= 1 else { return (1 - level) / perSecond }
        level -= 1
        return nil
    }
}

extension StandIn {
    /// The limits of the AKS documentation (quotas-skus-regions), per cluster or subscription, scaled.
    func throttle(_ name: String, burst: Double, perSecond: Double) throws {
        guard configuration.throttles else { return }
        let now = configuration.now()
        let rate = configuration.timeScale > 0 ? perSecond / configuration.timeScale : .infinity
        guard rate.isFinite else { return }
        var bucket = buckets[name] ?? TokenBucket(level: burst, filled: now)
        let wait = bucket.take(burst: burst, perSecond: rate, now: now)
        buckets[name] = bucket
        if let wait { throw AzureError.throttled(after: max(1, Int(wait.rounded(.up)))) }
    }
}
