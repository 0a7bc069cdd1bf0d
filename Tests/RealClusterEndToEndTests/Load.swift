import Foundation
import HTTP

/// Users of the cluster who know nothing of the switch: one reads, one writes, one creates and deletes.
actor Load {
    private let client: ClusterClient
    private(set) var reads = 0
    private(set) var writes = 0
    private(set) var births = 0
    /// What no retry mended.
    private(set) var failures: [String] = []
    /// The last acknowledged value of each Secret that was written.
    private var acknowledged: [Int: String] = [:]
    /// Created and not deleted.
    private var alive: [String] = []

    init(_ client: ClusterClient) { self.client = client }

    /// Ten of each a second, until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.repeatedly { await self.read() } }
            group.addTask { await self.repeatedly { await self.write() } }
            group.addTask { await self.repeatedly { await self.comeAndGo() } }
        }
    }

    private nonisolated func repeatedly(_ action: () async -> Void) async {
        while !Task.isCancelled {
            await action()
            try? await Task.sleep(for: .seconds(0.1))
        }
    }

    private func read() async {
        let path = ClusterClient.seeded(.random(in: 0..<RealRig.secrets))
        if await expect(200, .get, path) { reads += 1 }
    }

    private func write() async {
        let number = Int.random(in: 0..<RealRig.secrets)
        let value = "\(RealSandbox.canary)-\(writes)"
        let encoded = Data(value.utf8).base64EncodedString()
        if await expect(200, .patch, ClusterClient.seeded(number), #"{"data":{"value":"\#(encoded)"}}"#) {
            acknowledged[number] = value
            writes += 1
        }
    }

    /// Every second one is deleted again.
    private func comeAndGo() async {
        let number = births
        let name = "passing-\(number)"
        let path = ClusterClient.secret(name, in: number)
        let encoded = Data(RealSandbox.canary.utf8).base64EncodedString()
        let body = #"{"metadata":{"name":"\#(name)"},"data":{"value":"\#(encoded)"}}"#
        births += 1
        // After a lost answer the second request finds the first one's work done.
        let collection = String(path.dropLast(name.count + 1))
        guard await expect(201, or: 409, .post, collection, body) else { return }
        if number % 2 == 0 {
            alive.append(path)
        } else {
            _ = await expect(200, or: 404, .delete, path)
        }
    }

    private func expect(
        _ status: Int, or other: Int? = nil, _ method: HTTPMethod, _ path: String, _ body: String = ""
    ) async -> Bool {
        // What was begun is finished: a cancelled write would leave it open which value is there.
        let request = Task { try await client.send(method, path, body) }
        do {
            let answer = try await request.value
            if answer.status == status || answer.status == other { return true }
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            failures.append("\(method.rawValue) \(path): \(answer.status) \(text)")
        } catch {
            failures.append("\(method.rawValue) \(path): \(error)")
        }
        return false
    }

    /// Updates that are not there, and created Secrets that cannot be read.
    func losses() async throws -> [String] {
        var losses: [String] = []
        for (number, value) in acknowledged {
            let seen = try await client.value(ClusterClient.seeded(number))
            if seen != value { losses.append("secret-\(number): \(seen ?? "nothing") instead of \(value)") }
        }
        for path in alive where try await client.value(path) != RealSandbox.canary { losses.append(path) }
        return losses
    }
}
