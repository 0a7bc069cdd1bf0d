import Testing

@testable import SecretRewrite

private func grown(_ pace: AdaptiveConcurrency, answers: Int, latency: Double) -> AdaptiveConcurrency {
    var pace = pace
    for _ in 0..<answers { pace.answered(latency: latency) }
    return pace
}

@Test func `it grows to its ceiling while latency is steady`() {
    let pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 2000, latency: 0.030)
    #expect(pace.limit == 64)
}

@Test func `a burst of refusals halves once and growth is slow after it`() {
    var pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 2000, latency: 0.030)
    let epoch = pace.epoch
    for _ in 0..<64 { pace.refused(startedIn: epoch, pause: nil, now: 10) }
    #expect(pace.limit == 32)
    pace = grown(pace, answers: 32, latency: 0.030)
    #expect(pace.limit == 33)
}

@Test func `the longest pause that was asked for holds`() {
    var pace = AdaptiveConcurrency(ceiling: 64)
    pace.refused(startedIn: 0, pause: 5, now: 100)
    pace.refused(startedIn: 0, pause: 1, now: 101)
    #expect(pace.pausedUntil == 105)
    #expect(pace.limit == 2)
}

@Test func `rising latency halves, and never below one`() {
    var pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 400, latency: 0.010)
    let before = pace.limit
    pace = grown(pace, answers: before, latency: 0.6)
    #expect(pace.limit == before / 2)
    for _ in 0..<20 { pace.refused(startedIn: pace.epoch, pause: nil, now: 0) }
    #expect(pace.limit == 1)
}

@Test func `a cluster of large Secrets is slowed down but not for ever`() {
    var pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 400, latency: 0.010)
    pace = grown(pace, answers: 300, latency: 0.6)
    #expect(pace.limit <= 16)
    pace = grown(pace, answers: 3000, latency: 0.6)
    #expect(pace.limit > 16)
}

@Test func `the queue of a near server that is kept busy is no congestion`() {
    var pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 200, latency: 0.002)
    pace = grown(pace, answers: 400, latency: 0.120)
    #expect(pace.limit == 64)
}

@Test func `the bucket lets exactly its rate through`() {
    var bucket = TokenBucket(perSecond: 10, now: 0)
    var now = 0.0
    var sent = 0
    while now < 10 {
        let ready = bucket.ready(now: now)
        if ready > now {
            now = ready
            continue
        }
        bucket.take()
        sent += 1
    }
    #expect((99...102).contains(sent))
}

@Test func `a rate below one a second still moves`() {
    var bucket = TokenBucket(perSecond: 0.1, now: 0)
    #expect(bucket.ready(now: 0) == 0)
    bucket.take()
    #expect(bucket.ready(now: 0) == 10)
    #expect(bucket.ready(now: 10) == 10)
}

@Test func `a pass keeps to its rate`() async {
    let clock = SteppingClock()
    let cluster = ModelCluster(["a": 100])
    let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite, requestsPerSecond: 10))
    #expect(result.isClean)
    #expect(clock.seconds - 1000 >= 10)
}
