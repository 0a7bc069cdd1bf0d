import Azure
import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

/// Reads an answer by what was asked for; questions that this project never asks are left alone.
private func read(_ exchange: Recording.Exchange) throws {
    guard exchange.answer.status < 300 else {
        let error = ARMError(answer: exchange.answer, action: "test")
        #expect(error.kind != .other && !error.code.isEmpty && !error.message.isEmpty, "\(error)")
        return
    }
    guard !exchange.answer.body.isEmpty else { return }
    let document = try exchange.document()
    let words = exchange.uri.prefix { $0 != "?" }.split(separator: "/").map { $0.lowercased() }
    switch (words.dropLast().last, exchange.method) {
    case ("managedclusters", _):
        let cluster = try ManagedCluster(document)
        #expect(try cluster.id == exchange.resource())
        #expect(cluster.provisioningState != nil && cluster.powerState == "Running" && !cluster.agentPools.isEmpty)
    case ("vaults", _):
        let vault = try Vault(document)
        #expect(try vault.id == exchange.resource())
        #expect(vault.authority == vault.name + ".vault.azure.net")
    case ("privateendpointconnections", _):
        let connection = PrivateEndpointConnection(document)
        #expect(connection.endpoint != nil && !connection.status.isEmpty && !connection.id.isEmpty)
    case ("operations", .get): _ = try OperationStatus(document)
    case ("versions", .get):
        let key = VaultKey(document)
        #expect(key.isEnabled != nil)
    default: break
    }
}

private func readAll(_ file: String) throws {
    for exchange in try Recording(file: file).exchanges { try read(exchange) }
}

@Test(arguments: RecordingFolder.files(in: RecordingFolder.own))
func `every answer written by hand is understood`(file: String) throws { try readAll(file) }

@Test(
    .enabled(if: RecordingFolder.isExpected, RecordingFolder.absence),
    arguments: RecordingFolder.files(in: RecordingFolder.recorded))
func `every recorded answer is understood`(file: String) throws { try readAll(file) }

@Test(.enabled(if: RecordingFolder.isExpected, RecordingFolder.absence))
func `recorded vaults have the access, the policies and the connections that Azure told`() throws {
    let access = try Recording.real("keyvault_public_network_access_2023")
    #expect(ARMError(answer: access[0].answer, action: "GET").kind == .notFound)
    let created = try Vault(access[1].document())
    #expect(created.authority == "cli-test-kv3-pna-000004.vault.azure.net")
    let closed = try Vault(access[2].document())
    #expect(closed.access == .disabled && !closed.firewallDenies)
    #expect(closed.tenantID == "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a" && closed.location == "eastus2euap")
    #expect(closed.accessPolicies.map { $0["objectId"]?.string } == ["6b30bdc6-696a-46fb-82d7-739c2fb147b7"])
    #expect(closed.privateEndpointConnections.isEmpty)
    #expect(try Vault(access[4].document()).access == .enabled)

    let connections = try Recording.real("keyvault_pec_2024")
    let connection = try #require(try Vault(connections[0].document()).privateEndpointConnections.first)
    #expect(connection.status == "Approved")
    #expect(connection.endpoint?.resourceGroup == "cli_test_keyvault_pec000001")
    let rejected = PrivateEndpointConnection(try connections[2].document())
    #expect(rejected.status == "Rejected")
}

@Test(.enabled(if: RecordingFolder.isExpected, RecordingFolder.absence))
func `a kubeconfig that a recorder cut short is refused`() async throws {
    let recording = try Recording.real("list_cluster_user_credential_2023")
    let transport = ScriptedTransport(recording.script([0]))
    let error = await #expect(throws: ARMError.self) {
        try await ManagedClusters(arm: try client(transport)).userCredentials(try recording[0].resource())
    }
    #expect(error?.kind == .unreadableAnswer("it holds no kubeconfig"))
}

@Test func `a whole kubeconfig is given, and not shown`() async throws {
    let recording = try Recording.own("credentials")
    let transport = ScriptedTransport(recording.script([0]))
    let found = try await ManagedClusters(arm: try client(transport)).userCredentials(try recording[0].resource())
    let credential = try #require(found.first)
    #expect(credential.name == "clusterUser")
    let text = String(decoding: credential.kubeconfig, as: UTF8.self)
    #expect(text.hasPrefix("apiVersion: v1\n") && text.contains("CANARY-TOKEN"))
    #expect(!"\(found)".contains("CANARY") && !String(reflecting: found).contains("CANARY"))
    #expect(await transport.requests.first?.body.isEmpty == true)
}

@Test func `one field closes a vault, and a policy that keeps it closed is seen`() async throws {
    let recording = try Recording.own("vault_patch")
    let transport = ScriptedTransport(recording.script([0, 1, 2, 2, 3, 4], version: APIVersions.vaults))
    let vaults = Vaults(arm: try client(transport))
    let id = try recording[0].resource()
    #expect(try await vaults.setPublicNetworkAccess(of: id, to: .disabled).access == .disabled)
    #expect(try await vaults.setPublicNetworkAccess(of: id, to: .enabled).access == .disabled)
    let requests = await transport.requests
    for (request, exchange) in [(requests[1], recording[1]), (requests[4], recording[3])] {
        #expect(try JSONValue(parsing: request.body) == exchange.body)
    }
    #expect(await transport.isFinished)
    let withRules = try Vault(recording[5].document())
    #expect(withRules.firewallDenies)
}

@Test func `a key is read through ARM`() async throws {
    let recording = try Recording.own("key_through_arm")
    let transport = ScriptedTransport(recording.script([0, 1], version: APIVersions.vaults))
    let vaults = Vaults(arm: try client(transport))
    let vault = try recording[0].resource()
    let text = "https://replay-vault.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"
    let key = try await vaults.key(try KeyIdentifier(parsing: text), in: vault)
    #expect(key.isEnabled == true && key.expires == nil)
    let absent = try KeyIdentifier(parsing: text.replacing("/kms/", with: "/absent/"))
    let error = await #expect(throws: ARMError.self) { try await vaults.key(absent, in: vault) }
    #expect(error?.kind == .notFound)
}

@Test func `a vault's door is open or closed by what its endpoint says`() throws {
    let recording = try Recording.own("key_data_plane")
    #expect(recording.exchanges.map { VaultDoor.judge($0.answer) } == [.unknown, .open, .closed, .closed])
}
