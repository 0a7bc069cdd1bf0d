import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP/1.1 client for the few requests that we make of our own servers, one connection each.
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

    func send(_ method: Method, _ path: String, body: Data = Data()) async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(Int64(timeout)))
            .channelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerCollector(promise))
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        } catch {
            promise.fail(error)
            throw RealClusterError.noAnswer(from: "127.0.0.1:\(port)", reason: "\(error)")
        }
        let deadline = loop.scheduleTask(in: .seconds(Int64(timeout))) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.rawValue), uri: path)
        for (name, value) in headers { head.headers.replaceOrAdd(name: name, value: value) }
        head.headers.replaceOrAdd(name: "host", value: "127.0.0.1")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        head.headers.replaceOrAdd(name: "content-length", value: "\(body.count)")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        do {
            return try await promise.futureResult.get()
        } catch {
            throw RealClusterError.noAnswer(from: "127.0.0.1:\(port)", reason: "\(error)")
        }
    }
}

private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<LoopbackHTTP.Answer>
    private var status = 0
    private var body = Data()

    init(_ promise: EventLoopPromise<LoopbackHTTP.Answer>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end:
            promise.succeed(.init(status: status, body: body))
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Only the first outcome of a promise counts.
        promise.fail(ChannelError.eof)
    }
}
