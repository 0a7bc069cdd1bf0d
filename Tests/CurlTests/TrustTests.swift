import Foundation
import HTTP
import Testing

@testable import Curl

@Suite(.enabled(if: Tool.hasServer, "python3 and openssl serve these tests"))
struct TrustTests {
    @Test func `a certificate of another authority is refused before anything is sent`() async throws {
        let loopback = try Loopback()
        let other = try TestAuthority(name: "Another authority")
        let pem = try other.pem
        let error = try #require(
            await failure(
                try loopback.transport { $0.trust = .authorities(pem: pem) },
                HTTPRequest(.get, loopback.server.url("/echo"))))
        #expect(error.kind == .certificateRefused)
        #expect(!error.mayHaveBeenSent)
        #expect(!error.detail.isEmpty)
        #expect(try await loopback.seen().requests.isEmpty)
    }

    @Test(arguments: [[], Array("not PEM".utf8)])
    func `authorities that hold no certificate trust nobody`(_ pem: [UInt8]) async throws {
        let loopback = try Loopback()
        let error = try #require(
            await failure(
                try loopback.transport { $0.trust = .authorities(pem: pem) },
                HTTPRequest(.get, loopback.server.url("/echo"))))
        #expect(error.kind == .certificateRefused || error.kind == .tlsFailed || error.kind == .other)
        #expect(!error.mayHaveBeenSent)
        #expect(try await loopback.seen().requests.isEmpty)
    }

    @Test func `a bundle file stands for the system's authorities`() async throws {
        let loopback = try Loopback()
        let bundle = loopback.authority.folder + "/ca.pem"
        let request = HTTPRequest(.get, loopback.server.url("/echo"))
        #expect(try await loopback.transport { $0.trust = .system(bundlePath: bundle) }.send(request).status == 200)
        let error = await failure(try loopback.transport { $0.trust = .system(bundlePath: nil) }, request)
        #expect(error?.kind == .certificateRefused)
    }

    @Test func `a bundle file that is not there trusts nobody`() async throws {
        let loopback = try Loopback()
        let error = try #require(
            await failure(
                try loopback.transport { $0.trust = .system(bundlePath: "/nonexistent/bundle.pem") },
                HTTPRequest(.get, loopback.server.url("/echo"))))
        #expect(error.kind == .tlsFailed)
        #expect(error.detail.contains("/nonexistent/bundle.pem"))
    }

    @Test func `a name that the certificate lacks is refused`() async throws {
        let authority = try TestAuthority(name: "Test authority")
        let (certificate, key) = try authority.issue("other", "DNS:other.test")
        let server = try TestServer(["https", certificate, key])
        let transport = CurlTransport(
            settings: TransportSettings(trust: .authorities(pem: try authority.pem)), userAgent: "t")
        let error = await failure(transport, HTTPRequest(.get, server.url("/echo")))
        #expect(error?.kind == .certificateRefused)
        let careless = CurlTransport(settings: TransportSettings(trust: .none), userAgent: "t")
        #expect(try await careless.send(HTTPRequest(.get, server.url("/echo"))).status == 200)
    }

    @Test func `a server name is what TLS asks for and verifies, and the Host header stays`() async throws {
        let authority = try TestAuthority(name: "Test authority")
        let (certificate, key) = try authority.issue("named", "DNS:named.test")
        let server = try TestServer(["https", certificate, key])
        var settings = TransportSettings(trust: .authorities(pem: try authority.pem))
        settings.serverName = "named.test"
        let transport = CurlTransport(settings: settings, userAgent: "t")
        let echo = try Echo(try await transport.send(HTTPRequest(.get, server.url("/echo?x=1"))))
        #expect(echo.sni == "named.test")
        #expect(echo.headers["host"] == "127.0.0.1:\(server.port)")
        #expect(echo.target == "/echo?x=1")
        settings.serverName = "unnamed.test"
        let wrong = CurlTransport(settings: settings, userAgent: "t")
        let error = await failure(wrong, HTTPRequest(.get, server.url("/echo")))
        #expect(error?.kind == .certificateRefused)
        #expect(error?.origin == "https://127.0.0.1:\(server.port)")
    }

    @Test func `a client certificate from memory is shown, and without it there is no answer`() async throws {
        let clients = try TestAuthority(name: "Client authority")
        let (certificate, key) = try clients.issue("client", "DNS:client.test")
        let identity = ClientIdentity(certificatePEM: try clients.bytes(certificate), keyPEM: try clients.bytes(key))
        let loopback = try Loopback(clientAuthority: clients)
        let request = HTTPRequest(.get, loopback.server.url("/echo"))
        #expect(try await loopback.transport { $0.identity = identity }.send(request).status == 200)
        let without = try #require(await failure(try loopback.transport(), request))
        #expect(without.kind == .connectionLost || without.kind == .tlsFailed)
    }

    @Test func `a key that is not the certificate's is refused before anything is sent`() async throws {
        let clients = try TestAuthority(name: "Client authority")
        let (certificate, _) = try clients.issue("client", "DNS:client.test")
        let (_, otherKey) = try clients.issue("other", "DNS:other.test")
        let identity = ClientIdentity(
            certificatePEM: try clients.bytes(certificate), keyPEM: try clients.bytes(otherKey))
        let loopback = try Loopback()
        let error = try #require(
            await failure(
                try loopback.transport { $0.identity = identity }, HTTPRequest(.get, loopback.server.url("/echo"))))
        #expect(error.kind == .tlsFailed)
        #expect(!error.mayHaveBeenSent)
        #expect(!error.description.contains("PRIVATE KEY"))
    }

    /// Fails if `CURLOPT_CAPATH` is left alone: libcurl looks into the folder beside the blob.
    @Test func `authorities from memory are not joined by those of a folder that libcurl has built in`() async throws {
        let loopback = try Loopback()
        let other = try TestAuthority(name: "Another authority")
        let folder = try loopback.authority.hashedFolder()
        var settings = try loopback.settings
        settings.trust = .authorities(pem: try other.pem)
        var plan = CurlPlan(settings: settings, userAgent: "t", streams: 1...1)
        plan.builtInAuthoritiesFolder = folder
        let transport = CurlTransport(plan: plan, observer: nil)
        let error = await failure(transport, HTTPRequest(.get, loopback.server.url("/echo")))
        #expect(error?.kind == .certificateRefused)
        #expect(try await loopback.seen().requests.isEmpty)
    }
}
