import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

private let path = "/subscriptions/s/x"
private let url = path + "?api-version=1"

@Test func `a call carries the token and the run's id`() async throws {
    let transport = ScriptedTransport([exchange(.get, url)])
    _ = try await client(transport).get(path, apiVersion: "1")
    let request = try #require(await transport.requests.first)
    #expect(request.headers["Authorization"] == "Bearer token-1")
    #expect(request.headers["x-ms-correlation-request-id"] == "run-1")
}

@Test func `a GET is repeated as the server asks, and then with growing waits`() async throws {
    let time = TestTime()
    let transport = ScriptedTransport([
        exchange(.get, url, 429, headers: ["Retry-After": "7"]), exchange(.get, url, 503), failure(.get, url, lost),
        exchange(.get, url, 200, "{\"a\":1}"),
    ])
    #expect(try await client(transport, time: time).get(path, apiVersion: "1")["a"]?.integer == 1)
    #expect(time.sleeps.all == [7, 2, 4])
}

@Test func `a GET gives up after six times and when the server asks for too long a wait`() async throws {
    let transport = ScriptedTransport((0..<6).map { _ in exchange(.get, url, 500) })
    let error = await #expect(throws: ARMError.self) { try await client(transport).get(path, apiVersion: "1") }
    #expect(error?.kind == .serverUnavailable)
    #expect(await transport.isFinished)
    let slow = ScriptedTransport([exchange(.get, url, 429, headers: ["Retry-After": "3600"])])
    let throttled = await #expect(throws: ARMError.self) { try await client(slow).get(path, apiVersion: "1") }
    #expect(throttled?.retryAfter == 3600)
}

@Test(arguments: [HTTPMethod.put, .patch])
func `a change is never sent twice`(method: HTTPMethod) async throws {
    let call = ARMCall(method, .path(path, apiVersion: "1", query: []), body: .object([:]))
    for reply in [exchange(method, url, 503), exchange(method, url, 429), failure(method, url, lost)] {
        let transport = ScriptedTransport([reply])
        await #expect(throws: ARMError.self) { try await client(transport).send(call) }
        #expect(await transport.requests.count == 1)
    }
}

@Test func `a 401 renews the token once, with the claims that were asked for`() async throws {
    let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#
    // The base64 of the claims above.
    let encoded = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ=="
    let challenge = #"Bearer realm="", error="insufficient_claims", claims="\#(encoded)""#
    let tokens = CountingTokens()
    let call = ARMCall(.put, .path(path, apiVersion: "1", query: []), body: .object([:]))
    let transport = ScriptedTransport([
        exchange(.put, url, 401, headers: ["WWW-Authenticate": challenge]), exchange(.put, url),
    ])
    _ = try await client(transport, tokens: tokens).send(call)
    #expect(await tokens.claims == [claims])
    #expect(await transport.requests.last?.headers["Authorization"] == "Bearer token-2")

    let stubborn = ScriptedTransport([exchange(.get, url, 401), exchange(.get, url, 401)])
    let error = await #expect(throws: ARMError.self) { try await client(stubborn).get(path, apiVersion: "1") }
    #expect(error?.kind == .unauthenticated)
}

@Test(arguments: [#"Bearer claims="%%%""#, #"Bearer claims="bm90IGpzb24=""#, "Bearer", #"Bearer claims=""#])
func `a challenge that cannot be read has no claims`(value: String) {
    #expect(claimsChallenge(in: HTTPResponse(status: 401, headers: ["WWW-Authenticate": value])) == nil)
}

@Test func `a list follows next links on ARM's own host only`() async throws {
    let next = testBase + "/subscriptions/s/x?api-version=1&$skiptoken=a%2Fb"
    let transport = ScriptedTransport([
        exchange(.get, url, 200, #"{"value":[1],"nextLink":"\#(next)"}"#),
        exchange(.get, next, 200, #"{"value":[2]}"#),
    ])
    #expect(try await client(transport).list(path, apiVersion: "1") == [.integer(1), .integer(2)])
    #expect(await transport.requests.last?.urlIsSecret == true)

    for foreign in ["https://evil.example/x", "http://management.azure.com/x", "https://management.azure.com@evil/"] {
        let hostile = ScriptedTransport([exchange(.get, url, 200, #"{"value":[],"nextLink":"\#(foreign)"}"#)])
        await #expect(throws: ARMError.self) { try await client(hostile).list(path, apiVersion: "1") }
        #expect(await hostile.requests.count == 1)
    }
}

@Test func `a list that goes in circles ends with an error`() async throws {
    let next = testBase + "/again"
    let transport = ScriptedTransport([
        exchange(.get, url, 200, #"{"value":[],"nextLink":"\#(next)"}"#),
        exchange(.get, next, 200, #"{"value":[],"nextLink":"\#(next)"}"#),
    ])
    await #expect(throws: ARMError.self) { try await client(transport).list(path, apiVersion: "1") }
}

@Test(arguments: ["", "[]", "{", "\"x\""])
func `an answer that is not an object is unreadable`(body: String) async throws {
    let transport = ScriptedTransport([exchange(.get, url, 200, body)])
    let error = await #expect(throws: ARMError.self) { try await client(transport).get(path, apiVersion: "1") }
    guard case .unreadableAnswer = error?.kind else {
        Issue.record("not unreadable: \(String(describing: error))")
        return
    }
}
