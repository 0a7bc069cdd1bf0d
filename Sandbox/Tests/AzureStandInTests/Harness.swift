import AzureStandIn
import ClusterModel
import Foundation
import Testing

/// Holds back whoever waits, until it is opened.
actor Gate {
    private var isOpen = true
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func close() { isOpen = false }
    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
    /// Lets those go on that wait now; who comes later waits.
    func step() {
        let now = waiting
        waiting = []
        for continuation in now { continuation.resume() }
    }
    var isAwaited: Bool { !waiting.isEmpty }
    func pass() async {
        guard !isOpen else { return await Task.yield() }
        await withCheckedContinuation { waiting.append($0) }
    }
}

/// A stand-in with its jobs running, a cluster that only remembers, and a token for ARM.
struct Azure {
    let standIn: StandIn
    let cluster: MemoryCluster
    let gate: Gate
    let description: WorldDescription
    let token: String

    static let version = "2026-06-01"
    static let vaultVersion = "2026-02-01"

    static func run(
        _ description: WorldDescription = WorldDescription(), throttles: Bool = false, tokenSeconds: Int = 3600,
        now: @escaping @Sendable () -> Date = { Date() }, commands: (any CommandRunner)? = nil,
        configure: (inout Configuration) -> Void = { _ in }, _ body: (Azure) async throws -> Void
    ) async throws {
        let gate = Gate()
        var settings = Configuration(
            baseURL: "https://localhost:4711", putSeconds: 0...0, tokenSeconds: tokenSeconds, throttles: throttles,
            now: now, sleep: { _ in await gate.pass() })
        configure(&settings)
        let standIn = StandIn(description: description, configuration: settings, commands: commands)
        let cluster = MemoryCluster(access: standIn)
        try await standIn.attach(cluster)
        let token = await standIn.mintForProfile(description.clientID)
        let azure = Azure(
            standIn: standIn, cluster: cluster, gate: gate, description: description,
            token: try #require(token).text)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await standIn.run() }
            try await body(azure)
            await gate.open()
            group.cancelAll()
        }
    }

    var clusterPath: String { description.clusterID.description }
    var vaultPath: String { vaultPath("kv-demo") }
    func vaultPath(_ name: String) -> String {
        "/subscriptions/\(description.subscriptionID)/resourceGroups/\(description.resourceGroup)"
            + "/providers/Microsoft.KeyVault/vaults/\(name)"
    }
    func keyID(_ vault: String = "kv-demo") -> String { description.keyID(vault: vault, suffix: ".vault.azure.net") }

    func send(
        _ method: String, _ target: String, _ body: JSON? = nil, headers: [String: String] = [:], token: String? = nil
    ) async -> Answer {
        var all = headers
        if !(token ?? self.token).isEmpty { all["Authorization"] = "Bearer \(token ?? self.token)" }
        return await standIn.respond(
            to: Request(method: method, target: target, headers: all, body: body?.bytes ?? []))
    }

    func getCluster(_ version: String = Azure.version) async throws -> JSON {
        let answer = await send("GET", "\(clusterPath)?api-version=\(version)")
        #expect(answer.status == 200)
        return try answer.json()
    }

    func kms() async throws -> JSON? {
        try await getCluster()[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
    }

    /// GET, one change, PUT.
    func putKMS(_ kms: JSON?, headers: [String: String] = [:], version: String = Azure.version) async throws -> Answer {
        var body = try await getCluster(version)
        body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = kms
        return await send("PUT", "\(clusterPath)?api-version=\(version)", body, headers: headers)
    }

    var off: JSON { ["enabled": false, "keyId": .string(keyID()), "keyVaultNetworkAccess": "Public"] }
    var privately: JSON {
        [
            "enabled": true, "keyId": .string(keyID()), "keyVaultNetworkAccess": "Private",
            "keyVaultResourceId": .string(vaultPath),
        ]
    }
    var publicly: JSON {
        ["enabled": true, "keyId": .string(keyID()), "keyVaultNetworkAccess": "Public", "keyVaultResourceId": ""]
    }

    /// Polls the operation of an answer to its end.
    func finish(_ answer: Answer) async throws -> JSON {
        let target = try operationTarget(answer)
        for _ in 0..<100_000 {
            let poll = await send("GET", target)
            if poll.status == 200 {
                let body = try poll.json()
                if ["Succeeded", "Failed", "Canceled"].contains(body["status"]?.string ?? "") { return body }
            }
            await Task.yield()
        }
        Issue.record("the operation does not end")
        return nil
    }

    func operationTarget(_ answer: Answer) throws -> String {
        let url = try #require(answer.header("azure-asyncoperation"))
        return url.replacingOccurrences(of: "https://localhost:4711", with: "")
    }

    /// PUT and wait; the status of the operation.
    func change(_ kms: JSON) async throws -> String {
        let answer = try await putKMS(kms)
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        guard answer.status == 200 else { return "" }
        return try await finish(answer)["status"]?.string ?? ""
    }

    func patchVault(_ access: String) async -> Answer {
        await send(
            "PATCH", "\(vaultPath)?api-version=\(Azure.vaultVersion)",
            ["properties": ["publicNetworkAccess": .string(access)]])
    }

    func vaultAccess() async throws -> String? {
        try await send("GET", "\(vaultPath)?api-version=\(Azure.vaultVersion)")
            .json()[path: ["properties", "publicNetworkAccess"]]?.string
    }

    @discardableResult
    func fault(_ body: JSON) async -> Answer { await send("POST", "/sandbox/faults", body) }
    func endFaults() async { _ = await send("DELETE", "/sandbox/faults") }

    /// The code of an error, in either shape.
    func code(_ answer: Answer) throws -> String? {
        let body = try answer.json()
        return (body["error"] ?? body)["code"]?.string
    }

    /// Waits until something holds that the jobs bring about.
    func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<100_000 {
            if try await holds() { return }
            await Task.yield()
        }
        Issue.record("never: \(what)")
    }
}
