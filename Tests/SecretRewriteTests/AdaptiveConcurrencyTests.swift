import Testing

@testable import SecretRewrite

private func grown(_ pace: AdaptiveConcurrency, answers: Int, latency: Double) -> AdaptiveConcurrency {
    var pace = pace
    for _ in 0..<answers { pace.answered(latency: latency, underWay: pace.limit) }
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

@Test func `far away growth after a refusal is as quick as near by`() {
    var pace = grown(AdaptiveConcurrency(ceiling: 64), answers: 2000, latency: 0.200)
    pace.refused(startedIn: pace.epoch, pause: nil, now: 10)
    pace = grown(pace, answers: 32, latency: 0.200)
    #expect(pace.limit == 36)
}

@Test func `the longest pause that was asked for holds`() {
    var pace = AdaptiveConcurrency(ceiling: 64)
    pace.refused(startedIn: 0, pause: 5, now: 100)
    pace.refused(startedIn: 0, pause: 1, now: 101)
    #expect(pace.pausedUntil == 105)
    #expect(pace.limit == 4)
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

@Test func `a distant server begins with what may wait at any server, a near one with few`() {
    var far = AdaptiveConcurrency(ceiling: 400)
    far.reached(after: 0.200)
    #expect(far.limit == 64)
    #expect(far.isFar)
    var near = AdaptiveConcurrency(ceiling: 400)
    near.reached(after: 0.030)
    #expect(near.limit == 8)
    #expect(!near.isFar)
    var bounded = AdaptiveConcurrency(ceiling: 12)
    bounded.reached(after: 0.200)
    #expect(bounded.limit == 12)
}

@Test func `each quick answer of a distant server is one more, and a slow one is none`() {
    var pace = AdaptiveConcurrency(ceiling: 400)
    pace.reached(after: 0.200)
    for _ in 0..<60 { pace.answered(latency: 0.210, underWay: pace.limit) }
    #expect(pace.limit == 124)
    for _ in 0..<60 { pace.answered(latency: 0.260, underWay: pace.limit) }
    #expect(pace.limit == 124)
}

@Test func `quick answers to less than the limit allows are no reason for more`() {
    var pace = AdaptiveConcurrency(ceiling: 400)
    pace.reached(after: 0.200)
    for _ in 0..<60 { pace.answered(latency: 0.210, underWay: 30) }
    #expect(pace.limit == 64)
}

@Test func `once a queue has stood, quick answers alone are no reason for more`() {
    var pace = AdaptiveConcurrency(ceiling: 400)
    pace.reached(after: 0.200)
    while pace.limit < 300 { pace.answered(latency: 0.210, underWay: pace.limit) }
    pace = grown(pace, answers: 800, latency: 0.450)
    let settled = pace.limit
    #expect(settled < 300)
    for _ in 0..<20 { pace.answered(latency: 0.205, underWay: pace.limit) }
    #expect(pace.limit == settled)
}
