import HTTP
import Testing

@Test func `header names compare without case`() {
    var headers: HTTPHeaders = ["Content-Type": "application/json"]
    #expect(headers["content-type"] == "application/json")
    headers["CONTENT-TYPE"] = nil
    #expect(headers["Content-Type"] == nil)
}

@Test func `a Retry-After that is no number of seconds is not obeyed`() {
    #expect(HTTPResponse(status: 429, headers: ["Retry-After": "7"]).retryAfter == 7)
    #expect(HTTPResponse(status: 429, headers: ["Retry-After": "-1"]).retryAfter == nil)
    #expect(HTTPResponse(status: 429, headers: ["Retry-After": "inf"]).retryAfter == nil)
    #expect(HTTPResponse(status: 429, headers: ["Retry-After": "Mon, 23 Nov 2026 23:00:00 GMT"]).retryAfter == nil)
}
