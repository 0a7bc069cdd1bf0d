import Foundation
import HTTP
import Testing

@testable import Curl

@Suite(.enabled(if: Tool.hasServer, "python3 and openssl serve these tests"))
struct ProxyTests {
    /// What the proxy was asked, asked of itself.
    private func asked(_ proxy: TestServer) async throws -> [String] {
        var settings = TransportSettings(trust: .none)
        settings.proxyURL = "http://127.0.0.1:\(proxy.port)"
        let transport = CurlTransport(settings: settings, userAgent: "t")
        let response = try await transport.send(HTTPRequest(.get, "http://seen.invalid/"))
        return try JSONDecoder().decode(Loopback.Seen.self, from: Data(response.body)).requests.filter {
            $0.hasPrefix("CONNECT")
        }
    }

    @Test func `a proxy tunnels, and its headers are not the server's`() async throws {
        let loopback = try Loopback()
        let proxy = try TestServer(["proxy"])
        let transport = try loopback.transport { $0.proxyURL = "http://127.0.0.1:\(proxy.port)" }
        let response = try await transport.send(HTTPRequest(.get, loopback.server.url("/echo", host: "server.test")))
        #expect(try Echo(response).sni == "server.test")
        #expect(response.headers["X-Proxy"] == nil)
        #expect(try await asked(proxy) == ["CONNECT server.test:\(loopback.server.port)"])
    }

    @Test func `a host of the no-proxy list is reached directly, by the URL's host even under a server name`()
        async throws
    {
        let loopback = try Loopback()
        let proxy = try TestServer(["proxy"])
        for name in [nil, "server.test"] {
            let transport = try loopback.transport {
                $0.proxyURL = "http://127.0.0.1:\(proxy.port)"
                $0.noProxy = "example.com,127.0.0.0/8"
                $0.serverName = name
            }
            #expect(try await transport.send(HTTPRequest(.get, loopback.server.url("/echo"))).status == 200)
        }
        #expect(try await asked(proxy).isEmpty)
    }

    @Test func `a server name is verified through a proxy, which is asked for the URL's host`() async throws {
        let loopback = try Loopback()
        let proxy = try TestServer(["proxy"])
        let transport = try loopback.transport {
            $0.proxyURL = "http://127.0.0.1:\(proxy.port)"
            $0.serverName = "server.test"
        }
        let echo = try Echo(
            try await transport.send(HTTPRequest(.get, loopback.server.url("/echo", host: "elsewhere.test"))))
        #expect(echo.sni == "server.test")
        #expect(echo.headers["host"] == "elsewhere.test:\(loopback.server.port)")
        #expect(try await asked(proxy) == ["CONNECT elsewhere.test:\(loopback.server.port)"])
    }

    @Test func `a proxy that refuses, or is not there, is a failure of the proxy and sent nothing`() async throws {
        let loopback = try Loopback()
        let proxy = try TestServer(["proxy"])
        let settings: [(String, String)] = [
            ("http://127.0.0.1:\(proxy.port)", "https://refused.test/"),
            ("http://127.0.0.1:1", "https://server.test/"),
            ("http://proxy.invalid:1", "https://server.test/"),
            ("socks5://127.0.0.1:1", "https://server.test/"),
        ]
        for (proxyURL, url) in settings {
            let transport = try loopback.transport { $0.proxyURL = proxyURL }
            let error = try #require(await failure(transport, HTTPRequest(.put, url)))
            #expect(error.kind == .proxyFailed, "\(proxyURL): \(error)")
            #expect(!error.mayHaveBeenSent)
        }
    }

    @Test(arguments: [
        "http://user:word@proxy.invalid:1", "nonsense://user:word@127.0.0.1:1", "http://user:word@[bad:1",
        "http://user:word@127.0.0.1:1",
    ])
    func `a proxy's password is in no error`(_ proxyURL: String) async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport { $0.proxyURL = proxyURL }
        let error = try #require(await failure(transport, HTTPRequest(.get, "https://server.test/")))
        #expect(!error.mayHaveBeenSent)
        #expect(!error.description.contains("word@"))
        #expect(!error.description.contains("user"))
        #expect(error.kind == .proxyFailed)
    }

    /// In a process of its own, because the environment is not safe to change beside other threads.
    @Test func `the environment of the process is not asked for a proxy`() async {
        await #expect(processExitsWith: .success) {
            for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:1", 1)
            }
            let loopback = try Loopback()
            let request = HTTPRequest(.get, loopback.server.url("/echo"))
            try #require(try await loopback.transport().send(request).status == 200)
        }
    }
}
