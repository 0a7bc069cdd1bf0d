import Testing

@testable import SecretRewrite

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
