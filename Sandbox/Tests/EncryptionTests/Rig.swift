import AzureStandIn
import ClusterModel
import EmbeddedCluster
import Foundation
import Testing

/// The embedded cluster has one of its own.
typealias JSON = AzureStandIn.JSON

/// Azure with an embedded cluster behind it, whose API servers are asked without a network.
struct Rig {
    static let version = "2026-07-01"
    static let plain = "https://kv-demo.vault.azure.net/keys/kms"

    let azure: StandIn
    let cluster: EmbeddedCluster
    let world: WorldDescription
    let token: String

    /// - Parameters:
    ///   - noticeSeconds: real seconds until a new version of the key is noticed.
    ///   - clock: the cluster's, by which writes coast after the last good Status; nothing polls it here.
    static func run(
        _ mode: String, secrets: Int = 6, noticeSeconds: Double = 0, clock: any ClusterClock = SystemClock(),
        _ body: (Rig) async throws -> Void
    ) async throws {
        var world = WorldDescription()
        world.mode = mode
        if mode == "Private" || mode == "CustomerPrivate" { world.vaults[0].publicNetworkAccess = "Disabled" }
        let scale = 0.001
        var settings = Configuration(
            baseURL: "https://localhost:4711", timeScale: scale, operationSeconds: 0...0, putSeconds: 0...0,
            throttles: false)
        settings.noticeSeconds = noticeSeconds / scale...noticeSeconds / scale
        let azure = StandIn(description: world, configuration: settings)
        var options = ClusterOptions()
        options.clock = clock
        options.keyChange = .newProvider
        options.pollsStatus = false
        let cluster = EmbeddedCluster(options: options, access: azure)
        try await azure.attach(cluster)
        try await cluster.seed(namespaces: 2, secrets: secrets, bytes: 32, canary: "canary")
        let token = try #require(await azure.mintForProfile(world.clientID)).text
        let rig = Rig(azure: azure, cluster: cluster, world: world, token: token)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await azure.run() }
            try await body(rig)
            group.cancelAll()
        }
    }

    // MARK: Azure

    var clusterPath: String { world.clusterID.description }
    var vaultPath: String {
        "/subscriptions/\(world.subscriptionID)/resourceGroups/\(world.resourceGroup)"
            + "/providers/Microsoft.KeyVault/vaults/kv-demo"
    }
    /// The id of the key's first, second, … version.
    func keyID(_ number: Int = 1) -> String {
        world.keyID(vault: "kv-demo", suffix: ".vault.azure.net", number: number)
    }
    func customer(_ mode: String) -> JSON {
        [
            "enabled": true, "keyId": .string(Self.plain), "keyVaultNetworkAccess": .string(mode),
            "keyVaultResourceId": .string(vaultPath),
        ]
    }
    func legacy(_ number: Int = 1) -> JSON {
        ["enabled": true, "keyId": .string(keyID(number)), "keyVaultNetworkAccess": "Public"]
    }

    func send(_ method: String, _ target: String, _ body: JSON? = nil, host: String? = nil) async -> Answer {
        var headers = ["Authorization": "Bearer \(token)"]
        if let host { headers["Host"] = host }
        return await azure.respond(
            to: Request(method: method, target: target, headers: headers, body: body?.bytes ?? []))
    }

    func fault(_ name: String, _ more: JSON = [:]) async {
        let answer = await send("POST", "/sandbox/faults", more.merging(["name": .string(name)]))
        #expect(answer.status == 201)
    }
    func end(_ name: String) async { _ = await send("DELETE", "/sandbox/faults/\(name)") }

    /// A PUT of a KMS setting and of the newer experience's profile, and the operation's address.
    func put(_ kms: JSON?, isNew: Bool = true) async throws -> Answer {
        let target = "\(clusterPath)?api-version=\(Self.version)"
        var body = try await send("GET", target).json()
        body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = kms
        if isNew {
            body[path: ["properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile"]] = [
                "infrastructureEncryption": "Enabled"
            ]
        }
        let answer = await send("PUT", target, body)
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        return answer
    }

    func status(of answer: Answer) async throws -> String? {
        let url = try #require(answer.header("azure-asyncoperation"))
        return try await send("GET", url.replacingOccurrences(of: "https://localhost:4711", with: ""))
            .json()["status"]?.string
    }

    /// PUT, and the end of its operation.
    func change(_ kms: JSON?, isNew: Bool = true) async throws -> String? {
        let answer = try await put(kms, isNew: isNew)
        var last: String?
        try await eventually("the operation ends") {
            last = try await status(of: answer)
            return ["Succeeded", "Failed", "Canceled"].contains(last ?? "")
        }
        return last
    }

    func patchVault(_ properties: JSON) async {
        let answer = await send("PATCH", "\(vaultPath)?api-version=2026-02-01", ["properties": properties])
        #expect(answer.status == 200)
    }

    /// A further version of the key, as its owner makes one.
    func rotateKey() async throws { #expect(try await data("POST", "/keys/kms/rotate").status == 200) }

    /// A request to the vault's own endpoint.
    func data(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> Answer {
        let form =
            "grant_type=client_credentials&client_id=\(world.clientID)&client_secret=\(world.clientSecret)"
            + "&scope=https%3A%2F%2Fvault.azure.net%2F.default"
        let signIn = await azure.respond(
            to: Request(method: "POST", target: "/\(world.tenantID)/oauth2/v2.0/token", body: Array(form.utf8)))
        let token = try #require(try signIn.json()["access_token"]?.string)
        return await azure.respond(
            to: Request(
                method: method, target: "\(path)?api-version=7.4",
                headers: ["Host": "kv-demo.vault.azure.net", "Authorization": "Bearer \(token)"],
                body: body?.bytes ?? []))
    }

    func controller() async throws -> JSON {
        try await send("GET", "/sandbox/state").json()["controller"] ?? [:]
    }

    // MARK: The cluster

    func stored() async throws -> [String: Int] { try await cluster.storedSecrets().encryptedByKey }
    func readable() async throws -> Int { try await cluster.readAll(sample: nil).readable }

    func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<500 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never: \(what)")
    }
}
