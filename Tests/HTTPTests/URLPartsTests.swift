import HTTP
import Testing

@Test func `a URL is cut and nothing of it is rewritten`() throws {
    let parts = try #require(URLParts("HTTPS://Host.Test:8443/a/../b?c=%2F#d"))
    #expect(parts.isHTTPS)
    #expect(parts.host == "Host.Test")
    #expect(parts.port == 8443)
    #expect(parts.rest == "/a/../b?c=%2F#d")
    #expect(parts.origin == "https://Host.Test:8443")
    #expect(URLParts("http://h")?.port == 80)
    #expect(URLParts("https://h?x")?.port == 443)
    #expect(URLParts("https://[::1]:1/")?.host == "::1")
    #expect(URLParts("https://[::1]:1/")?.bracketedHost == "[::1]")
}

@Test(arguments: [
    "", "h", "//h/", "https:/h", "https://", "https:///path", "https://:443", "https://h:", "https://h:0",
    "https://h:99999", "https://h:+80", "https://[1.2.3.4]/", "https://[::1]x", "https://[::1]:", "https://[]/",
    "https://h:1x", "https://u@h/", "https://[::1", "https://[h]/", "https://::1/", "https://a b/", "https://h/\n",
    "ftp://h/",
    "https://hö/",
])
func `what is no absolute web URL has no parts`(_ url: String) {
    #expect(URLParts(url) == nil)
}

@Test func `query values that may be secret are not shown, others are`() {
    #expect(
        RedactedURL.show("https://h/p?api-version=1&SIG=abc&access_token=d&flag&t=2#frag", secret: false)
            == "https://h/p?api-version=1&SIG=REDACTED&access_token=REDACTED&flag&t=REDACTED")
    #expect(RedactedURL.show("https://h/p?s%69g=abc", secret: false) == "https://h/p?s%69g=REDACTED")
    #expect(RedactedURL.show("https://h/p?x=y", secret: true) == "https://h")
    #expect(RedactedURL.show("https://u:p@h/", secret: false) == "(not a valid URL)")
}
