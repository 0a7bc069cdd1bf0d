import AzureAccount
import HTTP
import Testing

@testable import AzureResources

private let url = testBase + "/op?s=SIG"
private let running = #"{"name":"x","status":"ReconcilingDNS","startTime":"t","endTime":"t"}"#

private func outcome(
    _ script: [ScriptedTransport.Exchange], timeout: Double = 3600, time: TestTime = TestTime()
) async throws -> OperationOutcome {
    let transport = ScriptedTransport(script)
    let outcome = try await client(transport, time: time).wait(
        for: OperationURL(verbatim: url), timeout: timeout, report: { _ in })
    #expect(await transport.isFinished)
    return outcome
}

@Test func `unknown stages are waited out, with the server's delay or five seconds`() async throws {
    let time = TestTime()
    let result = try await outcome(
        [
            exchange(.get, url, 200, #"{"status":"InProgress"}"#),
            exchange(.get, url, 200, headers: ["Retry-After": "1"], running),
            exchange(.get, url, 200, running), exchange(.get, url, 200, running), exchange(.get, url, 200, running),
            exchange(.get, url, 200, running), exchange(.get, url, 200, #"{"status":"SUCCEEDED"}"#),
        ], time: time)
    #expect(result == .succeeded)
    // The first second is for an operation that has only just begun.
    #expect(time.sleeps.all == [1, 5, 1.2, 5, 5, 5, 5])
}

@Test func `a server that asks for a poll a second is polled less often the longer it takes`() async throws {
    let time = TestTime()
    let slow = (0..<30).map { _ in exchange(.get, url, 200, headers: ["Retry-After": "1"], running) }
    _ = try await outcome(slow + [exchange(.get, url, 200, #"{"status":"Succeeded"}"#)], time: time)
    let waits = time.sleeps.all
    #expect(waits.prefix(6) == [1, 1, 1, 1, 1, 1] && waits == waits.sorted() && waits.suffix(3) == [5, 5, 5])
    var elapsed = 0.0
    for wait in waits {
        #expect(wait <= max(1, elapsed / 5) + 0.001)
        elapsed += wait
    }
}

@Test func `trouble on the way is waited out`() async throws {
    let result = try await outcome([
        exchange(.get, url, 502), failure(.get, url, lost), exchange(.get, url, 429, headers: ["Retry-After": "60"]),
        exchange(.get, url, 200, "garbage"), exchange(.get, url, 202, ""),
        exchange(.get, url, 200, #"{"status":"Succeeded"}"#),
    ])
    #expect(result == .succeeded)
}

@Test func `a failed operation tells why, a canceled one too`() async throws {
    let failed = try await outcome([
        exchange(
            .get, url, 200,
            #"{"status":"Failed","error":{"code":"InternalOperationError","message":"Internal server error"}}"#)
    ])
    guard case .failed(let error) = failed else {
        Issue.record("not failed: \(failed)")
        return
    }
    #expect(error.kind == .internalOperationError)
    let canceled = try await outcome([
        exchange(.get, url, 200, #"{"status":"Canceled","error":{"code":"Canceled","message":"by user"}}"#)
    ])
    guard case .canceled(let reason) = canceled else {
        Issue.record("not canceled: \(canceled)")
        return
    }
    #expect(reason.kind == .operationCanceled)
}

@Test func `an operation that ARM no longer knows is gone, not failed`() async throws {
    #expect(try await outcome([exchange(.get, url, 404, #"{"error":{"code":"NotFound"}}"#)]) == .gone)
}

@Test func `without an end in time the outcome is unknown`() async throws {
    let result = try await outcome(
        [exchange(.get, url, 200, running), exchange(.get, url, 200, running), exchange(.get, url, 200, running)],
        timeout: 7)
    #expect(result == .unknown(.timedOut(seconds: 7)))
}

@Test func `answers that stay unreadable, and a refusal, end as unknown`() async throws {
    let unreadable = try await outcome((0..<5).map { _ in exchange(.get, url, 200, #"{"status":7}"#) })
    guard case .unknown(.unreadable) = unreadable else {
        Issue.record("\(unreadable)")
        return
    }
    let refused = try await outcome([exchange(.get, url, 403, #"{"error":{"code":"AuthorizationFailed"}}"#)])
    guard case .unknown(.refused(let error)) = refused else {
        Issue.record("\(refused)")
        return
    }
    #expect(error.kind == .authorizationFailed && !"\(refused)".contains("SIG"))
}
