public import ClusterModel
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// A KMS v1 plugin that listens on a unix socket until it is stopped.
public actor KMSPluginServer {
    public nonisolated let route: KeyRoute
    /// The address as the encryption configuration wants it, `unix:///…`.
    public nonisolated var endpoint: String { "unix://\(socket)" }

    private let socket: String
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private var serving: Task<Void, any Error>?

    public init(route: KeyRoute, socket: String, access: any KeyAccess) {
        self.route = route
        self.socket = socket
        server = GRPCServer(
            transport: .http2NIOPosix(address: .unixDomainSocket(path: socket), transportSecurity: .plaintext),
            services: [KeyManagementService(route: route, access: access)])
    }

    /// Returns when the socket accepts connections.
    public func start() async throws {
        guard serving == nil else { return }
        // A socket's file outlives a process that was killed, and then nobody can listen there.
        try? FileManager.default.removeItem(atPath: socket)
        let server = self.server
        serving = Task { try await server.serve() }
        _ = try await server.listeningAddress
    }

    public func stop() async {
        server.beginGracefulShutdown()
        // API servers keep their connection for ever; without them a graceful end is at once.
        serving?.cancel()
        _ = await serving?.result
        serving = nil
        try? FileManager.default.removeItem(atPath: socket)
    }
}
