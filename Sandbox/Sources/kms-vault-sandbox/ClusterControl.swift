import AzureStandIn
import ClusterModel
import Foundation

/// What is under /sandbox of a cluster itself, by default the first; all the rest of /sandbox is the stand-in's.
struct ClusterControl: Sendable {
    let fleet: Fleet

    /// Nil for a request that is none of these.
    func answer(to request: AzureStandIn.Request) async -> Answer? {
        let path = request.segments.map { $0.lowercased() }
        guard path.first == "sandbox" else { return nil }
        do {
            switch (request.method, Array(path.dropFirst())) {
            case ("POST", ["seed"]): return try await seed(try cluster(request), request)
            case ("GET", ["read-all"]): return try await readAll(try cluster(request), request)
            default:
                guard path.count > 2, path[1] == "cluster" else { return nil }
                let cluster = try cluster(request)
                let order = ClusterOrder(
                    method: request.method, path: Array(path.dropFirst(2)), body: Data(request.body))
                return try await (cluster as? any OrderableCluster)?.take(order).map { Answer(200, $0) }
            }
        } catch let error as ControlError {
            return Answer(400, ["error": ["code": "BadRequest", "message": .string(error.description)]])
        } catch let error as DecodingError {
            return Answer(
                400, ["error": ["code": "BadRequest", "message": .string("The body is not as expected: \(error)")]])
        } catch {
            return Answer(500, ["error": ["code": "ClusterFailed", "message": .string("\(error)")]])
        }
    }

    private func cluster(_ request: AzureStandIn.Request) throws -> any ClusterBackend {
        guard let name = request.parameter("cluster") else { return fleet.first }
        guard let found = fleet.member(name) else { throw ControlError("the sandbox has no cluster '\(name)'") }
        return found.cluster
    }

    private struct Seed: Decodable {
        var secrets: Int
        var namespaces: Int?
        var bytes: Int?
        var canary: String?
    }

    private func seed(_ cluster: any ClusterBackend, _ request: AzureStandIn.Request) async throws -> Answer {
        let wanted = try JSONDecoder().decode(Seed.self, from: Data(request.body))
        let (namespaces, bytes) = (wanted.namespaces ?? 10, wanted.bytes ?? 1024)
        guard (0...1_000_000).contains(wanted.secrets), (1...100_000).contains(namespaces),
            (0...1_000_000).contains(bytes)
        else { throw ControlError("secrets, namespaces and bytes are out of range") }
        guard let cluster = cluster as? any SeedableCluster else { throw ControlError("this cluster holds no Secrets") }
        let start = ContinuousClock.now
        try await cluster.seed(
            namespaces: namespaces, secrets: wanted.secrets, bytes: bytes, canary: wanted.canary ?? "canary")
        let seconds = start.duration(to: .now) / .seconds(1)
        return Answer(
            200, ["secrets": .int(wanted.secrets), "namespaces": .int(namespaces), "seconds": .double(seconds)])
    }

    private func readAll(_ cluster: any ClusterBackend, _ request: AzureStandIn.Request) async throws -> Answer {
        guard let cluster = cluster as? any ReadableCluster else { throw ControlError("this cluster holds no Secrets") }
        var sample: Int?
        if let text = request.parameter("sample") {
            guard let number = Int(text), number > 0 else { throw ControlError("sample is a number above 0") }
            sample = number
        }
        return try Answer(200, encoding: try await cluster.readAll(sample: sample))
    }
}

struct ControlError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Answer {
    init(_ status: Int, encoding value: some Encodable) throws {
        self.init(status, headers: [("content-type", "application/json; charset=utf-8")])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        body = [UInt8](try encoder.encode(value))
    }
}
