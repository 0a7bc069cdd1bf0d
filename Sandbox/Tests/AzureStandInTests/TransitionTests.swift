import ClusterModel
import Testing

@testable import AzureStandIn

/// Every way from one state of KMS to another, by PUTs of 2026-07-01 and of the previews of aks-preview.
struct TransitionTests {
    private static let versions = ["2026-07-01", "2026-08-01", "2026-07-02-preview", "2025-10-02-preview"]
    private static let plain = "https://kv-demo.vault.azure.net/keys/kms"

    private func run(_ mode: String, _ body: (Azure) async throws -> Void) async throws {
        var world = WorldDescription()
        world.mode = mode
        if KMSStart(rawValue: mode)?.closesVault == true { world.vaults[0].publicNetworkAccess = "Disabled" }
        try await Azure.run(world, body)
    }

    private func customer(_ azure: Azure, _ mode: String) -> JSON {
        [
            "enabled": true, "keyId": .string(Self.plain), "keyVaultNetworkAccess": .string(mode),
            "keyVaultResourceId": .string(azure.vaultPath),
        ]
    }

    /// GET, the profile Enabled and this KMS setting, PUT; `keep` leaves the setting as GET shows it.
    private func put(
        _ azure: Azure, _ kms: JSON?, keep: Bool = false, profile: String? = "Enabled", by version: String
    ) async throws -> Answer {
        var body = try await azure.getCluster(version)
        if !keep { body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = kms }
        body[path: Cluster.newKMSPath] = profile.map { ["infrastructureEncryption": .string($0)] }
        return await azure.send("PUT", "\(azure.clusterPath)?api-version=\(version)", body)
    }

    private func succeed(_ azure: Azure, _ answer: Answer) async throws {
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        guard answer.status == 200 else { return }
        #expect(try await azure.finish(answer)["status"] == "Succeeded")
    }

    private func refused(_ answer: Answer) throws -> String {
        #expect(answer.status == 400)
        return try answer.json()["message"]?.string ?? ""
    }

    private func kms(_ azure: Azure, _ version: String = "2026-08-01") async throws -> JSON? {
        try await azure.getCluster(version)[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
    }

    @Test(arguments: versions, ["Off", "OffWithKey", "Public", "Private"])
    func `the legacy KMS, on or off, goes to the platform's key`(_ version: String, _ mode: String) async throws {
        try await run(mode) { azure async throws in
            let off: JSON? = mode == "Off" ? nil : ["enabled": false]
            try await succeed(azure, try await put(azure, off, by: version))
            #expect(try await azure.getCluster(version)[path: Cluster.newKMSPath] != nil)
            #expect(try await azure.getCluster("2026-06-01")[path: Cluster.newKMSPath] == nil)
            #expect(try await kms(azure) == off)
            let profile = try #require(await azure.cluster.profiles.last)
            #expect(profile.keyID == StandIn.platformKeyID && profile.plugin == .plus)
        }
    }

    @Test(arguments: versions, ["Public", "Private"])
    func `the legacy KMS goes to a customer's key without a version`(_ version: String, _ mode: String) async throws {
        try await run("Public") { azure async throws in
            try await succeed(azure, try await put(azure, customer(azure, mode), by: version))
            #expect(try await kms(azure) == customer(azure, mode))
            let profile = try #require(await azure.cluster.profiles.last)
            #expect(profile.keyID == azure.keyID() && profile.plugin == .plus)
            #expect(profile.networkPath == (mode == "Private" ? .trustedServices : .publicEndpoint))
        }
    }

    @Test(arguments: versions, ["Public", "Private"])
    func `the profile alone takes the legacy key along, as aks-preview sends it`(_ version: String, _ mode: String)
        async throws
    {
        try await run(mode) { azure async throws in
            if mode == "Private" {
                let rules: JSON = ["bypass": "AzureServices", "defaultAction": "Allow"]
                let closed = try await put(azure, nil, keep: true, by: version)
                #expect(try refused(closed).contains("encrypt/decrypt permission"))
                _ = await azure.send(
                    "PATCH", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)",
                    ["properties": ["networkAcls": rules]])
            }
            try await succeed(azure, try await put(azure, nil, keep: true, by: version))
            #expect(try await kms(azure) == customer(azure, mode))
            #expect(await azure.cluster.profiles.last?.keyID == azure.keyID())
        }
    }

    @Test func `after that GET can keep the version, or the PUT be refused`() async throws {
        try await run("Public") { azure async throws in
            await azure.fault(["name": "refuse-versioned-migration"])
            let answer = try await put(azure, nil, keep: true, by: "2026-07-01")
            #expect(try refused(answer).contains("is invalid"))
            await azure.endFaults()
            await azure.fault(["name": "migration-keeps-key-id"])
            try await succeed(azure, try await put(azure, nil, keep: true, by: "2026-07-01"))
            #expect(try await kms(azure)?["keyId"]?.string == azure.keyID())
        }
    }

