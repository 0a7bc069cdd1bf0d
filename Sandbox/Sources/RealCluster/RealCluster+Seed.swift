public import ClusterModel
import Foundation
import NIOSSL

extension RealCluster: SeedableCluster {
    /// Creates Secrets through the API, eight requests at a time.
    public func seed(namespaces: Int, secrets: Int, bytes: Int, canary: String) async throws {
        let client = try seedClient()
        let names = (0..<max(namespaces, 1)).map { "team-\($0)" }
        for name in names {
            try await post("/api/v1/namespaces", #"{"metadata":{"name":"\#(name)"}}"#, client)
        }
        let padding = String(repeating: "x", count: max(0, bytes - canary.utf8.count))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<secrets {
                if number >= 8 { try await group.next() }
                group.addTask {
                    let value = Data((canary + padding).utf8).base64EncodedString()
                    let body = #"{"metadata":{"name":"secret-\#(number)"},"data":{"value":"\#(value)"}}"#
                    try await self.post("/api/v1/namespaces/\(names[number % names.count])/secrets", body, client)
                }
            }
            try await group.waitForAll()
        }
    }

    private func seedClient() throws -> LoopbackHTTP {
        guard let port = URL(string: serverURL)?.port else { throw RealClusterError.notRunning }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(caPEM.utf8)))
        return LoopbackHTTP(
            port: port, tls: try NIOSSLContext(configuration: tls),
            headers: ["authorization": "Bearer \(adminToken)", "content-type": "application/json"])
    }

    /// Creates an object; one that is there already is fine.
    private nonisolated func post(_ path: String, _ body: String, _ client: LoopbackHTTP) async throws {
        let answer = try await client.send(.post, path, body: Data(body.utf8))
        guard [200, 201, 409].contains(answer.status) else {
            throw RealClusterError.unexpectedAnswer(
                to: path, status: answer.status, body: String(decoding: answer.body.prefix(200), as: UTF8.self))
        }
    }
}
