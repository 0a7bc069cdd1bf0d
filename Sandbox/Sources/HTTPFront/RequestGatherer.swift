package import NIOCore
package import NIOHTTP1

/// A request with its whole body, and where its answer goes.
package struct GatheredRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
    package let channel: any Channel

    /// Names in lower case; values of a name that comes more than once are joined by commas.
    package var headers: [String: String] {
        head.headers.reduce(into: [:]) { headers, field in
            let name = field.name.lowercased()
            headers[name] = headers[name].map { $0 + "," + field.value } ?? field.value
        }
    }

    /// A part of the answer's body.
    package func part(_ bytes: some Collection<UInt8>) -> HTTPServerResponsePart {
        .body(.byteBuffer(channel.allocator.buffer(bytes: bytes)))
    }
}

/// Gathers requests and gives each to whoever answers: one for each HTTP/1.1 connection or HTTP/2 stream. A request
/// with too large a body ends the connection.
package final class RequestGatherer: ChannelInboundHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    private let largestBody: Int
    private let take: @Sendable (GatheredRequest) -> Void
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    /// - Parameter largestBody: bytes.
    package init(largestBody: Int, take: @escaping @Sendable (GatheredRequest) -> Void) {
        self.largestBody = largestBody
        self.take = take
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            guard head != nil else { return }
            guard body.count + part.readableBytes <= largestBody else {
                head = nil
                context.close(promise: nil)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            let request = GatheredRequest(head: head, body: body, channel: context.channel)
            self.head = nil
            body = []
            take(request)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
