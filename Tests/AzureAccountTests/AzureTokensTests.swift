import Files
import HTTP
import JSON
import Processes
import Synchronization
import Testing

@testable import AzureAccount

private func get(_ tokens: AzureTokens, claims: String? = nil, force: Bool = false) async throws -> String {
    try await tokens.token(resource: armAudience, tenant: nil, claims: claims, forceRefresh: force).secret
}

private func userFiles(_ cache: MSALFixture = MSALFixture()) -> [String: [UInt8]] {
    ["azureProfile.json": profile(userEntry), "msal_token_cache.json": cache.bytes]
}

@Test func `a user's token of az's cache is used as it is`() async throws {
    let tokens = try tokens(surroundings(userFiles()))
    #expect(try await get(tokens) == "kept-token")
    #expect(try await get(tokens) == "kept-token")
}

@Test(arguments: [
    MSALFixture(expires: Int(now) + 299), MSALFixture(client: clientID), MSALFixture(realm: "other"),
    MSALFixture(environment: "login.chinacloudapi.cn"), MSALFixture(target: "https://graph.microsoft.com//.default"),
    MSALFixture(target: "https://management.core.windows.net.evil//.default"), MSALFixture(user: "bob@fake.test"),
    MSALFixture(extraKey: "-hash"), MSALFixture(type: "pop"),
])
func `a token of the cache that is not ours, not for ARM or about to end is not used`(cache: MSALFixture) async throws {
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(now) + 3600)])
    // A refresh may be tried where the account fits; it is refused here.
    let transport = Script([answer(400, #"{"error":"invalid_grant","error_description":"AADSTS700082"}"#)])
    let tokens = try tokens(surroundings(userFiles(cache)), transport: transport, cli: cli)
    #expect(try await get(tokens) == "az-token")
}

@Test func `a user's token is refreshed in memory`() async throws {
    let transport = Script([granted("new-token")])
    let tokens = try tokens(surroundings(userFiles(MSALFixture(expires: Int(now) + 10))), transport: transport)
    #expect(try await get(tokens) == "new-token")
    let request = try #require(transport.requests.first)
    #expect(request.url == "https://login.microsoftonline.com/\(tenantID)/oauth2/v2.0/token")
    let fields = form(request)
    #expect(fields["grant_type"] == "refresh_token" && fields["refresh_token"] == "refresh-1")
    #expect(fields["client_id"] == MSALCache.azClientID)
    #expect(fields["scope"] == "https://management.core.windows.net//.default offline_access openid profile")
    #expect(fields["claims"] == #"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#)
}

@Test func `a claims challenge goes to Entra together with the capability`() async throws {
    let transport = Script([granted("new-token")])
    let tokens = try tokens(surroundings(userFiles()), transport: transport)
    let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#
    #expect(try await get(tokens) == "kept-token")
    #expect(try await get(tokens, claims: claims, force: true) == "new-token")
    #expect(
        form(transport.requests.first)["claims"]
            == #"{"access_token":{"nbf":{"essential":true,"value":"1"},"xms_cc":{"values":["CP1"]}}}"#)
    #expect(try await get(tokens) == "new-token")
}

@Test func `a service principal's secret is used, and its own cached token first`() async throws {
    let entries = Array(#"[{"client_id": "\#(clientID)", "tenant": "\#(tenantID)", "client_secret": "s&cret"}]"#.utf8)
    var files = ["azureProfile.json": profile(principalEntry), "service_principal_entries.json": entries]
    let transport = Script([granted("sp-token")])
    #expect(try await get(try tokens(surroundings(files), transport: transport)) == "sp-token")
    let fields = form(transport.requests.first)
    #expect(fields["grant_type"] == "client_credentials" && fields["client_secret"] == "s&cret")
    #expect(fields["scope"] == "https://management.core.windows.net//.default")

    let cached = MSALFixture(client: clientID, home: nil, target: "https://management.core.windows.net//.default")
    files["msal_token_cache.json"] = cached.bytes
    #expect(try await get(try tokens(surroundings(files))) == "kept-token")
}

@Test(arguments: [
    ["core.bin": [UInt8]()],
    [
        "service_principal_entries.json": Array(
            #"[{"client_id":"\#(clientID)","tenant":"\#(tenantID)","certificate":"/c.pem"}]"#.utf8)
    ],
])
func `certificates and encrypted caches are left to az`(more: [String: [UInt8]]) async throws {
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(now) + 3600)])
    let files = ["azureProfile.json": profile(principalEntry)].merging(more) { $1 }
    #expect(try await get(try tokens(surroundings(files), cli: cli)) == "az-token")
    #expect(
        cli.runs == [
            [
                "account", "get-access-token", "--output", "json", "--resource", armAudience, "--subscription",
                subscriptionID,
            ]
        ])
}

