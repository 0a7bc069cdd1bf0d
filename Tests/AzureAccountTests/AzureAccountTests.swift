import Files
import Testing

@testable import AzureAccount

private func load(
    _ files: [String: [UInt8]], _ environment: [String: String] = [:], subscription: String? = nil
) throws -> AzureAccount {
    try AzureAccount.load(from: surroundings(files, environment), subscription: subscription)
}

@Test func `the active subscription of the active cloud is used`() throws {
    let account = try load(["azureProfile.json": profile(userEntry)])
    #expect(account.subscriptionID == subscriptionID && account.tenantID == tenantID)
    #expect(account.credential == .profile(.user(name: "Ann@fake.test")))
    #expect(account.cloud.resourceManager == "https://management.azure.com")
    #expect(account.cloud.keyVaultSuffix == ".vault.azure.net")
}

@Test func `a registered cloud brings its own endpoints, and the environment can choose another`() throws {
    let clouds = Array(
        """
        [FakeCloud]
        endpoint_resource_manager = https://localhost:7001
        endpoint_active_directory = https://localhost:7001
        endpoint_active_directory_resource_id = https://management.core.windows.net/
        suffix_keyvault_dns = .vault.localhost
        """.utf8)
    let files = [
        "azureProfile.json": profile(userEntry, cloud: "FakeCloud"), "clouds.config": clouds,
        "config": Array("[cloud]\nname = FakeCloud\n".utf8),
    ]
    let account = try load(files)
    #expect(account.cloud.resourceManager == "https://localhost:7001")
    #expect(account.cloud.keyVaultSuffix == ".vault.localhost")
    #expect(account.subscriptionID == subscriptionID)
    // The profile has no account in the other cloud.
    let other = try load(files, ["AZURE_CLOUD_NAME": "AzureChinaCloud"])
    #expect(other.cloud.activeDirectory == "https://login.chinacloudapi.cn" && other.subscriptionID == nil)
    #expect(throws: AzureTokenError.self) { try load(files, ["AZURE_CLOUD_NAME": "Nowhere"]) }
}

@Test func `an endpoint that is not https is refused`() {
    let clouds = Array("[AzureCloud]\nendpoint_active_directory = http://evil\n".utf8)
    #expect(throws: AzureTokenError.self) { try load(["clouds.config": clouds]) }
}

@Test(arguments: [
    (
        #"{"name":"systemAssignedIdentity","type":"servicePrincipal","assignedIdentityInfo":"MSI"}"#,
        ProfileEntry.Credential.managedIdentity(.systemAssigned)
    ),
    (
        #"{"name":"userAssignedIdentity","type":"servicePrincipal","assignedIdentityInfo":"MSIClient-a-b"}"#,
        .managedIdentity(.client("a-b"))
    ),
    (
        #"{"name":"userAssignedIdentity","type":"servicePrincipal","assignedIdentityInfo":"MSIObject-o"}"#,
        .managedIdentity(.object("o"))
    ),
    (
        #"{"name":"userAssignedIdentity","type":"servicePrincipal","assignedIdentityInfo":"MSIResource-/s/x-y"}"#,
        .managedIdentity(.resource("/s/x-y"))
    ),
    (#"{"name":"x","type":"user","cloudShellID":true}"#, .cloudShell),
    (principalEntry, .servicePrincipal(clientID: clientID)),
])
func `every kind of account is told apart`(user: String, credential: ProfileEntry.Credential) throws {
    #expect(try load(["azureProfile.json": profile(user)]).credential == .profile(credential))
}

@Test func `a subscription is chosen by id or by a name that is unique`() throws {
    func entry(_ id: String, _ name: String) -> String {
        #", {"id":"\#(id)","name":"\#(name)","tenantId":"t2","user":{"name":"b","type":"user"},"environmentName":"AzureCloud"}"#
    }
    let id = "33333333-3333-3333-3333-33333333333A"
    let files = [
        "azureProfile.json": profile(userEntry, more: entry(id, "Two") + entry("x", "Twin") + entry("y", "twin"))
    ]
    #expect(try load(files, subscription: id.lowercased()).subscriptionName == "Two")
    #expect(try load(files, subscription: "two").tenantID == "t2")
    #expect(throws: AzureTokenError.self) { try load(files, subscription: "twin") }
    #expect(throws: AzureTokenError.self) { try load(files, subscription: "none") }
}

@Test func `an account of a tenant without subscriptions has none`() throws {
    #expect(try load(["azureProfile.json": profile(userEntry, id: tenantID)]).subscriptionID == nil)
}

@Test(arguments: ["", "{", "[]", #"{"subscriptions":[7,{"id":1}]}"#])
func `a broken profile is an error or no account, never a crash`(text: String) {
    let account = try? load(["azureProfile.json": Array(text.utf8)])
    #expect(account == nil || account?.credential == .managedIdentity(.systemAssigned))
}

@Test func `without a profile the environment says who calls`() throws {
    let base = ["AZURE_CLIENT_ID": clientID, "AZURE_TENANT_ID": tenantID, "AZURE_SUBSCRIPTION_ID": subscriptionID]
    let federated = try load([:], base.merging(["AZURE_FEDERATED_TOKEN_FILE": "/t"]) { $1 })
    #expect(federated.credential == .workloadIdentity(clientID: clientID, tokenFile: "/t"))
    #expect(federated.subscriptionID == subscriptionID && federated.tenantID == tenantID)
    let secret = try load([:], base.merging(["AZURE_CLIENT_SECRET": "canary"]) { $1 })
    #expect(secret.credential == .environmentSecret(clientID: clientID))
    #expect(!"\(secret)".contains("canary"))
    #expect(try load([:], ["AZURE_CLIENT_ID": clientID]).credential == .managedIdentity(.client(clientID)))
    #expect(try load([:]).credential == .managedIdentity(.systemAssigned))
    #expect(throws: AzureTokenError.self) { try load([:], ["AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"]) }
    #expect(throws: AzureTokenError.self) { try load([:], subscription: "by name") }
}

@Test func `AZURE_CONFIG_DIR is where az's files are`() throws {
    let account = try load(
        ["/elsewhere/azureProfile.json": profile(userEntry)], ["AZURE_CONFIG_DIR": "/elsewhere"])
    #expect(account.subscriptionID == subscriptionID)
}
