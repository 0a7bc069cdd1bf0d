import Console
import Glibc
import ModeSwitch
import Report
import TestDoubles
import Testing

private let plain80 = Terminal(isTerminal: true, width: 80)
private let pipe80 = Terminal(isTerminal: false)
private let tty = Terminal(isTerminal: true, width: 80, color: true)

@Test func `the live block shows step, bar, rate and the open window`() {
    let intent = makeIntent()
    var state = makeState(intent)
    #expect(state.draw(on: plain80, now: 0).isEmpty)
    state.apply(.step(.change(intent.offProfile), .encrypted), now: 100)
    #expect(state.draw(on: plain80, now: 105) == ["Turning KMS off  5 s  (step 2 of 7, about 33 min left)"])
    state.apply(.step(.rewrite(.rewrite), .mixed), now: 110)
    state.apply(.pass(.rewrite, makeProgress(done: 500, total: 2000)), now: 111)
    #expect(
        state.draw(on: plain80, now: 115) == [
            "Rewriting Secrets (now plaintext)  5 s  (step 3 of 7, about 22 min left)",
            "  [######------------------] 25%  500 of 2000 Secrets, 500/s, 3 s left", "  Secrets are exposed: 5 s",
        ])
    #expect(state.draw(on: tty, now: 115).last == "\u{1B}[1;31m  Secrets are exposed: 5 s\u{1B}[0m")
    state.apply(.step(.prove, .encrypted), now: 120)
    #expect(state.draw(on: tty, now: 121) == ["Proving the result  1 s  (step 7 of 7, about 10 min left)"])
}

@Test(arguments: [1, 5, 20, 40, 200]) func `no drawn line is wider than the terminal`(width: Int) {
    var state = makeState(makeIntent(), exposedSince: 0)
    state.apply(.step(.wait(.operation(String(repeating: "長", count: 70))), .mixed), now: 0)
    state.apply(.pass(.verify, makeProgress(done: 1, total: nil, rate: nil)), now: 0)
    for line in state.draw(on: Terminal(isTerminal: true, width: width, color: false), now: 1e6) {
        #expect(displayWidth(line) < max(2, width))
    }
}

@Test func `a pass of unknown length that has just begun shows no count`() {
    var state = ProgressState(work: "Preflight")
    state.apply(.pass(.rewrite, makeProgress(done: 0, total: nil, rate: nil)), now: 0)
    #expect(state.line(now: 1) == "Preflight")
    state.apply(.pass(.rewrite, makeProgress(done: 7, total: nil, rate: nil)), now: 2)
    #expect(state.line(now: 3) == "Preflight: 7 Secrets")
}

@Test func `odd numbers draw`() {
    var state = makeState(makeIntent())
    state.apply(.step(.soak, .encrypted), now: 0)
    for wanted in [0, -1, Double.nan, .infinity] {
        state.apply(.soaking(elapsed: .infinity, wanted: wanted, writes: 0), now: 0)
        #expect(!state.draw(on: plain80, now: -.infinity).isEmpty)
    }
    state.apply(.pass(.verify, makeProgress(done: 9, total: 3, rate: .infinity)), now: 0)
    #expect(!state.draw(on: plain80, now: .nan).isEmpty)
}

@Test func `a window that an earlier run left open is counted from its start`() {
    let intent = makeIntent()
    var state = makeState(intent, exposedSince: 1000, kmsIsOn: false)
    state.apply(.step(.rewrite(.rewrite), .mixed), now: 1060)
    #expect(state.line(now: 1060) == "Rewriting Secrets (now plaintext) [step 3 of 7] [exposed for 1 min]")
}

@Test func `without a terminal there is a line a step and at most one in ten seconds`() {
    let screen = Screen()
    let progress = screen.progress(makeIntent(), terminal: pipe80)
    progress.take(.step(.wait(.operation("Updating")), .encrypted))
    progress.take(.step(.wait(.operation("Updating")), .encrypted))
    for _ in 0..<25 {
        screen.advance(1)
        progress.take(.operation(stage: nil, elapsed: screen.now - 1000, trouble: nil))
    }
    progress.take(.step(.prove, .encrypted))
    progress.tick()
    #expect(
        screen.written == """
            1970-01-01T00:16:40Z Waiting for Azure: the cluster is Updating [step 1 of 7]
            1970-01-01T00:16:50Z Waiting for Azure: the cluster is Updating: 10 s [step 1 of 7]
            1970-01-01T00:17:00Z Waiting for Azure: the cluster is Updating: 20 s [step 1 of 7]
            1970-01-01T00:17:05Z Proving the result [step 7 of 7]

            """)
}

@Test func `a log names work that has nothing to count`() {
    let screen = Screen()
    let progress = TerminalProgress(
        ProgressState(work: "Preflight"), writer: screen.writer, terminal: { pipe80 }, now: { screen.now })
    progress.take(.began)
    progress.take(.began)
    #expect(screen.written == "1970-01-01T00:16:40Z Preflight\n")
}