@Test func `in an agent's session az alone is asked`() async throws {
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(now) + 3600)])
    let place = surroundings(userFiles(), ["COPILOT_AGENT_SESSION_ID": "1"])
    #expect(try await get(try tokens(place, cli: cli)) == "az-token")
}

@Test func `another tenant is asked of az by tenant`() async throws {
    let cli = FakeCLI([FakeCLI.printing("az-token", expires: Int(now) + 3600)])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    _ = try await tokens.token(resource: armAudience, tenant: "other", claims: nil, forceRefresh: false)
    #expect(cli.runs.first?.suffix(2) == ["--tenant", "other"])
}

@Test func `a token is renewed five minutes before its end`() async throws {
    let clock = Clock()
    let cli = FakeCLI([
        FakeCLI.printing("first", expires: Int(now) + 3600), FakeCLI.printing("second", expires: Int(now) + 7200),
    ])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli, clock: clock)
    #expect(try await get(tokens) == "first")
    clock.add(3299)
    #expect(try await get(tokens) == "first")
    clock.add(2)
    #expect(try await get(tokens) == "second")
}

@Test func `when renewing fails the old token serves to its end`() async throws {
    let clock = Clock()
    let failed = AzureCLI.Result(succeeded: false, output: [], errors: Array("ERROR: broken\n".utf8))
    let cli = FakeCLI([FakeCLI.printing("first", expires: Int(now) + 3600), .success(failed)])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli, clock: clock)
    _ = try await get(tokens)
    clock.add(3500)
    #expect(try await get(tokens) == "first")
    clock.add(100)
    await #expect(throws: AzureTokenError.self) { try await get(tokens) }
}

@Test func `a refused token that az gives again is an error, not a loop`() async throws {
    let cli = FakeCLI([FakeCLI.printing("same", expires: Int(now) + 3600)])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    _ = try await get(tokens)
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens, force: true) }
    #expect(error?.kind == .interactionRequired)
}

@Test func `many tasks ask az once`() async throws {
    let cli = FakeCLI([FakeCLI.printing("one", expires: Int(now) + 3600)])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    cli.gate.withLock { $0 = { while await tokens.waitingCalls < 19 { await Task.yield() } } }
    try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<20 { group.addTask { try await get(tokens) } }
        for try await token in group { #expect(token == "one") }
    }
    #expect(cli.runs.count == 1)
}

@Test func `many tasks whose token was refused renew it once`() async throws {
    let cli = FakeCLI([
        FakeCLI.printing("old", expires: Int(now) + 3600), FakeCLI.printing("new", expires: Int(now) + 3600),
    ])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    #expect(try await get(tokens) == "old")
    cli.gate.withLock { $0 = { while await tokens.waitingCalls < 1 { await Task.yield() } } }
    async let first = get(tokens, force: true)
    async let second = get(tokens, force: true)
    #expect(try await [first, second] == ["new", "new"])
    #expect(cli.runs.count == 2)
}

@Test(arguments: [
    ("ERROR: Please run 'az login' to setup account.\n", AzureTokenError.Kind.notSignedIn),
    ("WARNING: x\nERROR: AADSTS50076: Due to a configuration change … run az login\n", .interactionRequired),
    ("Traceback\n", .azFailed), ("", .azFailed),
])
func `az's failures are told apart`(text: String, kind: AzureTokenError.Kind) async throws {
    let cli = FakeCLI([.success(.init(succeeded: false, output: [], errors: Array(text.utf8)))])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.kind == kind)
}

@Test(arguments: [
    "", "{}", #"{"accessToken":"a b","expires_on":9999999999}"#, #"{"accessToken":"a","expires_on":1}"#,
    #"{"accessToken":"a"}"#,
])
func `what az prints is checked`(text: String) async throws {
    let cli = FakeCLI([.success(.init(succeeded: true, output: Array(text.utf8), errors: []))])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.kind == .azFailed)
}

@Test func `without az the error is that of the refused refresh`() async throws {
    let transport = Script([
        answer(400, #"{"error":"invalid_grant","error_description":"AADSTS700082: expired","refresh_token":"canary"}"#)
    ])
    let tokens = try tokens(surroundings(userFiles(MSALFixture(expires: 1))), transport: transport)
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.kind == .interactionRequired && error?.description.contains("AADSTS700082") == true)
    #expect(error?.description.contains("refresh-1") == false && error?.description.contains("canary") == false)
}

