import Files
import Foundation
import HTTP
import JSON
import Testing

@testable import AzureAccount

/// The files of the fixtures were written by the real az, signed in to the sandbox (script/make-az-fixtures).
private enum Fixture: String, CaseIterable, CustomTestStringConvertible {
    case secret, certificate, password
    case severalSubscriptions = "several-subscriptions"
    case twoClouds = "two-clouds"

    var testDescription: String { rawValue }

    /// One folder for each version of az.
    static let versions: [String] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.filter { $0.hasPrefix("az-") }.sorted().map { "\(root)/\($0)" }
    }()

    func surroundings(_ version: String) -> AzureSurroundings {
        AzureSurroundings(
            environment: ["AZURE_CONFIG_DIR": "\(version)/\(rawValue)"], home: nil, files: DiskFiles())
    }

    /// When the token in the cache was fetched and when it ends.
    func tokenTimes(_ version: String) throws -> (fetched: Double, ends: Double) {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(version)/\(rawValue)/msal_token_cache.json")))
        let entry = try #require(try JSONValue(parsing: bytes)["AccessToken"]?.object?.values.first)
        return (
            try #require(MSALCache.seconds(entry["cached_at"])), try #require(MSALCache.seconds(entry["expires_on"]))
        )
    }
}

private let sandboxTenant = "72f988bf-0000-4000-8000-2d7cd011db47"
private let sandboxClient = "7c1b3c2e-6a52-4e5f-a2b3-5d6e7f809a1b"

@Test func `there are fixtures of a real az`() { #expect(!Fixture.versions.isEmpty) }

@Test(arguments: Fixture.versions, Fixture.allCases)
private func `a profile that az wrote names its account`(version: String, fixture: Fixture) throws {
    let account = try AzureAccount.load(from: fixture.surroundings(version), subscription: nil)
    #expect(account.tenantID == sandboxTenant)
    #expect(account.cloud.resourceManager == "https://localhost:4711")
    #expect(account.cloud.keyVaultSuffix == ".vault.localhost:4711")
    switch fixture {
    case .secret, .certificate, .severalSubscriptions:
        #expect(account.credential == .profile(.servicePrincipal(clientID: sandboxClient)))
        #expect(account.cloud.name == "Sandbox" && !account.cloud.isADFS)
    case .password, .twoClouds:
        #expect(account.credential == .profile(.user(name: "admin@sandbox.test")))
        #expect(account.cloud.isADFS)
    }
    #expect(account.subscriptionName == (fixture == .severalSubscriptions ? "Sandbox, empty" : "Sandbox"))
}

@Test(arguments: Fixture.versions)
func `another subscription of az's profile is found`(version: String) throws {
    let several = Fixture.severalSubscriptions.surroundings(version)
    let first = try AzureAccount.load(from: several, subscription: "sandbox")
    #expect(first.subscriptionID == "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11")
    #expect(throws: AzureTokenError.self) { try AzureAccount.load(from: several, subscription: "none") }
}

@Test(arguments: Fixture.versions)
func `a subscription of two clouds is that of the one signed in to last, as az keeps it once`(version: String) throws {
    let two = Fixture.twoClouds.surroundings(version)
    #expect(try AzureAccount.load(from: two, subscription: nil).cloud.name == "SandboxADFS")
    let other = AzureSurroundings(
        environment: two.environment.merging(["AZURE_CLOUD_NAME": "Sandbox"]) { $1 }, home: nil, files: DiskFiles())
    let nobody = try AzureAccount.load(from: other, subscription: nil)
    #expect(nobody.cloud.name == "Sandbox" && nobody.subscriptionID == nil)
}

@Test(arguments: Fixture.versions, Fixture.allCases)
private func `the token that az cached is found until it ends, and then renewed`(
    version: String, fixture: Fixture
) async throws {
    let times = try fixture.tokenTimes(version)
    let place = fixture.surroundings(version)
    let early = Clock(at: times.fetched)
    #expect(try await get(try tokens(place, clock: early)) == "canary-accesstoken")

    let late = Clock(at: times.ends + 1)
    let transport = Script(fixture == .certificate ? [] : [granted("new-token")])
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(times.ends) + 3600)])
    let renewed = try await get(try tokens(place, transport: transport, cli: cli, clock: late))
    let fields = form(transport.requests.first)
    switch fixture {
    case .certificate:
        #expect(renewed == "az-token")
    case .password, .twoClouds:
        #expect(renewed == "new-token")
        #expect(transport.requests.first?.url == "https://localhost:4711/adfs/oauth2/token")
        #expect(fields["refresh_token"] == "canary-refreshtoken")
    case .secret, .severalSubscriptions:
        #expect(renewed == "new-token")
        #expect(transport.requests.first?.url == "https://localhost:4711/\(sandboxTenant)/oauth2/v2.0/token")
        #expect(fields["client_secret"] == "canary-client-secret")
    }
}

@Test(arguments: Fixture.versions)
func `without the token cache az is asked for a user's token`(version: String) async throws {
    let folder = NSTemporaryDirectory() + "/az-profile-\(UUID())"
    try FileManager.default.copyItem(atPath: "\(version)/password", toPath: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.removeItem(atPath: folder + "/msal_token_cache.json")
    let place = AzureSurroundings(environment: ["AZURE_CONFIG_DIR": folder], home: nil, files: DiskFiles())
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(now) + 3600)])
    #expect(try await get(try tokens(place, cli: cli)) == "az-token")
    #expect(cli.runs.first?.prefix(2) == ["account", "get-access-token"])
}

private func get(_ tokens: AzureTokens) async throws -> String {
    try await tokens.token(resource: armAudience, tenant: nil, claims: nil, forceRefresh: false).secret
}
