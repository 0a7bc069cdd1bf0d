import Azure
import Testing

private let subscription = "00000000-0000-0000-0000-000000000001"
private let clusterText =
    "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
private let keyText = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

@Test func `resource ids compare without case and keep their spelling`() throws {
    let id = try AzureResourceID(parsing: clusterText.replacing("resourceGroups", with: "resourcegroups"))
    #expect(id == (try AzureResourceID(parsing: clusterText.uppercased())))
    #expect(id.description == clusterText)
    #expect(id.name == "c")
    #expect(id.hasType("microsoft.containerservice/managedclusters"))
    #expect(id.hashValue == (try AzureResourceID(parsing: clusterText.uppercased())).hashValue)
}

@Test func `a resource group of another script is escaped in paths`() throws {
    let id = try AzureResourceID.managedCluster(subscription: subscription, resourceGroup: "grün(1)", name: "c")
    #expect(id.urlPath.contains("/resourceGroups/gr%C3%BCn(1)/"))
}

@Test(arguments: [
    "", "/", "/subscriptions", "subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n",
    "/subscriptions/not-a-guid/resourceGroups/g/providers/P/t/n",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n/x",
    "/subscriptions/\(subscription)/resourceGroups/../providers/P/t/n",
    "/subscriptions/\(subscription)/resourceGroups/g?x/providers/P/t/n",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/..",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n?api-version=1",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n%2fm",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n\nHost: x",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t//",
    "/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n\u{202e}",
    "https://management.azure.com/subscriptions/\(subscription)/resourceGroups/g/providers/P/t/n",
])
func `a text that is no resource id is refused`(text: String) {
    #expect(throws: AzureResourceID.Problem.self) { try AzureResourceID(parsing: text) }
}

@Test func `a key id is taken apart`() throws {
    let key = try KeyIdentifier(parsingVersioned: keyText)
    #expect(key.vaultAuthority == "kv1.vault.azure.net")
    #expect(key.vaultName == "kv1")
    #expect(key.name == "kms")
    #expect(key.version == "0123456789abcdef0123456789abcdef")
    #expect(key.description == keyText)
    let local = try KeyIdentifier(parsing: "https://KV1.vault.localhost:8443/keys/k/" + (key.version ?? ""))
    #expect(local.vaultAuthority == "kv1.vault.localhost:8443")
}

@Test func `a key id without a version can be read but not set`() throws {
    #expect(try KeyIdentifier(parsing: "https://kv1.vault.azure.net/keys/kms").version == nil)
    #expect(throws: KeyIdentifier.Problem.versionless) {
        try KeyIdentifier(parsingVersioned: "https://kv1.vault.azure.net/keys/kms")
    }
    #expect(throws: KeyIdentifier.Problem.versionless) {
        try KeyIdentifier(parsing: "https://kv1.vault.azure.net/keys/kms/")
    }
}

@Test(arguments: [
    ("http://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef", KeyIdentifier.Problem.notHTTPS),
    ("https://kv1.vault.azure.net/secrets/kms/0123456789abcdef0123456789abcdef", .notAKey),
    ("https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef/x", .notAKey),
    ("https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef?x", .notAKey),
    ("https://user@kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef", .badHost),
    ("https://kv1/keys/kms/0123456789abcdef0123456789abcdef", .badHost),
    ("https://1kv.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef", .badHost),
    ("https://kv1.vault.azure.net:0/keys/kms/0123456789abcdef0123456789abcdef", .badHost),
    ("https://kv1.vault.azure.net\\@evil/keys/kms/0123456789abcdef0123456789abcdef", .badHost),
    ("https://kv1.vault.azure.net/keys//0123456789abcdef0123456789abcdef", .badName),
    ("https://kv1.vault.azure.net/keys/k_s/0123456789abcdef0123456789abcdef", .badName),
    ("https://kv1.vault.azure.net/keys/kms/latest", .badVersion),
    ("https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdeg", .badVersion),
])
func `a text that is no key id is refused for its reason`(text: String, problem: KeyIdentifier.Problem) {
    #expect(throws: problem) { try KeyIdentifier(parsingVersioned: text) }
}

@Test(arguments: [
    "http://a.b", "https://", "https://a@b", "https://a:b", "https://a:99999", "https://a b", "https://-a.b",
    "https://[::1]/", "https://a..b/", "https://a\\b/",
])
func `an origin is not read from odd URLs`(url: String) { #expect(Origin(ofHTTPS: url) == nil) }

@Test func `origins compare without case and with the default port`() {
    #expect(Origin(ofHTTPS: "HTTPS://A.b:443/x?y") == Origin(ofHTTPS: "https://a.B"))
    #expect(Origin(ofHTTPS: "https://a.b:444") != Origin(ofHTTPS: "https://a.b"))
    #expect(Origin(ofHTTPS: "https://a.b.evil.net") != Origin(ofHTTPS: "https://a.b"))
}
