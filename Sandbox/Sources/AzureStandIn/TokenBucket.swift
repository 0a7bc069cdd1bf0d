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

/// The limits of the AKS resource provider in a region (AKS documentation, quotas-skus-regions).
struct RequestLimit: Sendable {
    /// What it counts, with the resource for which it does.
    var bucket: String
    var burst: Double
    var perSecond: Double

    static func putCluster(_ id: ResourceID) -> RequestLimit {
        RequestLimit(bucket: "put:\(id)".lowercased(), burst: 20, perSecond: 1.0 / 60)
    }

    static func getCluster(_ id: ResourceID) -> RequestLimit {
        RequestLimit(bucket: "get:\(id)".lowercased(), burst: 60, perSecond: 1)
    }

    /// - Parameter group: nil for a list of the whole subscription.
    static func list(_ subscription: String, group: String?) -> RequestLimit {
        RequestLimit(
            bucket: "list:\(subscription)/\(group ?? "")".lowercased(), burst: group == nil ? 500 : 60, perSecond: 1)
    }

    static func operationStatus(_ subscription: String) -> RequestLimit {
        RequestLimit(bucket: "operation:\(subscription)".lowercased(), burst: 200, perSecond: 2)
    }

    /// All other requests of a subscription.
    static func other(_ subscription: String) -> RequestLimit {
        RequestLimit(bucket: "other:\(subscription)".lowercased(), burst: 60, perSecond: 1)
    }
}

extension StandIn {
    /// Takes from the bucket of a limit, whose rate is scaled.
    func throttle(_ limit: RequestLimit) throws {
        guard configuration.throttles else { return }
        let now = configuration.now()
        let rate = configuration.timeScale > 0 ? limit.perSecond / configuration.timeScale : .infinity
        guard rate.isFinite else { return }
        var bucket = buckets[limit.bucket] ?? TokenBucket(level: limit.burst, filled: now)
        let wait = bucket.take(burst: limit.burst, perSecond: rate, now: now)
        buckets[limit.bucket] = bucket
        if let wait { throw AzureError.throttled(after: max(1, Int(wait.rounded(.up)))) }
    }
}
