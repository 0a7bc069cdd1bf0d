package import HTTP

/// Keeps many runs of one process within the limits that AKS's resource provider has for all of them together, so that
/// Azure has nobody to turn away.
///
/// Source: https://learn.microsoft.com/azure/aks/quotas-skus-regions, "Throttling limits on AKS resource provider APIs":
/// GET of a cluster 60 at once and 1 a second for each cluster; status of operations 200 and 2 a second for each
/// subscription; every other request 60 and 1 a second for each subscription. Updates are limited for each cluster, and
/// one run sends but a few.
package actor ARMPace {
    /// A limit, and whom it counts for.
    struct Limit: Sendable, Hashable {
        var name: String
        var burst: Double
        var perSecond: Double
    }

    private struct Bucket {
        var level: Double
        var at: Double
    }

    /// The part of each limit that is used: others ask Azure as well.
    private static let share = 0.8

    private var buckets: [String: Bucket] = [:]
    private let timeScale: Double

    /// - Parameter timeScale: the factor of every wait; 1 against Azure.
    package init(timeScale: Double = 1) { self.timeScale = timeScale }

    /// Seconds to wait before a request may be sent; its place is taken.
    func delay(_ limit: Limit, now: Double) -> Double {
        let (burst, rate) = (limit.burst * Self.share, limit.perSecond * Self.share / timeScale)
        var bucket = buckets[limit.name] ?? Bucket(level: burst, at: now)
        bucket.level = min(burst, bucket.level + max(0, now - bucket.at) * rate) - 1
        bucket.at = now
        buckets[limit.name] = bucket
        return bucket.level >= 0 ? 0 : -bucket.level / rate
    }

    /// The limit that a request counts for; nil where it is none of AKS's.
    static func limit(_ method: HTTPMethod, _ url: String) -> Limit? {
        let path = url.prefix { $0 != "?" }.lowercased()
        let parts = path.split(separator: "/").map(String.init)
        // The last provider answers: what roles and locks a cluster has is not asked of AKS.
        guard let start = parts.firstIndex(of: "subscriptions"), start + 1 < parts.count,
            let word = parts.lastIndex(of: "providers"), word + 1 < parts.count,
            parts[word + 1] == "microsoft.containerservice"
        else { return nil }
        let subscription = parts[start + 1]
        let rest = parts[(word + 2)...]
        if rest.first == "locations", rest.contains("operations") || rest.contains("operationresults") {
            return Limit(name: "\(subscription) operations", burst: 200, perSecond: 2)
        }
        if rest.count == 2, rest.first == "managedclusters" {
            guard method == .get else { return nil }
            return Limit(name: parts[start...].joined(separator: "/"), burst: 60, perSecond: 1)
        }
        return Limit(name: "\(subscription) others", burst: 60, perSecond: 1)
    }
}

/// A transport that waits for a request's turn.
package struct PacedTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let pace: ARMPace
    private let time: Clocks

    package init(_ base: any HTTPTransport, pace: ARMPace, time: Clocks) {
        self.base = base
        self.pace = pace
        self.time = time
    }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if let limit = ARMPace.limit(request.method, request.url) {
            let delay = await pace.delay(limit, now: time.monotonic())
            if delay > 0 { try await wait(delay, request) }
        }
        return try await base.send(request)
    }

    private func wait(_ seconds: Double, _ request: HTTPRequest) async throws(TransportError) {
        do { try await time.sleep(seconds) } catch {
            throw TransportError(
                kind: .cancelled, origin: request.url.split(separator: "/").prefix(2).joined(separator: "//"),
                detail: "", mayHaveBeenSent: false)
        }
    }

    package func withNewConnection() -> any HTTPTransport {
        PacedTransport(base.withNewConnection(), pace: pace, time: time)
    }
}
