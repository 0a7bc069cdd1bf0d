import Testing

@testable import AzureAccount

private func get(_ tokens: AzureTokens) async throws -> String {
    try await tokens.token(resource: armAudience, tenant: nil, claims: nil, forceRefresh: false).secret
}

/// What azure-cli 2.91 prints (azure/cli/core/auth/util.py, aad_error_handler; azure/cli/core/azclierror.py).
@Test(arguments: [
    (
        "WARNING: w\nERROR: AADSTS70043: The refresh token has expired. Trace ID: 1 Correlation ID: 2 Timestamp: 3\n"
            + "Run the command below to authenticate interactively; additional arguments may be added as needed:\n"
            + "az logout\naz login --tenant \"t\" --scope \"https://management.core.windows.net//.default\"\n",
        "AADSTS70043: The refresh token has expired.",
        "run az logout, then az login --tenant \"t\" --scope \"https://management.core.windows.net//.default\""
    ),
    (
        "ERROR: User 'a' does not exist in MSAL token cache. Run `az login`.\n",
        "User 'a' does not exist in MSAL token cache. Run `az login`.", "run az login"
    ),
    (
        "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: No module named 'x'\n"
            + "Traceback (most recent call last):\n  File \"a\", line 1, in b\n    import x\n"
            + "ModuleNotFoundError: No module named 'x'\nTo check existing issues, please visit: https://aka.ms/a\n",
        "az itself failed: ModuleNotFoundError: No module named 'x'",
        "az version shows whether az works; az upgrade or a new installation mends it"
    ),
    (
        "ERROR: The command failed with an unexpected error. Here is the traceback:\n"
            + "Traceback (most recent call last):\n  File \"a\", line 1, in b\nsocket.gaierror: not known\n\n"
            + "The above exception was the direct cause of the following exception:\n\n"
            + "Traceback (most recent call last):\n  File \"a\", line 2, in c\n"
            + "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='e', port=443): Max retries exceeded "
            + "(Caused by NameResolutionError(\"Failed to resolve 'e'\"))\nTo check existing issues, please visit: x\n",
        "az could not reach Entra: NameResolutionError(\"Failed to resolve 'e'\")", "check the network and the proxy"
    ),
])
func `az's own words say why, and what to run`(text: String, detail: String, advice: String) async throws {
    let cli = FakeCLI([.success(.init(succeeded: false, output: [], errors: Array(text.utf8)))])
    let tokens = try tokens(surroundings(["azureProfile.json": profile(userEntry)]), cli: cli)
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.detail == detail && error?.advice == advice)
}

@Test func `a service principal signs in though the token cache is an empty file`() async throws {
    let entries = #"[{"client_id": "\#(clientID)", "tenant": "\#(tenantID)", "client_secret": "s"}]"#
    let cli = FakeCLI()
    let tokens = try tokens(
        surroundings([
            "azureProfile.json": profile(principalEntry), "msal_token_cache.json": [],
            "service_principal_entries.json": Array(entries.utf8),
        ]), transport: Script([granted("new")]), cli: cli)
    #expect(try await get(tokens) == "new" && cli.runs.isEmpty)
}

@Test func `what Entra refuses is said with the tenant and the scope to sign in to`() async throws {
    let entries = #"[{"client_id": "\#(clientID)", "tenant": "\#(tenantID)", "client_secret": "s"}]"#
    let refusal = #"{"error":"invalid_client","error_description":"AADSTS7000222: expired.\r\nTrace ID: 1"}"#
    let tokens = try tokens(
        surroundings([
            "azureProfile.json": profile(principalEntry), "service_principal_entries.json": Array(entries.utf8),
        ]), transport: Script([answer(401, refusal)]))
    let error = await #expect(throws: AzureTokenError.self) { try await get(tokens) }
    #expect(error?.detail == "the answer was 401 (invalid_client): AADSTS7000222: expired.")
    #expect(error?.advice.hasSuffix("az login --tenant \"\(tenantID)\" --scope \"\(armAudience)/.default\"") == true)
}

@Test(arguments: ["a\r\nX: y", "$(reboot)", "a\" b", "`id`", "\u{1B}[2J"])
func `what is more than a word to a shell is in no command to run`(tenant: String) {
    #expect(EntraWords.login(tenant: tenant, resource: tenant) == "az login")
    #expect(!AzureTokenError(.refused, source: "s", detail: "d", advice: tenant).advice.contains("\n"))
}

@Test func `subscriptions of other tenants are named`() throws {
    let other =
        #", {"id": "33333333-3333-3333-3333-333333333333", "name": "Far", "user": \#(userEntry), "#
        + #""tenantId": "55555555-5555-5555-5555-555555555555", "environmentName": "AzureCloud"}"#
    let account = try AzureAccount.load(
        from: surroundings(["azureProfile.json": profile(userEntry, more: other)]), subscription: nil)
    #expect(account.elsewhere == ["Far (33333333-3333-3333-3333-333333333333)"])
}
