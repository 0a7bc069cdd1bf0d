import Foundation
import HTTP
import SystemRig

/// Users of the cluster who know nothing of the switch: one reads, one writes, one creates and deletes.
actor Load {
    private let client: ClusterClient
    private var seconds = 0.0
    private(set) var reads = 0
    private(set) var writes = 0
    private(set) var births = 0
    private var slowest = Duration.zero
    /// What no retry mended.
    private(set) var failures: [String] = []
    /// The last acknowledged value of each Secret that was written.
    private var acknowledged: [Int: String] = [:]
    /// Created and not deleted.
    private(set) var alive: [String] = []
    private var deleted: [String] = []

    private init(_ client: ClusterClient) { self.client = client }

    /// Runs the users until `body` has ended, and hands them to it.
    static func during(_ client: ClusterClient, _ body: (Load) async throws -> Void) async throws -> Load {
        let load = Load(client)
        let users = Task { await load.run() }
        do {
            try await body(load)
        } catch {
            users.cancel()
            await users.value
            throw error
        }
        users.cancel()
        await users.value
        return load
    }

    /// Ten of each a second, until it is cancelled.
    private func run() async {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tenTimesASecond { await self.read() } }
            group.addTask { await self.tenTimesASecond { await self.write() } }
            group.addTask { await self.tenTimesASecond { await self.comeAndGo() } }
        }
        seconds = start.duration(to: .now) / .seconds(1)
    }

    /// What takes longer than its tenth of a second is made up for by those that follow.
    private nonisolated func tenTimesASecond(_ action: () async -> Void) async {
        var next = ContinuousClock.now
        while !Task.isCancelled {
            await action()
            next += .seconds(0.1)
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }

    private func read() async {
        let path = ClusterClient.seeded(.random(in: 0..<RealCluster.secrets))
        let start = ContinuousClock.now
        guard let answer = await expect(200, .get, path) else { return }
        slowest = max(slowest, start.duration(to: .now))
        let value = try? ClusterClient.value(of: answer)
        if value?.hasPrefix(RealCluster.canary) == true {
            reads += 1
        } else {
            failures.append("GET \(path): \(value ?? "no value")")
        }
    }

    private func write() async {
        let number = Int.random(in: 0..<RealCluster.secrets)
        let value = "\(RealCluster.canary)-\(writes)"
        let encoded = Data(value.utf8).base64EncodedString()
        if await expect(200, .patch, ClusterClient.seeded(number), #"{"data":{"value":"\#(encoded)"}}"#) != nil {
            acknowledged[number] = value
            writes += 1
        }
    }

    /// Every second one is deleted again.
    private func comeAndGo() async {
        let number = births
        let name = "passing-\(number)"
        let path = ClusterClient.secret(name, in: number)
        let encoded = Data(RealCluster.canary.utf8).base64EncodedString()
        let body = #"{"metadata":{"name":"\#(name)"},"data":{"value":"\#(encoded)"}}"#
        births += 1
        // After a lost answer the second request finds the first one's work done.
        let collection = String(path.dropLast(name.count + 1))
        guard await expect(201, or: 409, .post, collection, body) != nil else { return }
        if number % 2 == 0 {
            alive.append(path)
        } else if await expect(200, or: 404, .delete, path) != nil {
            deleted.append(path)
        }
    }

    private func expect(
        _ status: Int, or other: Int? = nil, _ method: HTTPMethod, _ path: String, _ body: String = ""
    ) async -> HTTPResponse? {
        // What was begun is finished: a cancelled write would leave it open which value is there.
        let request = Task { try await client.send(method, path, body) }
        do {
            let answer = try await request.value
            if answer.status == status || answer.status == other { return answer }
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            failures.append("\(method.rawValue) \(path): \(answer.status) \(text)")
        } catch {
            failures.append("\(method.rawValue) \(path): \(error)")
        }
        return nil
    }

    /// Updates that are not there, created Secrets that cannot be read, and deleted ones that can.
    func losses() async throws -> [String] {
        var losses: [String] = []
        for (number, value) in acknowledged {
            let seen = try await client.value(ClusterClient.seeded(number))
            if seen != value { losses.append("secret-\(number): \(seen ?? "nothing") instead of \(value)") }
        }
        for path in alive where try await client.value(path) != RealCluster.canary { losses.append(path) }
        for path in deleted where try await client.send(.get, path).status != 404 { losses.append(path + " is back") }
        return losses
    }

    /// Reads a second.
    var readRate: Double { Double(reads) / max(seconds, 1) }

    var summary: String {
        """
        \(reads) reads (\((readRate * 10).rounded() / 10)/s, the slowest \(slowest)), \(writes) updates, \
        \(births) Secrets created, \(deleted.count) deleted, \(client.retries) retries after a lost connection
        """
    }
}
