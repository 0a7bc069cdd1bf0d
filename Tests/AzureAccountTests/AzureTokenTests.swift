import Testing

@testable import AzureAccount

@Test func `a token shows nothing of itself`() {
    let token = AzureToken(secret: "canary", expiresAt: 5)
    #expect(!"\(token)\(String(reflecting: token))".contains("canary"))
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("canary"))
}
