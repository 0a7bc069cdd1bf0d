import NIOCore
import NIOPosix
import Synchronization

/// A TCP load balancer: gives each new connection to the next replica that takes connections.
final class Balancer: Sendable {
    private struct Replica {
        let port: Int
        var takesConnections = false
    }

    private struct State {
        var replicas: [Replica]
        var next = 0
        var roundTrip: TimeAmount = .zero
        var isReachable = true
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: (replica: Int, channel: any Channel)] = [:]
    }

    private let state: Mutex<State>

    init(replicaPorts: [Int]) {
        state = Mutex(State(replicas: replicaPorts.map { Replica(port: $0) }))
    }

    /// Listens on `port` of the loopback interface, any free one if 0, and returns the port.
    func start(port: Int) async throws -> Int {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { self.join($0) }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.listener = listener }
        return listener.localAddress?.port ?? port
    }

    func stop() async {
        let (listener, channels) = state.withLock { state in
            let result = (state.listener, state.connections.values.map(\.channel))
            state.listener = nil
            return result
        }
        try? await listener?.close().get()
        for channel in channels { channel.close(promise: nil) }
    }

    /// Whether new connections go to this replica. Those that it has stay.
    func setTakesConnections(_ replica: Int, _ takes: Bool) {
        state.withLock { $0.replicas[replica].takesConnections = takes }
    }

    /// The round trip time of connections made from now on.
    func setRoundTrip(milliseconds: Int) {
        state.withLock { $0.roundTrip = .milliseconds(Int64(milliseconds)) }
    }

    /// While not reachable, connections are closed, the present ones too.
    func setReachable(_ isReachable: Bool) {
        let channels = state.withLock { state in
            state.isReachable = isReachable
            return isReachable ? [] : state.connections.values.map(\.channel)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// Closes the connections that one replica has, as a lost node does.
    func dropConnections(of replica: Int) {
        let channels = state.withLock { state in
            state.connections.values.filter { $0.replica == replica }.map(\.channel)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private func choose() -> (replica: Int, port: Int, roundTrip: TimeAmount)? {
        state.withLock { state in
            guard state.isReachable else { return nil }
            for _ in state.replicas {
                let index = state.next % state.replicas.count
                state.next += 1
                if state.replicas[index].takesConnections {
                    return (index, state.replicas[index].port, state.roundTrip)
                }
            }
            return nil
        }
    }

    /// Connects a client to a replica, on the client's event loop.
    private func join(_ client: any Channel) -> EventLoopFuture<Void> {
        guard let target = choose() else { return client.close() }
        let loop = client.eventLoop
        let half = TimeAmount.nanoseconds(target.roundTrip.nanoseconds / 2)
        // The client's handshake with us took no time; the distance that it should have had is made up for here.
        return loop.flatScheduleTask(in: target.roundTrip) {
            ClientBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: "127.0.0.1", port: target.port)
        }.futureResult.flatMap { server in
            do {
                try server.pipeline.syncOperations.addHandler(Relay(to: client, delay: half))
                try client.pipeline.syncOperations.addHandler(Relay(to: server, delay: half))
            } catch {
                server.close(promise: nil)
                return loop.makeFailedFuture(error)
            }
            self.remember(client, replica: target.replica)
            return loop.makeSucceededVoidFuture()
        }
    }

    private func remember(_ client: any Channel, replica: Int) {
        let id = ObjectIdentifier(client)
        state.withLock { $0.connections[id] = (replica, client) }
        client.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.connections.removeValue(forKey: id) }
        }
    }
}
