import Foundation
import HTTPFront
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// The balancer and the HTTPS front of all replicas: a connection stays with the replica that it was given.
final class Server: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var next = 0
        var accepted = 0
    }

    private let replicas: [Replica]
    private let api: ClusterAPI
    private let group: MultiThreadedEventLoopGroup
    private let state = Mutex(State())
    private let load = Load()

    init(replicas: [Replica], api: ClusterAPI) {
        self.replicas = replicas
        self.api = api
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    }

    /// Listens and returns the channel.
    func listen(host: String, port: Int, certificates: Certificates) async throws -> any Channel {
        let chain = try NIOSSLCertificate.fromPEMFile(certificates.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.keyFile, format: .pem)))
        return try await HTTPFront.listen(on: group, host: host, port: port, tls: configuration) { channel, context in
            self.accept(channel, context)
        }
    }

    private func accept(_ channel: any Channel, _ context: NIOSSLContext) -> EventLoopFuture<Void> {
        guard let replica = nextReplica() else { return channel.close() }
        let connection = Connection(channel: channel, replica: replica, load: load)
        register(connection)
        let handler = RequestHandler(api: api, connection: connection)
        return HTTPFront.serve(channel, context, isHTTP2: { connection.isHTTP2 = true }) {
            RequestGatherer(largestBody: RequestHandler.largestBody) { handler.answer($0) }
        }
    }

    private func nextReplica() -> Replica? {
        let live = replicas.filter(\.isUp)
        guard !live.isEmpty else { return nil }
        return state.withLock { state in
            state.next += 1
            state.accepted += 1
            return live[state.next % live.count]
        }
    }

    private func register(_ connection: Connection) {
        let id = ObjectIdentifier(connection)
        state.withLock { $0.connections[id] = connection }
        connection.channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.connections[id] = nil }
        }
    }

    /// How many connections were accepted since the start.
    var acceptedConnections: Int { state.withLock { $0.accepted } }

    func connections(of replica: Replica) -> [Connection] {
        state.withLock { $0.connections.values.filter { $0.replica === replica } }
    }

    /// Lets what is in flight end, for that long at most, and closes every connection of the replica.
    func drain(_ replica: Replica, timeout: Double) async {
        let closing = connections(of: replica)
        for connection in closing { connection.goAway() }
        await Self.wait(timeout: timeout) { !closing.contains(where: \.isBusy) }
        for connection in closing { try? await connection.channel.close().get() }
    }

    private static func wait(timeout: Double, for isDone: () -> Bool) async {
        let deadline = ContinuousClock.now + .seconds(timeout)
        while !isDone(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Cuts every connection and ends the threads, once the requests that were being served have noticed.
    func shutdown() async {
        let all = state.withLock { Array($0.connections.values) }
        for connection in all { try? await connection.channel.close().get() }
        await Self.wait(timeout: 5) { self.load.isIdle }
        try? await group.shutdownGracefully()
    }
}

/// How many requests are being served, on connections that are open or already cut.
final class Load: Sendable {
    private let count = Mutex(0)
    var isIdle: Bool { count.withLock { $0 == 0 } }
    func change(by step: Int) { count.withLock { $0 += step } }
}

/// One client connection, and the replica that serves it.
final class Connection: Sendable {
    private struct State {
        var isHTTP2 = false
        var inFlight = 0
        var isGoing = false
    }

    let channel: any Channel
    let replica: Replica
    private let state = Mutex(State())

    private let load: Load

    init(channel: any Channel, replica: Replica, load: Load) {
        self.channel = channel
        self.replica = replica
        self.load = load
    }

    var isHTTP2: Bool {
        get { state.withLock { $0.isHTTP2 } }
        set { state.withLock { $0.isHTTP2 = newValue } }
    }

    var isBusy: Bool { state.withLock { $0.inFlight > 0 } }
    /// Whether the connection takes no more requests, so that an answer over HTTP/1.1 says `Connection: close`.
    var isGoing: Bool { state.withLock { $0.isGoing } }

    func begin() {
        load.change(by: 1)
        state.withLock { $0.inFlight += 1 }
    }

    /// A request is answered; a connection that is going closes after the last one.
    func end() {
        let isLast = state.withLock { state in
            state.inFlight -= 1
            return state.isGoing && state.inFlight == 0
        }
        if isLast { channel.close(promise: nil) }
        load.change(by: -1)
    }

    /// Tells an HTTP/2 client to open no more streams; closes when nothing is in flight.
    func goAway() {
        let (isFirst, isHTTP2, isIdle) = state.withLock { state in
            defer { state.isGoing = true }
            return (!state.isGoing, state.isHTTP2, state.inFlight == 0)
        }
        guard isFirst else { return }
        if isHTTP2 {
            let frame = HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil))
            channel.writeAndFlush(frame, promise: nil)
        }
        if isIdle { channel.close(promise: nil) }
    }

    func cut() { channel.close(promise: nil) }
}
