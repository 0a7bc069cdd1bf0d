import NIOCore

/// Passes what one end of a connection says on to the other, half a round trip later.
///
/// Two relays make a connection; both live on the same event loop. What is under way is delayed, not serialized: a
/// later chunk starts its journey while earlier ones still travel.
final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum Item {
        case bytes(ByteBuffer)
        case end
    }

    /// Reading stops while this much travels, so that a slow reader slows the writer down.
    private static let window = 8 << 20

    private let partner: any Channel
    private let delay: TimeAmount
    private var travelling = CircularBuffer<Item>()
    private var bytesUnderWay = 0
    private var wantsRead = false

    init(to partner: any Channel, delay: TimeAmount) {
        self.partner = partner
        self.delay = delay
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { context.read() }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        bytesUnderWay += buffer.readableBytes
        send(.bytes(buffer), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        wantsRead = true
        readIfRoom(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        send(.end, context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func readIfRoom(_ context: ChannelHandlerContext) {
        guard wantsRead, bytesUnderWay < Self.window else { return }
        wantsRead = false
        context.read()
    }

    private func send(_ item: Item, _ context: ChannelHandlerContext) {
        guard delay > .zero else {
            arrive(item, context)
            return
        }
        // Timers of one deadline may fire in any order; whichever fires takes the oldest item.
        travelling.append(item)
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            if let next = self.travelling.popFirst() { self.arrive(next, context) }
        }
    }

    private func arrive(_ item: Item, _ context: ChannelHandlerContext) {
        switch item {
        case .bytes(let buffer):
            let count = buffer.readableBytes
            partner.writeAndFlush(buffer).assumeIsolated().whenComplete { _ in
                self.bytesUnderWay -= count
                self.readIfRoom(context)
            }
        case .end:
            // Closing drops what is not written yet: an empty write completes after all before it.
            partner.writeAndFlush(ByteBuffer()).whenComplete { [partner] _ in partner.close(promise: nil) }
        }
    }
}