@Test func `samples are shown with how far admission was asked beside them, and only in their own step`() {
    var state = makeState(makeIntent())
    state.apply(.step(.converge(.baseline), .encrypted), now: 100)
    state.apply(.sampling(done: 12, streak: 12, wanted: 60, isNew: true), now: 101)
    state.apply(.admission(makeProgress(done: 500, total: 2000)), now: 102)
    state.apply(.sampling(done: 13, streak: 13, wanted: 60, isNew: true), now: 103)
    #expect(state.detail == "13 samples, 13 of 60 in a row are new; admission: 500 of 2000 Secrets, 500/s, 3 s left")
    state.apply(.step(.check(.disable), .encrypted), now: 110)
    #expect(state.detail == "")
}

@Test func `on a terminal the block is erased before it is drawn again`() {
    let screen = Screen()
    let progress = screen.progress(makeIntent(), terminal: tty)
    progress.take(.step(.prove, .encrypted))
    progress.tick()
    progress.take(.warning("bad\u{1B}[2J"))
    progress.end()
    progress.end()
    let block = "Proving the result  0 s  (step 7 of 7, about 11 min left)\n"
    #expect(
        screen.written
            == "\(block)\u{1B}[1F\u{1B}[J\(block)\u{1B}[1F\u{1B}[Jwarning: bad\\u{1b}[2J\n\(block)\u{1B}[1F\u{1B}[J")
}

@Test(arguments: [(true, "\u{2713}"), (false, "done:")])
func `a step that is over stays with its time and a mark that the terminal can show`(
    _ unicode: Bool, _ mark: String
) {
    let screen = Screen()
    let progress = screen.progress(
        makeIntent(), terminal: Terminal(isTerminal: true, width: 80, color: false, unicode: unicode))
    progress.take(.step(.change(makeIntent().offProfile), .encrypted))
    screen.advance(62)
    progress.take(.step(.rewrite(.rewrite), .mixed))
    #expect(screen.written.contains("\(mark) Turning KMS off  1 min 2 s\n"), "\(screen.written)")
}

@Test func `no remaining time is shown once a step takes longer than planned`() {
    let intent = makeIntent()
    var state = makeState(intent)
    state.apply(.step(.change(intent.offProfile), .encrypted), now: 0)
    #expect(state.draw(on: plain80, now: 659)[0].contains("left"))
    #expect(!state.draw(on: plain80, now: 661)[0].contains("left"))
}

@Test func `colour marks what must not be overlooked, and nothing without a terminal`() {
    let text = "error: it failed\nSecrets are PLAINTEXT\nREFUSE   locks   one\nall is well"
    #expect(emphasized(text, on: plain80) == text && emphasized(text, on: pipe80) == text)
    func red(_ text: String) -> String { "\u{1B}[1;31m\(text)\u{1B}[0m" }
    #expect(
        emphasized(text, on: tty)
            == "\(red("error:")) it failed\nSecrets are \(red("PLAINTEXT"))\n\(red("REFUSE"))   locks   one\nall is well"
    )
}

@Test func `work that is one step shows its time from its beginning`() {
    let screen = Screen()
    let progress = TerminalProgress(
        ProgressState(work: "Preflight"), writer: screen.writer, terminal: { tty }, now: { screen.now })
    progress.tick()
    screen.advance(70)
    progress.tick()
    #expect(screen.written.hasPrefix("Preflight  0 s\n") && screen.written.hasSuffix("Preflight  1 min 10 s\n"))
}

@Test func `quiet shows warnings only, and traces appear up to their level`() throws {
    let events: [RunEvent] = [
        .step(.prove, .encrypted), .note("a note"), .warning("a warning"), .trace(level: 2, "GET /a"),
        .trace(level: 6, "GET /b"),
        .secretFailed(try makeFailure(namespace: "n", name: "s", cause: "hook"), detail: "no\r"),
    ]
    func shown(_ verbosity: Verbosity) -> String {
        let screen = Screen()
        let progress = screen.progress(makeIntent(), terminal: pipe80, verbosity: verbosity)
        for event in events { progress.take(event) }
        return screen.written
    }
    func log(_ lines: String...) -> String { lines.map { "1970-01-01T00:16:40Z \($0)\n" }.joined() }
    let (step, failure) = ("Proving the result [step 7 of 7]", "not rewritten: n/s: denied, no\\u{d}")
    #expect(shown(.quiet) == log("warning: a warning"))
    #expect(shown(.normal) == log(step, "a note", "warning: a warning", failure))
    #expect(shown(.traced(4)) == log(step, "a note", "warning: a warning", "GET /a", failure))
}

@Test func `a descriptor takes all bytes, and one that is closed is no error for the run`() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let writer = TextWriter.descriptor(ends[1])
    #expect(writer.write("hello"))
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(ends[0], &buffer, 16) == 5)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    #expect(!writer.write(String(repeating: "x", count: 1 << 20)))
    // SIGPIPE is the process's business: here it is ignored as the program does it.
    let before = signal(SIGPIPE, SIG_IGN)
    close(ends[0])
    #expect(!writer.write("gone"))
    signal(SIGPIPE, before)
    close(ends[1])
}

@Test func `what is no terminal gets no color and no block`() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    #expect(Terminal.of(ends[1], environment: ["TERM": "xterm"]) == Terminal(isTerminal: false))
    close(ends[0])
    close(ends[1])
}
