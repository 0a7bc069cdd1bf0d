import Curl
import Foundation
import HTTP
import Testing

@Suite(.enabled(if: Tool.hasServer, "python3 and openssl serve these tests"))
struct FailureTests {
    @Test func `a refused connection is a typed failure that sent nothing`() async throws {
        let loopback = try Loopback()
        let url = "https://127.0.0.1:1/?sig=abc"
        let request = HTTPRequest(.put, url, headers: ["Authorization": "Bearer word"])
        let error = try #require(await failure(try loopback.transport(), request))
        #expect(error.kind == .couldNotConnect)
        #expect(error.origin == "https://127.0.0.1:1")
        #expect(!error.mayHaveBeenSent)
        #expect(!error.description.contains("word") && !error.description.contains("abc"))
    }

    @Test func `a name without address is a typed failure that sent nothing`() async throws {
        let loopback = try Loopback()
        let error = try #require(await failure(try loopback.transport(), HTTPRequest(.get, "https://nothing.invalid/")))
        #expect(error.kind == .couldNotResolve)
        #expect(!error.mayHaveBeenSent)
    }

    @Test func `a connection that ends instead of an answer may have sent the request`() async throws {
        let loopback = try Loopback()
        for path in ["/drop", "/partial"] {
            let error = try #require(
                await failure(try loopback.transport(), HTTPRequest(.put, loopback.server.url(path))))
            #expect(error.kind == .connectionLost)
            #expect(error.mayHaveBeenSent)
        }
    }

    @Test func `a request on a used connection that dies is not written twice`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport { $0.connectionsPerHost = 1 }
        let url = loopback.server.url("/drop-when-reused")
        #expect(try await transport.send(HTTPRequest(.get, url)).status == 200)
        let error = try #require(await failure(transport, HTTPRequest(.put, url)))
        #expect(error.kind == .connectionLost)
        #expect(error.mayHaveBeenSent)
        #expect(try await loopback.seen().requests == ["GET /drop-when-reused", "PUT /drop-when-reused"])
        #expect(try await transport.send(HTTPRequest(.get, url)).status == 200)
    }

    @Test func `a silent server ends at the timeout and may have got the request`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        // On a connection that stands, so that the timeout is not spent on its handshake; long enough to send it on a
        // machine that has other things to do.
        #expect(try await transport.send(HTTPRequest(.get, loopback.server.url("/echo"))).status == 200)
        let error = try #require(
            await failure(transport, HTTPRequest(.get, loopback.server.url("/silent"), timeout: 3)))
        #expect(error.kind == .timedOut)
        #expect(error.mayHaveBeenSent)
    }

    @Test func `a request that waits for its turn beyond its timeout was not sent`() async throws {
        let loopback = try Loopback()
        var settings = try loopback.settings
        settings.connectionsPerHost = 1
        let transport = CurlTransport(settings: settings, userAgent: "t", streams: 1...1)
        let first = HTTPRequest(.get, loopback.server.url("/silent?first"))
        let second = HTTPRequest(.get, loopback.server.url("/silent?second"), timeout: 0.2)
        let blocker = Task { await failure(transport, first) }
        while try await loopback.seen().requests.isEmpty { await Task.yield() }
        let error = try #require(await failure(transport, second))
        #expect(error.kind == .timedOut)
        #expect(!error.mayHaveBeenSent)
        blocker.cancel()
        #expect(await blocker.value?.kind == .cancelled)
        #expect(try await loopback.seen().requests == ["GET /silent?first"])
    }

    @Test func `a cancelled task ends its transfer and leaves the transport of use`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        let request = HTTPRequest(.get, loopback.server.url("/silent"))
        let task = Task { await failure(transport, request) }
        while try await loopback.seen().requests.isEmpty { await Task.yield() }
        task.cancel()
        let error = try #require(await task.value)
        #expect(error.kind == .cancelled)
        #expect(error.mayHaveBeenSent)
        #expect(try await transport.send(HTTPRequest(.get, loopback.server.url("/echo"))).status == 200)
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        let request = HTTPRequest(.get, loopback.server.url("/echo"))
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure(transport, request)
        }.value
        #expect(error?.kind == .cancelled)
        #expect(error?.mayHaveBeenSent == false)
        #expect(try await loopback.seen().requests.isEmpty)
    }

    @Test func `a body is bounded, to the byte`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        let url = loopback.server.url("/big?n=100000")
        #expect(try await transport.send(HTTPRequest(.get, url, maximumBodyBytes: 100_000)).body.count == 100_000)
        let error = try #require(await failure(transport, HTTPRequest(.get, url, maximumBodyBytes: 99_999)))
        #expect(error.kind == .bodyTooLarge(limit: 99_999))
    }

    @Test func `a small gzip body that grows beyond the bound is stopped`() async throws {
        let loopback = try Loopback()
        let request = HTTPRequest(
            .get, loopback.server.url("/gzip?n=1000000"), headers: ["Accept-Encoding": "gzip"], maximumBodyBytes: 10_000
        )
        #expect(await failure(try loopback.transport(), request)?.kind == .bodyTooLarge(limit: 10_000))
    }

    @Test func `header bytes are bounded`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        #expect(try await transport.send(HTTPRequest(.get, loopback.server.url("/headers?n=50"))).status == 200)
        let error = try #require(await failure(transport, HTTPRequest(.get, loopback.server.url("/headers?n=300"))))
        #expect(error.kind == .other)
        #expect(error.detail.contains("headers"))
    }

    @Test func `what is no HTTP is a failure without its text`() async throws {
        let loopback = try Loopback()
        let error = try #require(
            await failure(try loopback.transport(), HTTPRequest(.get, loopback.server.url("/garbage"))))
        #expect(!error.description.contains("\u{1B}"))
        #expect(error.mayHaveBeenSent)
    }
}
