import Foundation
import HTTP
import Synchronization
import Testing

@testable import Curl

/// nghttpd serving one small file.
final class HTTP2Server {
    private let process = Process()
    private let log: String
    let authority: TestAuthority
    let port: Int

    init(_ options: [String] = []) throws {
        authority = try TestAuthority(name: "Test authority")
        let (certificate, key) = try authority.issue("server", "IP:127.0.0.1,DNS:named.test")
        try "small".write(toFile: authority.folder + "/file", atomically: true, encoding: .utf8)
        guard let nghttpd = Tool.path("nghttpd") else { throw FixtureFailure(description: "no nghttpd") }
        log = authority.folder + "/log"
        try "".write(toFile: log, atomically: false, encoding: .utf8)
        port = try Self.freePort()
        process.executableURL = URL(filePath: nghttpd)
        process.arguments =
            ["-v", "-n1", "--htdocs=\(authority.folder)", "--address=127.0.0.1"] + options + [
                "\(port)", key, certificate,
            ]
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        // SIGTERM is blocked in what is started from a thread that blocks it, as Swift's do.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var url: String { "https://127.0.0.1:\(port)/file" }

    func transport(
        connections: Int, streams: Int, most: Int? = nil, observer: (any HTTPObserver)? = nil
    ) throws -> CurlTransport {
        let settings = TransportSettings(trust: .authorities(pem: try authority.pem), connectionsPerHost: connections)
        return CurlTransport(
            settings: settings, userAgent: "t", observer: observer, streams: streams...(most ?? streams))
    }

    /// nghttpd says nothing when it is ready.
    func waitUntilReady() async throws {
        let probe = try transport(connections: 1, streams: 1)
        while await failure(probe, HTTPRequest(.get, url))?.kind == .couldNotConnect {
            guard process.isRunning else { throw FixtureFailure(description: "nghttpd has ended") }
            await Task.yield()
        }
    }

    /// Connections that brought at least one request; nghttpd numbers them in its log.
    func connections() throws -> Int {
        let text = try String(contentsOfFile: log, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.contains("recv HEADERS") }
        return Set(lines.compactMap { $0.split(separator: "]").first }).count
    }

    /// What was sent under a header's name, pseudo-headers included.
    func received(_ name: String) throws -> Set<String> {
        let text = try String(contentsOfFile: log, encoding: .utf8)
        return Set(
            text.split(separator: "\n").compactMap { line in
                line.range(of: "\(name): ").map { String(line[$0.upperBound...]) }
            })
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw FixtureFailure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

final class Recorder: HTTPObserver {
    private let list = Mutex<[HTTPExchange]>([])

    var exchanges: [HTTPExchange] { list.withLock { $0 } }

    func exchangeEnded(_ exchange: HTTPExchange) { list.withLock { $0.append(exchange) } }
}

@Suite(.enabled(if: Tool.hasHTTP2Server, "nghttpd (package nghttp2-server) and openssl serve these tests"))
struct HTTP2Tests {
    /// Answers with status 200 out of `count` requests, `width` at a time.
    private func answers(_ transport: CurlTransport, _ url: String, count: Int, width: Int) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            var good = 0
            for index in 0..<count {
                if index >= width, await group.next() == true { good += 1 }
                group.addTask { (try? await transport.send(HTTPRequest(.get, url)))?.status == 200 }
            }
            for await success in group where success { good += 1 }
            return good
        }
    }

    @Test func `requests at a time share one connection`() async throws {
        let server = try HTTP2Server()
        try await server.waitUntilReady()
        let before = try server.connections()
        let transport = try server.transport(connections: 1, streams: 16)
        #expect(await answers(transport, server.url, count: 200, width: 16) == 200)
        #expect(try server.connections() == before + 1)
    }

    @Test func `more requests than a connection may carry are spread over the others, and no further`() async throws {
        let server = try HTTP2Server()
        try await server.waitUntilReady()
        let before = try server.connections()
        let transport = try server.transport(connections: 4, streams: 4)
        #expect(await answers(transport, server.url, count: 400, width: 64) == 400)
        #expect(try server.connections() == before + 4)
    }

    @Test(arguments: [20, 250])
    func `with all connections in use each carries more, as far as the server allows`(_ allowed: Int) async throws {
        let server = try HTTP2Server(["--max-concurrent-streams=\(allowed)"])
        try await server.waitUntilReady()
        let before = try server.connections()
        let transport = try server.transport(connections: 4, streams: 4, most: 256)
        // Before a connection's SETTINGS have come, libcurl takes it that a hundred are allowed.
        #expect(await answers(transport, server.url, count: 64, width: 16) == 64)
        #expect(await answers(transport, server.url, count: 600, width: 200) == 600)
        #expect(try server.connections() == before + 4)
    }

    @Test func `under a server name the authority stays that of the URL`() async throws {
        let server = try HTTP2Server()
        try await server.waitUntilReady()
        var settings = TransportSettings(trust: .authorities(pem: try server.authority.pem))
        settings.serverName = "named.test"
        let transport = CurlTransport(settings: settings, userAgent: "named/1")
        #expect(try await transport.send(HTTPRequest(.get, server.url)).status == 200)
        #expect(try server.received("user-agent").contains("named/1"))
        #expect(try server.received(":authority") == ["127.0.0.1:\(server.port)"])
    }

    /// libcurl 7.88 resets each stream that ends without a length, and servers that count resets hang up.
    @Test func `answers without a length all arrive in the end, by repetition`() async throws {
        let server = try HTTP2Server(["--no-content-length"])
        try await server.waitUntilReady()
        let transport = try server.transport(connections: 2, streams: 8)
        let url = server.url
        let good = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var good = 0
                    for _ in 0..<200 {
                        var request = HTTPRequest(.patch, url, body: Array("{}".utf8))
                        var response: HTTPResponse?
                        while response == nil, request.attempt <= 20 {
                            response = try? await transport.send(request)
                            request.attempt += 1
                            await Task.yield()
                        }
                        if response?.status == 200, response?.body == Array("small".utf8) { good += 1 }
                    }
                    return good
                }
            }
            var sum = 0
            for await part in group { sum += part }
            return sum
        }
        #expect(good == 3200)
    }
}
