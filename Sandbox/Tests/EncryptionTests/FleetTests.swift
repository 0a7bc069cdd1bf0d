import AzureStandIn
import ClusterModel
import Foundation
import Testing

@testable import EmbeddedCluster

/// Azure with several embedded clusters behind it.
private struct FleetRig {
    let azure: StandIn
    let world: WorldDescription
    let token: String
    let clusters: [String: EmbeddedCluster]

    static func run(
        _ count: Int, sharing: Int = 1, listens: Bool = false, _ body: (FleetRig) async throws -> Void
    ) async throws {
        var world = WorldDescription()
        world.addClusters(upTo: count, sharing: sharing)
        let azure = StandIn(
            description: world,
            configuration: Configuration(
                baseURL: "https://localhost:4711", timeScale: 0.001, operationSeconds: 0...0, putSeconds: 0...0,
                throttles: false))
        var clusters: [String: EmbeddedCluster] = [:]
        for plan in world.plans {
            var options = ClusterOptions()
            options.keyChange = .newProvider
            options.pollsStatus = false
            let cluster = EmbeddedCluster(options: options, access: azure.access(of: plan.name))
            if listens { try await cluster.start() }
            try await azure.attach(cluster, to: plan.name)
            try await cluster.seed(namespaces: 2, secrets: 6, bytes: 32, canary: "canary")
            clusters[plan.name] = cluster
        }
        let token = try #require(await azure.mintForProfile(world.clientID)).text
        let rig = FleetRig(azure: azure, world: world, token: token, clusters: clusters)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await azure.run() }
            try await body(rig)
            group.cancelAll()
        }
        for cluster in clusters.values { await cluster.stop() }
    }

    func cluster(_ name: String) throws -> EmbeddedCluster { try #require(clusters[name]) }

    func send(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = await azure.respond(
            to: Request(
                method: method, target: path, headers: ["Authorization": "Bearer \(token)"], body: body?.bytes ?? []))
        #expect(answer.status < 300, "\(method) \(path): \(String(decoding: answer.body, as: UTF8.self))")
        return try answer.json()
    }

    private var group: String { "/subscriptions/\(world.subscriptionID)/resourceGroups/\(world.resourceGroup)" }
    func path(_ name: String) -> String { "\(group)/providers/Microsoft.ContainerService/managedClusters/\(name)" }
    func vaultPath(_ name: String) -> String { "\(group)/providers/Microsoft.KeyVault/vaults/\(name)" }

    /// Changes KMS of a cluster and waits until ARM says that it is done.
    func change(_ name: String, _ kms: JSON) async throws {
        let target = "\(path(name))?api-version=\(Rig.version)"
        var body = try await send("GET", target)
        let old = body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] ?? [:]
        body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = old.merging(kms)
        _ = try await send("PUT", target, body)
        for _ in 0..<500 {
            let state = try await send("GET", target)[path: ["properties", "provisioningState"]]
            if state == "Succeeded" { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the operation of \(name) does not end")
    }

    /// The documented way to Private: off, on again in the other mode, and the vault closed.
    func makePrivate(_ name: String, vault: String) async throws {
        try await change(name, ["enabled": false, "keyId": ""])
        let key = world.keyID(vault: vault, suffix: ".vault.azure.net")
        try await change(
            name,
            [
                "enabled": true, "keyId": .string(key), "keyVaultNetworkAccess": "Private",
                "keyVaultResourceId": .string(vaultPath(vault)),
            ])
        _ = try await send(
            "PATCH", "\(vaultPath(vault))?api-version=2026-02-01",
            ["properties": ["publicNetworkAccess": "Disabled"]])
    }

    /// What a kubeconfig from ARM says after a word.
    func credential(_ name: String, _ kind: String, _ word: String) async throws -> String {
        let answer = try await send("POST", "\(path(name))/listCluster\(kind)Credential?api-version=\(Rig.version)")
        let text = answer["kubeconfigs"]?.array?.first?["value"]?.string ?? ""
        let config = String(decoding: Data(base64Encoded: text) ?? Data(), as: UTF8.self)
        let line = config.split(separator: "\n").first { $0.contains("\(word): ") }
        return line?.split(separator: " ").last.map(String.init) ?? ""
    }
}

/// What becomes of the Secrets of several clusters when one of them is changed.
struct FleetTests {
    @Test func `twelve clusters have each an API server, an authority, tokens and a UID of their own`() async throws {
        try await FleetRig.run(12, listens: true) { fleet async throws in
            var seen: [String: Set<String>] = [:]
            for (name, cluster) in fleet.clusters {
                #expect(try await fleet.credential(name, "User", "server") == cluster.serverURL)
                #expect(try await fleet.credential(name, "User", "token") == cluster.operatorToken)
                #expect(try await fleet.credential(name, "Admin", "token") == cluster.adminToken)
                let authority = try await fleet.credential(name, "Admin", "certificate-authority-data")
                #expect(authority == Data(cluster.caPEM.utf8).base64EncodedString())
                let answer = await cluster.api.answer(
                    APIRequest(
                        method: "GET", uri: "/api/v1/namespaces/kube-system",
                        headers: ["authorization": "Bearer \(cluster.adminToken)"], body: []),
                    on: cluster.replicas[0])
                let namespace = try AzureStandIn.JSON(parsing: answer.body)
                seen["uid", default: []].insert(namespace[path: ["metadata", "uid"]]?.string ?? "")
                seen["server", default: []].insert(cluster.serverURL)
                seen["authority", default: []].insert(authority)
                #expect(try await cluster.storedSecrets().encrypted == 6)
            }
            #expect(seen.mapValues(\.count) == ["uid": 12, "server": 12, "authority": 12])
        }
    }

    @Test func `a switch of one cluster leaves the storage of the others alone`() async throws {
        try await FleetRig.run(3) { fleet async throws in
            let before = try fleet.cluster("demo-3").revision
            try await fleet.makePrivate("demo-2", vault: "kv-demo-2")
            _ = try await fleet.cluster("demo-2").rewriteSecrets()
            try await fleet.cluster("demo-2").restart()
            for name in ["demo", "demo-2", "demo-3"] {
                let cluster = try fleet.cluster(name)
                #expect(try await cluster.storedSecrets().plaintext == 0)
                #expect(try await cluster.readAll(sample: nil).readable == 6)
            }
            #expect(try fleet.cluster("demo-3").revision == before)
        }
    }

    @Test func `a vault that is closed for one cluster takes the key from another that is still Public`() async throws {
        try await FleetRig.run(3, sharing: 2) { fleet async throws in
            try await fleet.makePrivate("demo", vault: "kv-demo")
            for cluster in fleet.clusters.values { try await cluster.restart() }
            #expect(try await fleet.cluster("demo").readAll(sample: nil).readable == 6)
            #expect(try await fleet.cluster("demo-2").readAll(sample: nil).readable == 0)
            #expect(try await fleet.cluster("demo-3").readAll(sample: nil).readable == 6)
        }
    }
}
