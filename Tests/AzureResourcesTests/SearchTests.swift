import Azure
import AzureAccount
import HTTP
import JSON
import Synchronization
import Testing

@testable import AzureResources

private func cluster(_ name: String, key: String, enabled: Bool = true) throws -> ManagedCluster {
    try ManagedCluster(
        json(
            #"{"id":"\#(clusterText.dropLast())\#(name)","properties":{"securityProfile":{"azureKeyVaultKms":"#
                + #"{"enabled":\#(enabled),"keyId":"\#(key)","keyVaultNetworkAccess":"Public"}}}}"#))
}

@Test func `other clusters that use a vault are found, whatever the key`() throws {
    let vault = try Vault(json(#"{"id":"\#(vaultText)","properties":{"vaultUri":"https://kv1.vault.azure.net/"}}"#))
    let clusters = [
        try cluster("a", key: keyText), try cluster("b", key: keyText.replacing("/kms/", with: "/other/")),
        try cluster("c", key: keyText), try cluster("d", key: keyText, enabled: false),
        try cluster("e", key: keyText.replacing("kv1", with: "kv2")),
    ]
    #expect(clusters.using(vault, except: clusters[2].id).map(\.name) == ["a", "b"])
}

@Test func `a search keeps the order, looks four at a time and survives refusals`() async throws {
    let running = Mutex((now: 0, most: 0))
    let result = await search((0..<20).map(String.init)) { name throws(ARMError) in
        running.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
        await Task.yield()
        running.withLock { $0.now -= 1 }
        if name == "7" { throw ARMError(kind: .authorizationFailed, action: "x") }
        return [name]
    }
    #expect(result.found == (0..<20).map(String.init).filter { $0 != "7" })
    #expect(result.unreadable.map(\.id) == ["7"])
    #expect(running.withLock { $0.most } <= 4)
}

@Test func `subscriptions without a proper id are passed over`() async throws {
    let transport = ScriptedTransport([
        exchange(
            .get, "/subscriptions?api-version=2022-12-01", 200,
            #"{"value":[{"subscriptionId":"\#(subscription)","state":"Enabled","displayName":"One"},"#
                + #"{"subscriptionId":"../x","state":"Enabled"},7]}"#)
    ])
    #expect(try await client(transport).subscriptions().map(\.name) == ["One"])
}
