import NIOCore
import NIOHTTP1

/// Gathers a request, has it answered, and writes the answer: one for each HTTP/1.1 connection or HTTP/2 stream.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What a request's body may hold: more than an object in etcd can.
    private static let largestBody = 3 << 20

    private let api: ClusterAPI
    private let connection: Connection
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(api: ClusterAPI, connection: Connection) {
        self.api = api
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            guard body.count + part.readableBytes <= Self.largestBody else {
                context.close(promise: nil)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            self.head = nil
            respond(to: head, on: context.channel)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func respond(to head: HTTPRequestHead, on channel: any Channel) {
        var headers: [String: String] = [:]
        for (name, value) in head.headers {
            let name = name.lowercased()
            headers[name] = headers[name].map { $0 + "," + value } ?? value
        }
        let request = APIRequest(method: head.method.rawValue, uri: head.uri, headers: headers, body: body)
        body = []
        let (api, connection) = (api, connection)
        let isKeptAlive = head.isKeepAlive
        connection.begin()
        channel.eventLoop.makeFutureWithTask {
            let response = await api.answer(request, on: connection.replica)
            try await Self.write(response, to: channel, connection, isKeptAlive: isKeptAlive)
        }.whenComplete { _ in connection.end() }
    }

    private static func write(
        _ response: APIResponse, to channel: any Channel, _ connection: Connection, isKeptAlive: Bool
    ) async throws {
        if response.ending == .drop {
            connection.cut()
            return
        }
        if response.ending == .goAway { connection.goAway() }
        let closes = !connection.isHTTP2 && (!isKeptAlive || connection.isGoing)
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status))
        for (name, value) in response.headers { head.headers.add(name: name, value: value) }
        head.headers.add(name: "audit-id", value: "00000000-0000-0000-0000-000000000000")
        head.headers.add(name: "cache-control", value: "no-cache, private")
        head.headers.add(name: "content-length", value: String(response.body.count))
        if closes { head.headers.add(name: "connection", value: "close") }
        channel.write(HTTPServerResponsePart.head(head), promise: nil)

        var rest = response.body[...]
        if response.ending == .truncate {
            rest = rest.prefix(rest.count / 2)
            try await channel.writeAndFlush(part(rest, channel))
            connection.cut()
            return
        }
        if response.drip > 0 {
            let pieces = 10
            let size = max(1, rest.count / pieces)
            while !rest.isEmpty {
                try await channel.writeAndFlush(part(rest.prefix(size), channel))
                rest = rest.dropFirst(size)
                try await Task.sleep(for: .seconds(response.drip / Double(pieces)))
            }
        } else if !rest.isEmpty {
            channel.write(part(rest, channel), promise: nil)
        }
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if closes { try await channel.close() }
    }

    private static func part(_ bytes: ArraySlice<UInt8>, _ channel: any Channel) -> HTTPServerResponsePart {
        .body(.byteBuffer(channel.allocator.buffer(bytes: bytes)))
    }
}
