import Foundation
import HTTP
import Testing

@testable import Curl

@Suite(.enabled(if: Tool.hasServer, "python3 and openssl serve these tests"))
struct ConnectionTests {
    @Test func `a new connection is nobody else's and is kept for all requests of its transport`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        let request = HTTPRequest(.get, loopback.server.url("/echo"))
        #expect(try Echo(try await transport.send(request)).connection == 1)
        let fresh = transport.withNewConnection()
        for _ in 0..<3 { #expect(try Echo(try await fresh.send(request)).connection == 2) }
        #expect(try Echo(try await transport.withNewConnection().send(request)).connection == 3)
        #expect(try Echo(try await transport.send(request)).connection == 1)
    }

    @Test func `what a new connection was made for fails unsent when the connection has ended`() async throws {
        let loopback = try Loopback()
        let fresh = try loopback.transport().withNewConnection()
        #expect(try await fresh.send(HTTPRequest(.get, loopback.server.url("/close"))).status == 200)
        let error = try #require(await failure(fresh, HTTPRequest(.get, loopback.server.url("/echo"))))
        #expect(error.kind == .connectionLost)
        #expect(!error.mayHaveBeenSent)
        #expect(try await loopback.seen().requests == ["GET /close"])
    }

    /// A thread ends after it has freed all that libcurl had of it, so counting threads counts the handles too.
    @Test func `eighty new connections in a row leave no thread and no connection`() async throws {
        let loopback = try Loopback()
        let name = "curl-leak-test"
        var plan = CurlPlan(settings: try loopback.settings, userAgent: "t", streams: 8...8)
        plan.threadName = name
        let transport = CurlTransport(plan: plan, observer: nil)
        let request = HTTPRequest(.get, loopback.server.url("/echo"))
        var mostThreads = 0
        for _ in 0..<80 {
            #expect(try await transport.withNewConnection().send(request).status == 200)
            mostThreads = max(mostThreads, Self.threads(named: name))
        }
        #expect(mostThreads < 20, "threads end while others are made")
        while Self.threads(named: name) > 0 { await Task.yield() }
        while Self.established(to: loopback.server.port) > 0 { await Task.yield() }
    }

    private static func threads(named name: String) -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count {
            (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == name + "\n"
        }
    }

    /// Sockets of any process of this machine that are connected to the port (state 01, remote address).
    private static func established(to port: Int) -> Int {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let wanted = "0100007F:" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[2] == wanted && fields[3] == "01"
        }
    }

    @Test func `an observer is told of answers and failures without their secrets`() async throws {
        let loopback = try Loopback()
        let observer = Recorder()
        let transport = try loopback.transport(observer: observer)
        var request = HTTPRequest(
            .post, loopback.server.url("/echo?api-version=1&token=abc"), headers: ["Authorization": "Bearer word"],
            body: Array("secret body".utf8))
        request.attempt = 2
        let answer = try await transport.send(request)
        _ = await failure(transport, HTTPRequest(.get, loopback.server.url("/drop?t=1&s=2"), urlIsSecret: true))
        let exchanges = observer.exchanges
        try #require(exchanges.count == 2)
        #expect(exchanges[0].url == loopback.server.url("/echo?api-version=1&token=REDACTED"))
        #expect(try exchanges[0].outcome.get() == 200)
        #expect(exchanges[0].attempt == 2)
        #expect(exchanges[0].bytesReceived > answer.body.count)
        #expect(exchanges[0].bytesSent > request.body.count)
        #expect(exchanges[1].url == loopback.server.url(""))
        #expect(throws: TransportError.self) { try exchanges[1].outcome.get() }
        for exchange in exchanges {
            #expect(
                !"\(exchange)".contains("word") && !"\(exchange)".contains("abc") && !"\(exchange)".contains("body"))
        }
    }
}
