package import Azure
package import AzureAccount
package import HTTP
import JSON

/// Key Vault's own endpoint, asked for one thing only: whether it lets this machine in.
package struct VaultDoor: Sendable {
    /// What the endpoint said.
    package enum Answer: Sendable, Hashable {
        /// 403 with `ForbiddenByConnection`: the public network is turned away.
        case closed
        /// Anything that only a vault which lets the caller in would say.
        case open
        /// 403 with `ForbiddenByFirewall`: the vault lets in other networks than this machine's.
        case firewalled
        /// No answer, or none that tells.
        case unknown
    }

    /// Data plane version; all from 7.0 on answer alike (azure-keyvault-keys 4.12 lets callers choose 7.0 to 7.6).
    static let apiVersion = "7.4"

    private let transport: any HTTPTransport
    private let tokens: any AzureTokenSource
    private let tenant: String?

    package init(transport: any HTTPTransport, tokens: any AzureTokenSource, tenant: String?) {
        self.transport = transport
        self.tokens = tokens
        self.tenant = tenant
    }

    /// Asks for the key over a new connection. The network is judged before the caller's rights are, so that no right
    /// to the key is needed; an answer without a token would be 401 in both cases.
    ///
    /// The token's audience comes from the vault's own name, never from what the endpoint asks for: a host that is no
    /// vault gets a token that is good for nothing else.
    package func look(_ key: KeyIdentifier) async -> Answer {
        guard
            let token = try? await tokens.token(
                resource: Self.audience(of: key), tenant: tenant, claims: nil, forceRefresh: false)
        else { return .unknown }
        let request = HTTPRequest(
            .get, "\(key)?api-version=\(Self.apiVersion)",
            headers: ["Authorization": "Bearer \(token.secret)", "Accept": "application/json"], timeout: 10,
            maximumBodyBytes: 64 << 10)
        guard let answer = try? await transport.withNewConnection().send(request) else { return .unknown }
        return Self.judge(answer)
    }

    /// Such as `https://vault.azure.net` (the challenge's `resource` in recorded exchanges).
    static func audience(of key: KeyIdentifier) -> String {
        "https://" + key.vaultAuthority.drop { $0 != "." }.dropFirst()
    }

    /// A key's bundle, or a refusal that speaks of rights, comes from a vault that let the caller in.
    static func judge(_ answer: HTTPResponse) -> Answer {
        let error = (try? JSONValue(parsing: answer.body))?["error"]
        let inner = error?[path: "innererror", "code"]?.string
        switch (answer.status, inner) {
        case (403, "ForbiddenByConnection"): return .closed
        case (403, "ForbiddenByFirewall"): return .firewalled
        case (200, _), (403, .some), (404, _): return .open
        default: return .unknown
        }
    }
}
