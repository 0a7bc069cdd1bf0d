import Foundation
import Testing

@testable import RealCluster

struct BalancerTests {
    private func withBalancer(
        _ names: [String], _ use: (Balancer, LoopbackHTTP) async throws -> Void
    ) async throws {
        var servers: [EchoServer] = []
        for name in names { servers.append(try await EchoServer.start(name)) }
        let balancer = Balancer(replicaPorts: servers.map(\.port))
        let port = try await balancer.start(port: 0)
        for index in names.indices { balancer.setTakesConnections(index, true) }
        try await use(balancer, LoopbackHTTP(port: port, tls: nil))
        await balancer.stop()
        for server in servers { try await server.stop() }
    }

    private func text(_ answer: LoopbackHTTP.Answer) -> String {
        String(decoding: answer.body, as: UTF8.self)
    }

    @Test func `connections take turns among the replicas that take them`() async throws {
        try await withBalancer(["a", "b", "c"]) { balancer, http in
            balancer.setTakesConnections(1, false)
            var answers: [String] = []
            for _ in 0..<4 { answers.append(text(try await http.send(.get, "/"))) }
            #expect(Set(answers) == ["a", "c"])
            balancer.setTakesConnections(1, true)
            answers = []
            for _ in 0..<3 { answers.append(text(try await http.send(.get, "/"))) }
            #expect(Set(answers) == ["a", "b", "c"])
        }
    }

    @Test func `without a replica that takes connections they are closed`() async throws {
        try await withBalancer(["a"]) { balancer, http in
            balancer.setTakesConnections(0, false)
            await #expect(throws: RealClusterError.self) { try await http.send(.get, "/") }
            balancer.setTakesConnections(0, true)
            balancer.setReachable(false)
            await #expect(throws: RealClusterError.self) { try await http.send(.get, "/") }
            balancer.setReachable(true)
            let answer = try await http.send(.get, "/")
            #expect(text(answer) == "a")
        }
    }

    @Test func `a replica that is gone closes the connection`() async throws {
        let server = try await EchoServer.start("a")
        let balancer = Balancer(replicaPorts: [server.port])
        let http = LoopbackHTTP(port: try await balancer.start(port: 0), tls: nil)
        balancer.setTakesConnections(0, true)
        try await server.stop()
        await #expect(throws: RealClusterError.self) { try await http.send(.get, "/") }
        await balancer.stop()
    }

    @Test(arguments: [0, 4])
    func `more bytes than are under way at once arrive whole and in order`(milliseconds: Int) async throws {
        try await withBalancer([""]) { balancer, http in
            balancer.setRoundTrip(milliseconds: milliseconds)
            var body = Data(capacity: 20 << 20)
            for word in 0..<UInt32(5 << 20) { withUnsafeBytes(of: word) { body.append(contentsOf: $0) } }
            let answer = try await http.send(.post, "/", body: body)
            #expect(answer.body == body)
        }
    }

    @Test func `a distant server answers after a handshake and a request's round trip`() async throws {
        try await withBalancer(["a"]) { balancer, http in
            balancer.setRoundTrip(milliseconds: 50)
            let time = try await ContinuousClock().measure { _ = try await http.send(.get, "/") }
            #expect(time >= .milliseconds(100))
        }
    }
}
