import Console
import JSON
import ModeSwitch
import Report
import Testing

@Test func `each event is one line of JSON with its kind and time`() throws {
    let events: [(RunEvent, [String])] = [
        (.step(.prove, .encrypted), ["at", "event", "secretsAtRest", "title"]),
        (.began, ["at", "event", "title"]),
        (
            .admission(makeProgress(done: 1, total: nil)),
            ["at", "done", "event", "notRewritten", "purpose", "rate", "remaining", "total", "trouble"]
        ),
        (.operation(stage: nil, elapsed: 1, trouble: "x\u{1B}"), ["at", "elapsed", "event", "stage", "trouble"]),
        (.sampling(done: 1, streak: 1, wanted: 60, isNew: true), ["at", "done", "event", "isNew", "streak", "wanted"]),
        (
            .pass(.verify, makeProgress(done: 1, total: nil)),
            ["at", "done", "event", "notRewritten", "purpose", "rate", "remaining", "total", "trouble"]
        ),
        (
            .secretFailed(try makeFailure(namespace: "n", name: "s", cause: "hook"), detail: "no\nyes"),
            ["at", "cause", "detail", "event", "name", "namespace", "outcome"]
        ), (.soaking(elapsed: 1, wanted: 2, writes: 3), ["at", "elapsed", "event", "wanted", "writes"]),
        (.note("n\n"), ["at", "event", "text"]), (.warning("w"), ["at", "event", "text"]),
        (.trace(level: 6, "t"), ["at", "event", "level", "text"]),
    ]
    for (event, names) in events {
        let line = jsonLine(event.document(title: "Proving the result", now: 1_700_000_000))
        #expect(line.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        let document = try JSONValue(parsing: Array(line.utf8))
        #expect(document.object?.keys.sorted() == names)
        #expect(document["at"] == .string("2023-11-14T22:13:20Z"))
    }
    let step = RunEvent.step(.prove, .encrypted).document(title: "Proving the result", now: 1)
    #expect(step["title"] == .string("Proving the result"))
}

@Test func `a number that JSON cannot hold does not lose the line`() throws {
    let line = jsonLine(RunEvent.soaking(elapsed: .infinity, wanted: .nan, writes: 3).document(title: nil, now: .nan))
    let document = try JSONValue(parsing: Array(line.utf8))
    #expect(document["event"] == .string("soaking"))
    #expect(document["elapsed"] == nil)
}
