/// How many requests may be under way, found by trying: additive increase, multiplicative decrease.
///
/// One decision is made per window, which is as many answers as the limit allows at once (at least eight):
/// - doubled each window until the first trouble, then one more each window: for each 50 ms of the way, since a window
///   takes a round trip at least; and a thirty-second, where that is more;
/// - above `atServer` only as far as the distance explains (below), and back to that when more would wait;
/// - halved when the server says that it is busy, or when the window's median latency has more than doubled over the
///   best window, and by more than a quarter of a second. Below that, latency is the queue that keeps a server busy
///   while answers travel: halving at 20 ms kept the limit between 2 and 30, at two thirds of what the server could do.
///
/// The distance: of the requests under way, rate times shortest latency are travelling or being worked on as by an idle
/// server (Little's law), and only the others wait. A near server that is busy never has more than `atServer` of ours;
/// one that is 200 ms away gets as many more as travel, and a longer queue. (TCP Vegas and FAST TCP keep their window
/// by the same sum.) The shortest latency never grows: on a way that becomes longer the limit stays too low rather than
/// too high.
///
/// The sum holds where requests come evenly. At first they come in bursts, with pauses in which the server idles, and a
/// window lasts as long as several small ones near by. Until a queue stands for the first time, the limit of a distant
/// server therefore also grows with each answer that came with hardly a wait. (So TCP's slow start ends with HyStart.)
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
    /// Seconds that the quickest answer took; nil before the first.
    package private(set) var shortest: Double?

    /// The most requests that are to wait at the server, or to be worked on by it; the others are on their way.
    static let atServer = 64

    /// Seconds; an API server is to answer writes within one second (Kubernetes' service level objective).
    private static let harmlessQueue = 0.250
    /// How many requests may wait at the server, and for how many seconds, while there are more than `atServer` under
    /// way. A slow server must not come near the queue that halves. To a distant one requests come in bursts: one at
    /// 100 ms did 797 a second with 140 under way, 887 with 180 and 933 with 250 (h2load), with less CPU for each.
    private static let nearQueue = (most: atServer, seconds: 0.125)
    private static let farQueue = (most: 160, seconds: 0.250)
    /// Seconds of the way from which on the API server is far away.
    static let far = 0.05
    /// The part of the way that a quick answer may take longer than the quickest: the queue empties.
    private static let hardly = 1.0 / 4
    /// Seconds of the way for which the limit grows by one after a trouble.
    private static let step = 0.050

    private var growsFast = true
    /// Until more than useful waited for the first time.
    private var isFilling = true
    /// Whether the limit, rather than a lack of names, held requests back in this window.
    private var wasFull = false
    private var latencies: [Double] = []
    private var reference: Double?

    package init(ceiling: Int, start: Int = 8) {
        self.ceiling = max(1, ceiling)
        limit = min(max(1, start), self.ceiling)
    }

    /// A request that is no work for the server was answered after so many seconds.
    ///
    /// What may wait at any server may do so at a distant one, where growing from the start would take several round
    /// trips.
    package mutating func reached(after latency: Double) {
        guard shortest == nil, latency >= Self.far else { return }
        shortest = latency
        limit = max(limit, min(Self.atServer, ceiling))
    }

    /// Whether the API server is so far away that a round trip is what counts.
    package var isFar: Bool { shortest.map { $0 >= Self.far } ?? false }

    /// An answer came after `latency` seconds.
    /// - Parameter underWay: the requests that were under way when it came, itself among them.
    package mutating func answered(latency: Double, underWay: Int) {
        latencies.append(latency)
        shortest = min(shortest ?? latency, latency)
        if underWay >= limit { wasFull = true }
        if isFilling, isFar, underWay >= limit, isQuick(latency) { growByOne() }
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
            limit = next(median: median)
        }
        wasFull = false
    }

    /// One more for each quick answer doubles the limit each round trip. Where the next round trip may bring more than
    /// the server can do, it is one more for two of them.
    private mutating func growByOne() {
        guard limit < Self.atServer * 2 || latencies.count.isMultiple(of: 2) else { return }
        limit = min(ceiling, limit + 1)
    }

    /// Whether an answer came with hardly a wait at the server.
    private func isQuick(_ latency: Double) -> Bool {
        shortest.map { latency - $0 < $0 * Self.hardly } ?? true
    }

    private mutating func next(median: Double) -> Int {
        let shortest = shortest ?? median
        let more = growsFast ? limit * 2 : limit + max(1, limit / 32, Int(shortest / Self.step))
        guard more > Self.atServer, median > 0 else { return min(ceiling, more) }
        let rate = Double(limit) / median
        let queue = isFar ? Self.farQueue : Self.nearQueue
        let useful = Int(rate * shortest) + min(queue.most, Int(rate * queue.seconds))
        if useful < limit { isFilling = false }
        // What was not used says nothing about a queue.
        return min(ceiling, max(Self.atServer, min(wasFull ? more : limit, useful)))
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
        isFilling = false
        epoch += 1
        limit = max(1, limit / 2)
        latencies.removeAll(keepingCapacity: true)
    }
}