@Test func `a workload identity sends the file's token of the moment`() async throws {
    let environment = [
        "AZURE_CLIENT_ID": clientID, "AZURE_TENANT_ID": tenantID, "AZURE_FEDERATED_TOKEN_FILE": "/t",
        "AZURE_AUTHORITY_HOST": "https://login.fake.test/",
    ]
    let transport = Script([granted("federated")])
    let tokens = try tokens(surroundings(["/t": Array("a.b.c\n".utf8)], environment), transport: transport)
    #expect(try await get(tokens) == "federated")
    #expect(transport.requests.first?.url == "https://login.fake.test/\(tenantID)/oauth2/v2.0/token")
    #expect(form(transport.requests.first)["client_assertion"] == "a.b.c")
    let broken = try AzureAccountTests.tokens(surroundings(["/t": Array("a\u{0}b".utf8)], environment))
    await #expect(throws: AzureTokenError.self) { try await get(broken) }
}

@Test func `a service principal of the environment is used`() async throws {
    let environment = ["AZURE_CLIENT_ID": clientID, "AZURE_TENANT_ID": tenantID, "AZURE_CLIENT_SECRET": "canary"]
    let transport = Script([
        granted("env"), answer(401, #"{"error":"invalid_client","error_description":"AADSTS7000215"}"#),
    ])
    let tokens = try tokens(surroundings([:], environment), transport: transport)
    #expect(try await get(tokens) == "env")
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens, force: true) }
    #expect(error?.kind == .refused && error?.description.contains("canary") == false)
}

@Test func `a managed identity is asked for at the machine's service, without a proxy`() async throws {
    let metadata = Script([
        answer(429, "{}"),
        answer(200, #"{"access_token":"mi","expires_on":"\#(Int(now) + 3600)","expires_in":"3599"}"#),
    ])
    let user = #"{"name":"userAssignedIdentity","type":"servicePrincipal","assignedIdentityInfo":"MSIClient-abc"}"#
    let tokens = try tokens(surroundings(["azureProfile.json": profile(user)]), metadata: metadata)
    #expect(try await get(tokens) == "mi")
    let request = try #require(metadata.requests.last)
    #expect(
        request.url == "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
            + "&resource=https%3A%2F%2Fmanagement.core.windows.net%2F&client_id=abc")
    #expect(request.headers["Metadata"] == "true")
}

@Test func `the environment can place the identity service elsewhere`() throws {
    func url(_ environment: [String: String]) -> HTTPRequest {
        ManagedIdentityRequest.make(.object("o"), resource: "r", surroundings: surroundings([:], environment))
    }
    #expect(
        url(["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://10.0.0.1/"]).url
            == "http://10.0.0.1/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r&object_id=o")
    let service = url(["IDENTITY_ENDPOINT": "http://127.0.0.1:41/msi/token", "IDENTITY_HEADER": "h"])
    #expect(service.url == "http://127.0.0.1:41/msi/token?api-version=2019-08-01&resource=r&principal_id=o")
    #expect(service.headers["X-IDENTITY-HEADER"] == "h")
}

@Test(arguments: [
    .failure(TransportError(kind: .timedOut, origin: "http://169.254.169.254", detail: "", mayHaveBeenSent: false)),
    // A virtual machine without an identity (learn.microsoft.com/entra/identity/managed-identities-azure-resources).
    answer(400, #"{"error":"invalid_request","error_description":"Identity not found"}"#),
])
func `with nothing at all the error says how to sign in`(metadata: Result<HTTPResponse, TransportError>) async throws {
    let tokens = try tokens(surroundings([:]), metadata: Script([metadata]))
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.kind == .notSignedIn && error?.advice == "run az login")
    #expect(error?.what.hasPrefix("you are not signed in to Azure: ") == true)
}

@Test func `AD FS has no tenant in its path and no claims`() async throws {
    let clouds =
        "[Stack]\nendpoint_resource_manager=https://arm.local\nendpoint_active_directory=https://localhost:7/adfs/\n"
    let files = [
        "azureProfile.json": profile(principalEntry, cloud: "Stack"), "clouds.config": Array(clouds.utf8),
        "config": Array("[cloud]\nname=Stack\n".utf8),
        "service_principal_entries.json": Array(#"[{"client_id":"\#(clientID)","client_secret":"s"}]"#.utf8),
    ]
    let transport = Script([granted("adfs")])
    #expect(try await get(try tokens(surroundings(files), transport: transport)) == "adfs")
    #expect(transport.requests.first?.url == "https://localhost:7/adfs/oauth2/token")
    #expect(form(transport.requests.first)["claims"] == nil)
}
