import Azure
import Testing

@Test(arguments: [
    ("Microsoft.KeyVault/vaults/write", "*", true),
    ("Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/*", true),
    ("Microsoft.KeyVault/vaults/write", "microsoft.keyvault/VAULTS/write", true),
    ("Microsoft.KeyVault/vaults/write", "*/write", true),
    ("Microsoft.KeyVault/vaults/write", "Microsoft.*/vaults/*", true),
    ("Microsoft.KeyVault/vaults/write", "*/read", false),
    ("Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/vaults", false),
    ("Microsoft.KeyVault/vaults/write", "Microsoft.Storage/*", false),
    ("Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/*/keys/*", false),
    ("Microsoft.KeyVault/vaults/write", "", false),
    ("aba", "ab*ba", false),
    ("a/keys/b/keys/c", "a*/keys/*/c", true),
    ("", "**", true),
    ("aaaaaaaaaaaaaaaaaaaac", "*a*a*a*b", false),
])
func `patterns of actions match as Azure's do`(_ action: String, _ pattern: String, _ matches: Bool) {
    #expect([Permission(actions: [pattern])].allow(action) == matches)
    #expect([Permission(dataActions: [pattern])].allowData(action) == matches)
    #expect([Permission(actions: ["*"], notActions: [pattern])].allow(action) == !matches)
}

@Test func `what one role takes back another may give`() {
    let roles = [Permission(actions: ["*"], notActions: ["a/write"]), Permission(actions: ["a/*"])]
    #expect(roles.allow("a/write"))
    #expect(!roles.allowData("a/write"))
    #expect(![Permission]().allow("a/write"))
}
