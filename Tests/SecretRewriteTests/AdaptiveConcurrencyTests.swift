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
