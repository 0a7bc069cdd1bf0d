import Glibc
import HTTP
import Testing

@testable import Curl

@Suite struct SendingTogetherTests {
    /// A connection over loopback, as libcurl sets it up: each write is a segment at once.
    private func connection() throws -> (from: CInt, to: CInt) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let from = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        let isConnected = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { pointer in
                bind(listener, pointer.baseAddress!, size) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, pointer.baseAddress!, &size) == 0
                    && connect(from, pointer.baseAddress!, size) == 0
            }
        }
        try #require(isConnected)
        var on: CInt = 1
        setsockopt(from, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        return (from, accept(listener, nil, nil))
    }

    private func waiting(_ socket: CInt, milliseconds: CInt) -> Int {
        var query = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&query, 1, milliseconds) == 1 else { return 0 }
        var bytes = [UInt8](repeating: 0, count: 100)
        return recv(socket, &bytes, bytes.count, CInt(MSG_PEEK))
    }

    @Test func `what is written together leaves together, and nothing is held back afterwards`() throws {
        let (from, to) = try connection()
        defer {
            close(from)
            close(to)
        }
        let sockets = CurlSockets()
        sockets.opened(from)
        sockets.sendingTogether {
            #expect(send(from, "HEAD", 4, 0) == 4)
            #expect(send(from, "DATA", 4, 0) == 4)
            // The kernel holds back for 200 ms at most.
            #expect(waiting(to, milliseconds: 20) == 0)
        }
        #expect(waiting(to, milliseconds: 5000) == 8)
        var taken = [UInt8](repeating: 0, count: 8)
        #expect(recv(to, &taken, 8, 0) == 8)
        // A corked socket keeps a part of a segment for 200 ms.
        var isHeldBack: CInt = -1
        var size = socklen_t(MemoryLayout<CInt>.size)
        #expect(getsockopt(from, CInt(IPPROTO_TCP), TCP_CORK, &isHeldBack, &size) == 0 && isHeldBack == 0)
        #expect(send(from, "MORE", 4, 0) == 4)
        #expect(waiting(to, milliseconds: 5000) == 4)
    }

    /// libcurl tells of each socket that it opens; only then is it held back and watched for a peer that is gone.
    @Test(.enabled(if: Tool.hasServer, "python3 and openssl serve this test"))
    func `every connection is known, and ends when its peer acknowledges nothing for 45 seconds`() async throws {
        let loopback = try Loopback()
        let transport = try loopback.transport()
        #expect(try await transport.send(HTTPRequest(.get, loopback.server.url("/echo"))).status == 200)
        let limits = (CInt(3)..<1024).compactMap { descriptor -> CUnsignedInt? in
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isConnected = withUnsafeMutableBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { getpeername(descriptor, $0.baseAddress!, &size) == 0 }
            }
            guard isConnected, address.sin_port == in_port_t(loopback.server.port).bigEndian else { return nil }
            var limit: CUnsignedInt = 0
            size = socklen_t(MemoryLayout<CUnsignedInt>.size)
            return getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, &size) == 0 ? limit : nil
        }
        #expect(limits == [45_000])
    }

    @Test func `a crowd of transfers that queue is waited for a little, others are not`() {
        var gathering = CurlGathering()
        #expect(gathering.pause(running: 64) == 0)
        // Without a queue each takes as long as the quickest: nothing is waited for.
        for _ in 1...100 { gathering.ended(after: 30_000) }
        #expect(gathering.pause(running: 64) == 0)
        for _ in 1...100 { gathering.ended(after: 36_000) }
        #expect((1490...1500).contains(gathering.pause(running: 64)))
        #expect(gathering.pause(running: CurlGathering.crowd - 1) == 0)
        for _ in 1...100 { gathering.ended(after: 90_000_000) }
        #expect(gathering.pause(running: 16) == 12_000)

        // A quarter of the way, where that is longer.
        var far = CurlGathering()
        far.ended(after: 80_000)
        for _ in 1...100 { far.ended(after: 400_000) }
        #expect(far.pause(running: 64) == 20_000)
        for _ in 1...100 { far.ended(after: 90_000_000) }
        #expect(far.pause(running: 64) == 20_000)
        far = CurlGathering()
        for _ in 1...100 { far.ended(after: 200_000) }
        for _ in 1...100 { far.ended(after: 900_000) }
        #expect(far.pause(running: 64) == 25_000)
    }
}
