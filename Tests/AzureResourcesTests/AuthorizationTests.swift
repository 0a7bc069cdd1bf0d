import AzureAccount
import HTTP
import JSON
import Testing

@testable import AzureResources

@Test(arguments: [
    ("*", "a/b", true), ("*/read", "Microsoft.KeyVault/vaults/read", true), ("*/read", "a/write", false),
    ("Microsoft.KeyVault/*", "microsoft.keyvault/vaults/write", true), ("a*c*", "abcd", true), ("a*c", "abcd", false),
    ("", "a", false), ("a", "", false), ("**", "", true), ("a/b", "A/B", true),
    ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaac", false),
])
func `an action matches a pattern`(pattern: String, action: String, matches: Bool) {
    #expect(actionPattern(pattern, matches: action) == matches)
}

@Test func `an exception takes away within its role only`() {
    let contributor = Permission(actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"])
    let writer = Permission(actions: ["Microsoft.Authorization/locks/write"])
    #expect(contributor.allows("Microsoft.KeyVault/vaults/write"))
    #expect(!contributor.allows("Microsoft.Authorization/locks/write"))
    #expect([contributor, writer].allow("Microsoft.Authorization/locks/write"))
    #expect(!contributor.allowsData("Microsoft.KeyVault/vaults/keys/encrypt/action"))
    #expect(
        Permission(dataActions: ["*"], notDataActions: ["*/decrypt/*"])
            .allowsData("Microsoft.KeyVault/vaults/keys/encrypt/action"))
}

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
    #expect(locks.map(\.id).first == group && locks.first?.forbidsWrites == true)
    #expect(!locks.contains { $0.id == key })
}

@Test func `a principal's rights are those of its roles at and above the resource`() async throws {
    let principal = "00000000-0000-0000-0000-0000000000aa"
    let role = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
    let base = vaultText + "/providers/Microsoft.Authorization"
    func assignment(_ scope: String, condition: String = "null") -> String {
        #"{"properties":{"scope":"\#(scope)","principalId":"p","condition":\#(condition),"roleDefinitionId":"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/\#(role)"}}"#
    }
    let transport = ScriptedTransport([
        exchange(
            .get,
            base
                + "/roleAssignments?api-version=2022-04-01&%24filter=assignedTo%28%27\(principal)%27%29"
                .replacing("%28", with: "(").replacing("%29", with: ")"),
            200,
            #"{"value":[\#(assignment("/subscriptions/\(subscription)")),\#(assignment(vaultText, condition: "\"c\"")),\#(assignment(vaultText + "2"))]}"#
        ),
        exchange(
            .get,
            "/subscriptions/\(subscription)/providers/Microsoft.Authorization/roleDefinitions/\(role)?api-version=2022-04-01",
            200,
            #"{"properties":{"permissions":[{"actions":[],"dataActions":["Microsoft.KeyVault/vaults/keys/encrypt/action"]}]}}"#
        ),
    ])
    let rights = try await Authorization(arm: try client(transport)).rights(
        of: principal, at: try AzureResourceID(parsing: vaultText))
    #expect(rights.sure.allowData("Microsoft.KeyVault/vaults/keys/encrypt/action"))
    #expect(!rights.sure.allowData("Microsoft.KeyVault/vaults/keys/decrypt/action"))
    #expect(rights.sure.count == 1 && rights.conditional.count == 1)
}
