import Foundation
import NIOSSL
import Testing

@testable import RealCluster

/// A client of the cluster's address as others see it, through the balancer, trusting the cluster's CA only.
struct TestClient: Sendable {
    private(set) var http: LoopbackHTTP

    init(_ cluster: RealCluster, token: String? = nil) async throws {
        let url = try #require(URL(string: await cluster.serverURL))
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(await cluster.caPEM.utf8)))
        let admin = await cluster.adminToken
        http = LoopbackHTTP(
            port: try #require(url.port), tls: try NIOSSLContext(configuration: tls),
            headers: ["authorization": "Bearer \(token ?? admin)", "content-type": "application/merge-patch+json"])
    }

    /// The same client, which gives up earlier.
    func waiting(seconds: Int) -> TestClient {
        var copy = self
        copy.http.timeout = seconds
        return copy
    }

    private struct Object: Decodable {
        struct Metadata: Decodable { let resourceVersion: String }
        let metadata: Metadata
    }

    private static let secrets = "/api/v1/namespaces/default/secrets"

    func send(_ method: LoopbackHTTP.Method, _ path: String, _ body: String = "") async throws -> LoopbackHTTP.Answer {
        var http = self.http
        if method == .post { http.headers["content-type"] = "application/json" }
        return try await http.send(method, path, body: Data(body.utf8))
    }

    func create(_ name: String) async throws -> LoopbackHTTP.Answer {
        let body = #"{"metadata":{"name":"\#(name)"},"stringData":{"password":"only for this test"}}"#
        return try await send(.post, Self.secrets, body)
    }

    func createSecret(_ name: String) async throws {
        #expect(try await create(name).status == 201)
    }

    func get(_ name: String) async throws -> LoopbackHTTP.Answer {
        try await send(.get, "\(Self.secrets)/\(name)")
    }

    func patch(_ name: String) async throws -> LoopbackHTTP.Answer {
        try await send(.patch, "\(Self.secrets)/\(name)", "{}")
    }

    /// Tries once more if the connection is lost.
    func patchTwice(_ name: String) async throws -> LoopbackHTTP.Answer {
        do { return try await patch(name) } catch is RealClusterError { return try await patch(name) }
    }

    func version(of name: String) async throws -> String {
        try JSONDecoder().decode(Object.self, from: await get(name).body).metadata.resourceVersion
    }

    /// The empty patch; its answer's resourceVersion.
    func touch(_ name: String) async throws -> String {
        let answer = try await patch(name)
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        return try JSONDecoder().decode(Object.self, from: answer.body).metadata.resourceVersion
    }
}
