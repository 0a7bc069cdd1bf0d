import HTTP
import Testing

private func failed(_ kind: TransportError.Kind, sent: Bool) -> Result<HTTPResponse, TransportError> {
    .failure(TransportError(kind: kind, origin: "https://h", detail: "", mayHaveBeenSent: sent))
}

private func answered(_ status: Int, retryAfter: String? = nil) -> Result<HTTPResponse, TransportError> {
    .success(HTTPResponse(status: status, headers: retryAfter.map { ["Retry-After": $0] } ?? [:]))
}

private let policy = RetryPolicy(maximumAttempts: 4, firstDelay: 1, longestDelay: 3, longestRetryAfter: 300)

@Test(
    arguments: [
        (408, nil, true), (429, nil, true), (429, "7", true), (500, nil, false), (500, "1", true), (502, nil, true),
        (503, nil, true), (504, nil, true), (501, "1", false), (200, "1", false), (404, nil, false), (409, "1", false),
    ] as [(Int, String?, Bool)])
func `only what asks to come again is repeated, and only if repeating does no harm`(
    _ status: Int, _ retryAfter: String?, _ again: Bool
) {
    let outcome = answered(status, retryAfter: retryAfter)
    let decision = policy.decide(.repeatable, attempt: 1, outcome: outcome, random: 0.5)
    #expect((decision != .give) == again)
    #expect(policy.decide(.onlyIfUnsent, attempt: 1, outcome: outcome, random: 0.5) == .give)
}

@Test(arguments: [
    TransportError.Kind.couldNotConnect, .couldNotResolve, .tlsFailed, .proxyFailed, .timedOut, .connectionLost,
])
func `a failure of the connection is repeated by anyone if nothing was sent`(_ kind: TransportError.Kind) {
    let sent = failed(kind, sent: true)
    let unsent = failed(kind, sent: false)
    #expect(policy.decide(.onlyIfUnsent, attempt: 1, outcome: unsent, random: 1) == .retry(after: 1))
    #expect(policy.decide(.onlyIfUnsent, attempt: 1, outcome: sent, random: 1) == .give)
    #expect(policy.decide(.repeatable, attempt: 1, outcome: sent, random: 1) == .retry(after: 1))
}

@Test(arguments: [TransportError.Kind.badURL, .certificateRefused, .bodyTooLarge(limit: 1), .cancelled, .other])
func `a failure that will be the same again is not repeated`(_ kind: TransportError.Kind) {
    #expect(policy.decide(.repeatable, attempt: 1, outcome: failed(kind, sent: false), random: 1) == .give)
}

@Test func `waits double up to their bound, with full jitter, and end`() {
    let waits = (1...4).map { policy.decide(.repeatable, attempt: $0, outcome: answered(503), random: 0.5) }
    #expect(waits == [.retry(after: 0.5), .retry(after: 1), .retry(after: 1.5), .give])
    #expect(policy.decide(.repeatable, attempt: 1, outcome: answered(503), random: 0) == .retry(after: 0))
    let huge = RetryPolicy(maximumAttempts: .max, longestDelay: 9)
    #expect(huge.decide(.repeatable, attempt: 1_000_000, outcome: answered(503), random: 1) == .retry(after: 9))
}

@Test func `Retry-After is waited for at least, up to a bound beyond which the answer is given`() {
    func decision(_ value: String) -> RetryPolicy.Decision {
        policy.decide(.repeatable, attempt: 1, outcome: answered(429, retryAfter: value), random: 1)
    }
    #expect(decision("20") == .retry(after: 20))
    #expect(decision("0") == .retry(after: 1))
    #expect(decision("300") == .retry(after: 300))
    #expect(decision("301") == .give)
    #expect(decision("soon") == .retry(after: 1))
}
