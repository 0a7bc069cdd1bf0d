import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP/1.1 client for requests that we make of our own servers.
struct LoopbackHTTP: Sendable {
    struct Answer: Sendable {
        let status: Int
        let body: Data
    }

    enum Method: String {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
    }

    let port: Int
    /// Nil for a server without TLS.
    let tls: NIOSSLContext?
    var headers: [String: String] = [:]
    /// Seconds until a request that has no answer yet fails.
    var timeout = 30

    /// One request on a connection of its own.
    func send(_ method: Method, _ path: String, body: Data = Data()) async throws -> Answer {
        let connection = try await connect()
        defer { connection.close() }
        return try await connection.send(method, path, body: body, isLast: true)
    }

    func connect() async throws -> LoopbackConnection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
            .connectTimeout(.seconds(Int64(timeout)))
            .channelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler())
                }
            }
        do {
            return LoopbackConnection(
                channel: try await bootstrap.connect(host: "127.0.0.1", port: port).get(), http: self)
        } catch {
            throw failure(error)
        }
    }

    fileprivate func failure(_ error: any Error) -> RealClusterError {
        .noAnswer(from: "127.0.0.1:\(port)", reason: "\(error)")
    }
}

/// A connection that carries one request after another.
struct LoopbackConnection: Sendable {
    fileprivate let channel: any Channel
    fileprivate let http: LoopbackHTTP

    func send(
        _ method: LoopbackHTTP.Method, _ path: String, body: Data = Data(), isLast: Bool = false
    ) async throws -> LoopbackHTTP.Answer {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.rawValue), uri: path)
        for (name, value) in http.headers { head.headers.replaceOrAdd(name: name, value: value) }
        head.headers.replaceOrAdd(name: "host", value: "127.0.0.1")
        if isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
        head.headers.replaceOrAdd(name: "content-length", value: "\(body.count)")
        let promise = channel.eventLoop.makePromise(of: LoopbackHTTP.Answer.self)
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(Int64(http.timeout))) { [channel] in
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        // Only the first outcome of a promise counts: a write that fails is one, an answer another.
        channel.writeAndFlush(Exchange(head: head, body: ByteBuffer(bytes: body), answer: promise))
            .whenFailure { promise.fail($0) }
        do {
            return try await promise.futureResult.get()
        } catch {
            throw http.failure(error)
        }
    }

    func close() { channel.close(promise: nil) }
}

/// A request, and who waits for its answer.
private struct Exchange: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let answer: EventLoopPromise<LoopbackHTTP.Answer>
}

private final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private var waiting: EventLoopPromise<LoopbackHTTP.Answer>?
    private var status = 0
    private var body = Data()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        waiting = exchange.answer
        (status, body) = (0, Data())
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end: waiting?.succeed(.init(status: status, body: body))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        waiting?.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
