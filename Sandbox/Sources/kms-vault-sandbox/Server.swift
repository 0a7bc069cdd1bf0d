import AzureStandIn
import HTTPTypes
import Hummingbird
import HummingbirdHTTP2
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// HTTP/1.1 and HTTP/2 over TLS in front of the stand-in.
struct Server {
    private let application: Application<Responder>
    private let ready: ReadySignal

    init(azure: StandIn, control: ClusterControl, port: Int, tls: TLSConfiguration) throws {
        var logger = Logger(label: "kms-vault-sandbox")
        // At a stop Hummingbird calls what it cancels an error.
        logger.logLevel = .critical
        let ready = ReadySignal()
        self.ready = ready
        application = Application(
            responder: Responder(azure: azure, control: control),
            server: try .http2Upgrade(tlsConfiguration: tls),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in await ready.fire() },
            logger: logger)
    }

    /// Serves until it is cancelled; tells when it listens.
    func run(whenReady: @escaping @Sendable () -> Void) async throws {
        await ready.set(whenReady)
        try await application.runService(gracefulShutdownSignals: [])
    }
}

private actor ReadySignal {
    private var action: (@Sendable () -> Void)?
    func set(_ action: @escaping @Sendable () -> Void) { self.action = action }
    func fire() { action?() }
}

/// Keeps the channel, which a lost answer closes.
struct ChannelContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// Turns Hummingbird's requests into the stand-in's values and back.
struct Responder: HTTPResponder {
    private static let largestBody = 8 << 20
    let azure: StandIn
    let control: ClusterControl

    func respond(to request: Hummingbird.Request, context: ChannelContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.largestBody)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        if let host = request.head.authority { headers["host"] = host }
        let taken = AzureStandIn.Request(
            method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
            body: Array(body.readableBytesView))
        let answer =
            if let ofCluster = await control.answer(to: taken) { ofCluster } else { await azure.respond(to: taken) }
        if answer.isLost {
            // Of HTTP/2 this resets the stream; a client cannot tell it from a lost connection.
            try? await context.channel.close()
            throw HTTPError(.serviceUnavailable)
        }
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let bytes = ByteBuffer(bytes: answer.body)
        // Told the length, curl is done before the end of the stream comes and resets it; of 200 resets in half a
        // minute NIO thinks ill and closes the connection.
        let streamed = ResponseBody { writer in
            try await writer.write(bytes)
            try await writer.finish(nil)
        }
        return Response(status: .init(code: answer.status), headers: fields, body: streamed)
    }
}
