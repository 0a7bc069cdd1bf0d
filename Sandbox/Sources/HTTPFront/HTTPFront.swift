package import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
package import NIOSSL

/// A server of HTTP/1.1 and HTTP/2 over TLS on a loopback address.
package enum HTTPFront {
    /// Listens; each connection that is accepted is set up by `accept`, which calls `serve`.
    package static func listen(
        on group: any EventLoopGroup, host: String = "127.0.0.1", port: Int, tls: TLSConfiguration,
        accept: @escaping @Sendable (any Channel, NIOSSLContext) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        var tls = tls
        tls.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        let context = try NIOSSLContext(configuration: tls)
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in accept(channel, context) }
            .bind(host: host, port: port).get()
    }

    /// Serves a connection: `handler` makes what answers an HTTP/1.1 connection, or a stream of HTTP/2.
    ///
    /// - Parameter isHTTP2: called when the client chose HTTP/2.
    package static func serve(
        _ channel: any Channel, _ context: NIOSSLContext, isHTTP2: @escaping @Sendable () -> Void,
        handler: @escaping @Sendable () -> RequestGatherer
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            channel.configureCommonHTTPServerPipeline(
                connectionConfiguration: .init(), streamConfiguration: streams,
                h2ConnectionChannelConfigurator: { channel in
                    isHTTP2()
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
            ) { stream in
                stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(handler()) }
            }
        }
    }

    /// As kube-apiserver, which counts no resets: curl resets a stream whose body is complete before its end has come,
    /// and at 200 of them in half a minute NIO would close the connection.
    private static let streams: NIOHTTP2Handler.StreamConfiguration = {
        var streams = NIOHTTP2Handler.StreamConfiguration()
        streams.streamResetFrameRateLimit.maximumCount = .max
        return streams
    }()
}
