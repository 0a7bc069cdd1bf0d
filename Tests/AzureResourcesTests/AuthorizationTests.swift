import Azure
import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

@Test func `locks above a resource hold for it, others do not`() async throws {
    let url = vaultText + "/providers/Microsoft.Authorization/locks?api-version=2016-09-01"
    let group = "/subscriptions/\(subscription)/resourceGroups/G/providers/Microsoft.Authorization/locks/l"
    let key = vaultText + "/keys/k/providers/Microsoft.Authorization/locks/l"
    let transport = ScriptedTransport([
        exchange(
            .get, url, 200,
            #"{"value":[{"id":"\#(group)","properties":{"level":"ReadOnly"}},{"id":"\#(key)","properties":{"level":"ReadOnly"}},{"id":7}]}"#
        )
    ])
    let locks = try await Authorization(arm: try client(transport)).locks(on: try AzureResourceID(parsing: vaultText))
    #expect(locks.map(\.id).first == group && locks.first?.level == "ReadOnly")
    #expect(!locks.contains { $0.id == key })
}
