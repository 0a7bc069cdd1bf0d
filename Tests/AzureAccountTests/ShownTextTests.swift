import Testing

@testable import AzureAccount

@Test func `a server's text cannot move the cursor and is cut between characters`() {
    #expect(shownText("a\u{1b}[2J\r\nb\u{202e}c") == "a [2J  bc")
    #expect(shownText("üü", limit: 3) == "ü…")
    #expect(shownText("abc", limit: 3) == "abc")
}

@Test func `a token shows nothing of itself`() {
    let token = AzureToken(secret: "canary", expiresAt: 5)
    #expect(!"\(token)\(String(reflecting: token))".contains("canary"))
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("canary"))
}
