import Curl
import Foundation
import HTTP
import Testing

@Suite(.enabled(if: Tool.hasServer, "python3 and openssl serve these tests"))
struct RequestTests {
    @Test(arguments: [HTTPMethod.put, .patch, .post, .delete])
    func `a body arrives with its method and its own headers`(_ method: HTTPMethod) async throws {
        let loopback = try Loopback()
        let request = HTTPRequest(
            method, loopback.server.url("/echo?a=%2Fb/../c"), headers: ["Content-Type": "application/merge-patch+json"],
            body: Array("{}".utf8))
        let echo = try Echo(try await loopback.transport().send(request))
        #expect(echo.method == method.rawValue)
        #expect(echo.target == "/echo?a=%2Fb/../c")
        #expect(echo.body == "{}")
        #expect(echo.headers["content-type"] == "application/merge-patch+json")
        #expect(echo.headers["user-agent"] == "curl-tests/1")
        #expect(echo.headers["expect"] == nil)
        #expect(echo.headers["accept-encoding"] == nil)
    }

    @Test func `methods may change from one request to the next on one handle`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport { $0.connectionsPerHost = 1 }
        let url = loopback.server.url("/echo")
        let methods: [HTTPMethod] = [.post, .get, .delete, .put, .get, .patch]
        for method in methods {
            let body: [UInt8] = method == .get || method == .delete ? [] : Array("body".utf8)
            let echo = try Echo(try await transport.send(HTTPRequest(method, url, body: body)))
            #expect(echo.method == method.rawValue)
            #expect(echo.body == String(decoding: body, as: UTF8.self))
            #expect(echo.headers["content-type"] == nil)
            #expect(echo.connection == 1)
        }
        let empty = try Echo(try await transport.send(HTTPRequest(.put, url)))
        #expect(empty.headers["content-length"] == "0")
    }

    @Test func `headers of one request do not stay for the next`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        let url = loopback.server.url("/echo")
        let first = try Echo(
            try await transport.send(HTTPRequest(.get, url, headers: ["Authorization": "Bearer one", "X-Empty": ""])))
        #expect(first.headers["authorization"] == "Bearer one")
        #expect(first.headers["x-empty"] == "")
        let second = try Echo(try await transport.send(HTTPRequest(.get, url)))
        #expect(second.headers["authorization"] == nil)
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-Evil: 1"), ("X-A", "b\nX-Evil: 1"), ("X-A\r\nX-Evil", "b"), ("X-A:", "b"), ("", "b"),
        ("X-A", "b\0c"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked"),
    ])
    func `a header that could become another is refused unsent`(_ name: String, _ value: String) async throws {
        let loopback = try Loopback()
        let request = HTTPRequest(.get, loopback.server.url("/echo"), headers: [name: value])
        let error = try #require(await failure(try loopback.transport(), request))
        #expect(error.kind == .other)
        #expect(!error.mayHaveBeenSent)
        #expect(!error.description.contains("Evil"))
        #expect(try await loopback.seen().requests.isEmpty)
    }

    @Test(arguments: [
        "", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "https://user:word@127.0.0.1/",
        "https://a b/",
        "https://127.0.0.1:0/", "https://127.0.0.1:65536/", "https://h/\r\nX: y", "https://[::1", "https://ünï.test/",
    ])
    func `what is no URL is refused unsent`(_ url: String) async throws {
        let transport = CurlTransport(settings: TransportSettings(trust: .system(bundlePath: nil)), userAgent: "t")
        let error = try #require(await failure(transport, HTTPRequest(.get, url)))
        #expect(error.kind == .badURL)
        #expect(!error.mayHaveBeenSent)
        #expect(!error.description.contains("word"))
    }

    @Test func `a redirect is an answer, not an order`() async throws {
        let loopback = try Loopback()
        let response = try await loopback.transport().send(HTTPRequest(.get, loopback.server.url("/redirect")))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "/echo")
        #expect(try await loopback.seen().requests == ["GET /redirect"])
    }

    @Test func `an interim answer leaves no header in the final one`() async throws {
        let loopback = try Loopback()
        let response = try await loopback.transport().send(HTTPRequest(.get, loopback.server.url("/interim")))
        #expect(response.status == 200)
        #expect(response.headers["X-Interim"] == nil)
        #expect(response.headers["X-Final"] == "yes")
        #expect(response.body == Array("final".utf8))
    }

    @Test func `plain http is spoken only because the URL says so`() async throws {
        let server = try TestServer(["http"])
        let transport = CurlTransport(settings: TransportSettings(trust: .system(bundlePath: nil)), userAgent: "t")
        #expect(try Echo(try await transport.send(HTTPRequest(.get, server.url("/echo")))).method == "GET")
    }

    @Test func `gzip is decoded where the request asks for it`() async throws {
        let loopback = try Loopback()
        let request = HTTPRequest(.get, loopback.server.url("/gzip?n=5000"), headers: ["Accept-Encoding": "gzip"])
        #expect(try await loopback.transport().send(request).body == [UInt8](repeating: UInt8(ascii: "y"), count: 5000))
    }
}
