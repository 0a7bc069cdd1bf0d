import HTTPFront
import NIOCore
import NIOHTTP1

/// Has a request answered, and writes the answer.
struct RequestHandler {
    /// What a request's body may hold: more than an object in etcd can.
    static let largestBody = 3 << 20

    let api: ClusterAPI
    let connection: Connection

    func answer(_ gathered: GatheredRequest) {
        let request = APIRequest(
            method: gathered.head.method.rawValue, uri: gathered.head.uri, headers: gathered.headers,
            body: gathered.body)
        connection.begin()
        gathered.channel.eventLoop.makeFutureWithTask {
            try await write(await api.answer(request, on: connection.replica), to: gathered)
        }.whenComplete { _ in connection.end() }
    }

    private func write(_ response: APIResponse, to request: GatheredRequest) async throws {
        if response.ending == .drop {
            connection.cut()
            return
        }
        if response.ending == .goAway { connection.goAway() }
        let channel = request.channel
        let closes = !connection.isHTTP2 && (!request.head.isKeepAlive || connection.isGoing)
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
            try await channel.writeAndFlush(request.part(rest))
            connection.cut()
            return
        }
        if response.drip > 0 {
            let pieces = 10
            let size = max(1, rest.count / pieces)
            while !rest.isEmpty {
                try await channel.writeAndFlush(request.part(rest.prefix(size)))
                rest = rest.dropFirst(size)
                try await Task.sleep(for: .seconds(response.drip / Double(pieces)))
            }
        } else if !rest.isEmpty {
            channel.write(request.part(rest), promise: nil)
        }
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if closes { try await channel.close() }
    }
}