    @Test func `a direct way from the legacy KMS to a customer's key can be refused, one over the platform's not`()
        async throws
    {
        try await run("Public") { azure async throws in
            await azure.fault(["name": "refuse-direct-customer-key"])
            for keep in [false, true] {
                let answer = try await put(azure, customer(azure, "Public"), keep: keep, by: "2026-07-01")
                #expect(try refused(answer).contains("platform-managed key first"))
            }
            try await succeed(azure, try await put(azure, ["enabled": false], by: "2026-07-01"))
            try await succeed(azure, try await put(azure, customer(azure, "Public"), by: "2026-07-01"))
        }
    }

    @Test(arguments: versions)
    func `a customer's key changes its mode in one PUT, or over the platform's key`(_ version: String) async throws {
        try await run("CustomerPublic") { azure async throws in
            for mode in ["Private", "Public"] {
                try await succeed(azure, try await put(azure, customer(azure, mode), by: version))
                #expect(try await kms(azure)?["keyVaultNetworkAccess"]?.string == mode)
            }
            await azure.fault(["name": "refuse-new-mode-change"])
            let direct = try await put(azure, customer(azure, "Private"), by: version)
            #expect(try refused(direct).contains("Changing KeyVault network access from Public to Private"))
            try await succeed(azure, try await put(azure, ["enabled": false], by: version))
            #expect(try await kms(azure)?["enabled"] == false)
            try await succeed(azure, try await put(azure, customer(azure, "Private"), by: version))
        }
    }

    @Test(arguments: ["PlatformManaged", "CustomerPublic", "CustomerPrivate"], versions)
    func `there is no way back`(_ mode: String, _ version: String) async throws {
        try await run(mode) { azure async throws in
            let before = await azure.cluster.profiles.count
            for profile in ["Disabled", nil] {
                let off = try await put(azure, nil, keep: true, profile: profile, by: version)
                #expect(try refused(off).contains("cannot be disabled"))
                let legacy = try await put(azure, azure.publicly, profile: profile, by: version)
                #expect(legacy.status == 400)
            }
            let legacy = try await put(azure, azure.publicly, by: version)
            #expect(try refused(legacy).contains("A versioned key ID is not allowed"))
            #expect(await azure.cluster.profiles.count == before)
            await azure.fault(["name": "new-kms-kept-if-left-out"])
            try await succeed(azure, try await put(azure, nil, keep: true, profile: nil, by: version))
            #expect(try await azure.getCluster(version)[path: Cluster.newKMSPath] != nil)
        }
    }

    @Test(arguments: ["Public", "Private"])
    func `the vault is named in both modes`(_ mode: String) async throws {
        try await run("PlatformManaged") { azure async throws in
            var nameless = customer(azure, mode)
            nameless["keyVaultResourceId"] = nil
            let first = try await put(azure, nameless, by: "2026-07-01")
            #expect(try refused(first).contains("resource ID"))
            let other = customer(azure, mode).merging([
                "keyVaultResourceId": .string(azure.vaultPath("kv-demo-private"))
            ])
            let second = try await put(azure, other, by: "2026-07-01")
            #expect(try refused(second).contains("does not match"))
        }
    }

    @Test func `a key without a version chooses the newer experience by itself, or needs the profile`() async throws {
        try await run("Off") { azure async throws in
            await azure.fault(["name": "customer-key-needs-profile"])
            let alone = try await put(azure, customer(azure, "Public"), profile: nil, by: "2026-07-01")
            #expect(try refused(alone).contains("only when"))
            await azure.endFaults()
            try await succeed(azure, try await put(azure, customer(azure, "Public"), profile: nil, by: "2026-07-01"))
        }
    }

    @Test func `off with a key's id is refused since 2026-07-01, or taken`() async throws {
        try await run("CustomerPublic") { azure async throws in
            let off = customer(azure, "Public").merging(["enabled": false])
            let answer = try await put(azure, off, by: "2026-07-01")
            #expect(try refused(answer).contains("must be omitted"))
            await azure.fault(["name": "off-may-have-key-id"])
            try await succeed(azure, try await put(azure, off, by: "2026-07-01"))
            #expect(try await kms(azure) == off)
        }
    }

    @Test func `Kubernetes is 1.33 at least`() async throws {
        var world = WorldDescription()
        world.kubernetesVersion = "1.32.6"
        try await Azure.run(world) { azure async throws in
            let answer = try await put(azure, ["enabled": false], by: "2026-07-01")
            #expect(try refused(answer).contains("1.33"))
        }
    }
}
