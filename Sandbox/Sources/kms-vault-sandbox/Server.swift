import AzureStandIn
import Foundation
import HTTPFront
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP/1.1 and HTTP/2 over TLS in front of the stand-in.
struct Server {
    private static let largestBody = 8 << 20
    let azure: StandIn
    let control: ClusterControl
    let port: Int
    let tls: TLSConfiguration

    /// Serves until it is cancelled; tells when it listens.
    func run(whenReady: @Sendable () -> Void) async throws {
        let responder = Responder(azure: azure, control: control)
        let listener = try await HTTPFront.listen(
            on: MultiThreadedEventLoopGroup.singleton, port: port, tls: tls
        ) { channel, context in
            HTTPFront.serve(channel, context, isHTTP2: {}) {
                RequestGatherer(largestBody: Self.largestBody) { request in
                    _ = request.channel.eventLoop.makeFutureWithTask { try await responder.respond(to: request) }
                }
            }
        }
        whenReady()
        try await withTaskCancellationHandler {
            try await listener.closeFuture.get()
        } onCancel: {
            listener.close(promise: nil)
        }
    }
}

/// Turns requests into the stand-in's values and back.
private struct Responder: Sendable {
    let azure: StandIn
    let control: ClusterControl

    func respond(to request: GatheredRequest) async throws {
        let taken = AzureStandIn.Request(
            method: request.head.method.rawValue, target: request.head.uri, headers: request.headers,
            body: request.body)
        let answer =
            if let ofCluster = await control.answer(to: taken) { ofCluster } else { await azure.respond(to: taken) }
        let channel = request.channel
        if answer.isLost {
            // Of HTTP/2 this resets the stream; a client cannot tell it from a lost connection.
            try? await channel.close()
            return
        }
        let closes = request.head.version.major == 1 && !request.head.isKeepAlive
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
        for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
        // As every server of Azure; a client sees by it whether its own clock is right.
        head.headers.add(name: "date", value: Self.date())
        if closes { head.headers.add(name: "connection", value: "close") }
        // Without a length: told it, curl is done before the end of the stream comes, and resets it.
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if !answer.body.isEmpty { channel.write(request.part(answer.body), promise: nil) }
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if closes { try await channel.close() }
    }

    /// The time as HTTP writes it (RFC 9110 §5.6.7).
    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(day) \(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
