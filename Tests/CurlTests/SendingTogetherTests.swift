import Glibc
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
        #expect(send(from, "MORE", 4, 0) == 4)
        #expect(waiting(to, milliseconds: 5000) >= 8)
    }

    @Test func `a crowd of transfers is waited for a little, a few are not`() {
        var gathering = CurlGathering()
        #expect(gathering.pause(running: 64) == 0)
        for _ in 1...100 { gathering.ended(after: 12_000) }
        #expect((990...1000).contains(gathering.pause(running: 64)))
        #expect(gathering.pause(running: CurlGathering.crowd - 1) == 0)
        for _ in 1...100 { gathering.ended(after: 90_000_000) }
        #expect(gathering.pause(running: 16) == 4000)
    }
}
