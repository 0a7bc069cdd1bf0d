import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server that answers with its name and what it was sent.
struct EchoServer {
    let port: Int
    private let channel: any Channel

    static func start(_ name: String) async throws -> EchoServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Echo(name))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return EchoServer(port: channel.localAddress?.port ?? 0, channel: channel)
    }

    func stop() async throws {
        try await channel.close().get()
    }
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var answer: ByteBuffer

    init(_ name: String) {
        answer = ByteBuffer(string: name)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: break
        case .body(var part): answer.writeBuffer(&part)
        case .end:
            // Without a length the answer ends with the connection, and only if all of it arrives first is it whole.
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["connection": "close"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
