import Azure
import AzureAccount
import HTTP
import Testing

@testable import AzureResources

@Suite struct VaultDoorTests {
    /// Records the audiences that tokens were asked for.
    private actor Tokens: AzureTokenSource {
        private(set) var audiences: [String] = []

        func token(
            resource: String, tenant: String?, claims: String?, forceRefresh: Bool
        ) async throws(AzureTokenError) -> AzureToken {
            audiences.append(resource)
            return AzureToken(secret: "vault-token", expiresAt: 4_000_000_000)
        }
    }

    private static func forbidden(_ inner: String) -> String {
        #"{"error":{"code":"Forbidden","message":"no","innererror":{"code":"\#(inner)"}}}"#
    }

    @Test(arguments: [
        (403, forbidden("ForbiddenByConnection"), VaultDoor.Answer.closed),
        // A vault that speaks of rights has let the caller in (docs: Key Vault REST API error codes).
        (403, forbidden("ForbiddenByRbac"), .open), (403, forbidden("AccessDenied"), .open),
        (200, #"{"key":{"kid":"https://kv1.vault.azure.net/keys/kms/0"}}"#, .open),
        (404, #"{"error":{"code":"KeyNotFound","message":"no"}}"#, .open),
        // Selected networks: the public endpoint is there, but not for this machine.
        (403, forbidden("ForbiddenByFirewall"), .firewalled),
        // A proxy on the way, a challenge, an outage.
        (403, "<html>denied</html>", .unknown), (401, "{}", .unknown), (503, "", .unknown),
    ])
    func `only a refusal of the connection shows a closed vault`(
        _ status: Int, _ body: String, _ expected: VaultDoor.Answer
    ) async throws {
        let tokens = Tokens()
        let transport = ScriptedTransport([exchange(.get, keyText + "?api-version=7.4", status, body)])
        let door = VaultDoor(transport: transport, tokens: tokens, tenant: nil)
        #expect(await door.look(try KeyIdentifier(parsing: keyText)) == expected)
        #expect(await tokens.audiences == ["https://vault.azure.net"])
        #expect(await transport.requests.map { $0.headers["Authorization"] } == ["Bearer vault-token"])
    }

    @Test func `no answer shows nothing`() async throws {
        let transport = ScriptedTransport([failure(.get, keyText + "?api-version=7.4", lost)])
        let door = VaultDoor(transport: transport, tokens: Tokens(), tenant: nil)
        #expect(await door.look(try KeyIdentifier(parsing: keyText)) == .unknown)
    }

    @Test(arguments: [
        ("kv1.vault.azure.net", "https://vault.azure.net"), ("kv1.vault.azure.cn", "https://vault.azure.cn"),
        ("kv1.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net"),
        // As az takes it from a registered cloud, port and all (azure-cli, core/cloud.py: the suffix without its dot).
        ("kv1.vault.example:8443", "https://vault.example:8443"),
    ])
    func `the token's audience comes from the vault's own name`(_ host: String, _ audience: String) throws {
        let key = try KeyIdentifier(parsing: "https://\(host)/keys/kms/0123456789abcdef0123456789abcdef")
        #expect(VaultDoor.audience(of: key) == audience)
    }
}
