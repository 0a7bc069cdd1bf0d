import Azure
import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

private let vaultURL = vaultText + "?api-version=2026-02-01"

private func vaultBody(_ access: String, extra: String = "") -> String {
    #"{"id":"\#(vaultText)","name":"kv1","location":"westeurope","properties":{"tenantId":"t","#
        + #""vaultUri":"https://KV1.vault.azure.net/","publicNetworkAccess":"\#(access)"\#(extra)}}"#
}

@Test func `what a vault leaves out reads as Azure's default`() throws {
    let vault = try Vault(json(#"{"id":"\#(vaultText)","properties":{"vaultUri":"https://kv1.vault.azure.net"}}"#))
    #expect(vault.access == .enabled && !vault.firewallDenies)
    #expect(vault.owns(try KeyIdentifier(parsing: keyText)))
    #expect(!vault.owns(try KeyIdentifier(parsing: keyText.replacing("kv1", with: "kv2"))))
    #expect(vault.accessPolicies.isEmpty && vault.privateEndpointConnections.isEmpty)
}

@Test func `a vault's rules, policies and connections are read`() throws {
    let extra =
        #","networkAcls":{"bypass":"None","defaultAction":"Deny","ipRules":[{"value":"1.2.3.4/32"}],"virtualNetworkRules":[]},"#
        + #""enablePurgeProtection":true,"accessPolicies":[{"objectId":"o","tenantId":"t","permissions":{"keys":["All"]}}],"#
        + #""privateEndpointConnections":[{"id":"i","properties":{"provisioningState":"Succeeded","privateEndpoint":{"id":"#
        + #""/subscriptions/\#(subscription)/resourceGroups/MC_g/providers/Microsoft.Network/privateEndpoints/pe"},"#
        + #""privateLinkServiceConnectionState":{"status":"Approved","actionsRequired":"None"}}}]"#
    let vault = try Vault(json(vaultBody("SecuredByPerimeter", extra: extra)))
    #expect(vault.access == .securedByPerimeter)
    #expect(vault.firewallDenies)
    #expect(vault.accessPolicies.map { $0["objectId"]?.string } == ["o"])
    let connection = try #require(vault.privateEndpointConnections.first)
    #expect(connection.status == "Approved")
}

/// A connection to an endpoint in a resource group.
private func endpoint(_ group: String, _ status: String, in subscription: String = subscription) -> String {
    #"{"id":"i","properties":{"privateEndpoint":{"id":"/subscriptions/\#(subscription)/resourceGroups/\#(group)/providers"#
        + #"/Microsoft.Network/privateEndpoints/pe"},"privateLinkServiceConnectionState":{"status":"\#(status)"}}}"#
}

@Test(
    arguments: [
        ([], .none), ([endpoint("mc_g_C_westeurope", "Approved")], .approved),
        // An application's own endpoint says nothing of the cluster's, and neither does that of a namesake elsewhere.
        ([endpoint("apps", "Approved"), endpoint("MC_g_c_westeurope", "Pending")], .pending),
        ([endpoint("apps", "Pending"), endpoint("MC_g_c_westeurope", "Approved")], .approved),
        ([endpoint("apps", "Approved")], .none),
        ([endpoint("MC_g_c_westeurope", "Approved", in: "00000000-0000-4000-8000-000000000009")], .none),
        // One of an earlier private period, beside the new one.
        ([endpoint("MC_g_c_westeurope", "Approved"), endpoint("MC_g_c_westeurope", "Pending")], .pending),
        ([endpoint("MC_g_c_westeurope", "Rejected"), endpoint("MC_g_c_westeurope", "Approved")], .approved),
        ([endpoint("MC_g_c_westeurope", "Rejected")], .rejected),
        ([endpoint("MC_g_c_westeurope", "Disconnected")], .none), ([#"{"id":"i","properties":{}}"#], .none),
    ] as [([String], ClusterEndpointState)])
func `only the endpoint that AKS made for the cluster counts, and one that waits counts most`(
    _ connections: [String], _ state: ClusterEndpointState
) throws {
    let extra = #","privateEndpointConnections":[\#(connections.joined(separator: ","))]"#
    let document = clusterFixture.replacing("00000000-0000-0000-0000-000000000001", with: subscription)
    let cluster = try ManagedCluster(json(document))
    #expect(try Vault(json(vaultBody("Enabled", extra: extra))).endpointState(of: cluster) == state)
}

@Test func `the access is changed by one field and read back`() async throws {
    let transport = ScriptedTransport([
        exchange(.get, vaultURL, 200, vaultBody("Enabled")), exchange(.patch, vaultURL, 200, vaultBody("Disabled")),
        // A policy that quietly keeps the old value: only the value that is read back tells.
        exchange(.get, vaultURL, 200, vaultBody("Enabled")),
    ])
    let vault = try await Vaults(arm: try client(transport)).setPublicNetworkAccess(
        of: try AzureResourceID(parsing: vaultText), to: .disabled)
    #expect(vault.access == .enabled)
    let body = await transport.requests[1].body
    #expect(String(decoding: body, as: UTF8.self) == #"{"properties":{"publicNetworkAccess":"Disabled"}}"#)
}

@Test func `nothing is sent where the value is there already or a perimeter rules`() async throws {
    let id = try AzureResourceID(parsing: vaultText)
    let done = ScriptedTransport([exchange(.get, vaultURL, 200, vaultBody("disabled"))])
    _ = try await Vaults(arm: try client(done)).setPublicNetworkAccess(of: id, to: .disabled)
    let perimeter = ScriptedTransport([exchange(.get, vaultURL, 200, vaultBody("SecuredByPerimeter"))])
    let error = await #expect(throws: ARMError.self) {
        try await Vaults(arm: try client(perimeter)).setPublicNetworkAccess(of: id, to: .enabled)
    }
    #expect(error?.kind == .securedByPerimeter)
}

@Test func `a key version is read through ARM`() async throws {
    let transport = ScriptedTransport([
        exchange(
            .get,
            vaultText + "/keys/kms/versions/0123456789abcdef0123456789abcdef?api-version=2026-02-01", 200,
            #"{"properties":{"attributes":{"enabled":true,"exp":1900000000},"kty":"RSA","keyOps":["encrypt","Decrypt"]}}"#
        )
    ])
    let key = try await Vaults(arm: try client(transport)).key(
        try KeyIdentifier(parsing: keyText), in: try AzureResourceID(parsing: vaultText))
    #expect(key.isEnabled == true && key.expires == 1_900_000_000)
}

@Test func `the owner of a key's host is found by its own URI`() async throws {
    let filter = "resourceType%20eq%20%27Microsoft.KeyVault%2Fvaults%27%20and%20name%20eq%20%27kv1%27"
    let list = "/subscriptions/\(subscription)/resources?api-version=2015-11-01&%24filter=\(filter)"
    let transport = ScriptedTransport([
        exchange(.get, list, 200, #"{"value":[{"id":"\#(vaultText)"},{"id":"/x"}]}"#),
        exchange(.get, vaultURL, 200, vaultBody("Enabled")),
    ])
    let result = await Vaults(arm: try client(transport)).find(
        ownerOf: try KeyIdentifier(parsing: keyText), in: [subscription])
    #expect(result.found.map(\.name) == ["kv1"] && result.unreadable.isEmpty)
}
