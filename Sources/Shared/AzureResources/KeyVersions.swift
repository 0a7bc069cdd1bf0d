package import Azure
package import AzureAccount
package import HTTP
import JSON
import Text

/// Makes versions of a key, which only Key Vault's own endpoint does: ARM creates keys and no later versions.
package struct KeyVersions: Sendable {
    private let transport: any HTTPTransport
    private let tokens: any AzureTokenSource
    private let tenant: String?

    package init(transport: any HTTPTransport, tokens: any AzureTokenSource, tenant: String?) {
        self.transport = transport
        self.tokens = tokens
        self.tenant = tenant
    }

    /// Makes a new version, alike the newest one, with `POST /keys/NAME/rotate` (Key Vault REST API, Rotate Key), which
    /// needs the right keys/rotate. Sent once: an answer that is lost may leave a version that nothing uses.
    ///
    /// Throws `.authorizationFailed` without the right, `.notFound` without such a key, `.noToken`, `.lostAnswer`, and
    /// `.other` with Key Vault's words for the rest, such as a vault that turns this machine's network away.
    package func make(of key: KeyIdentifier) async throws(ARMError) -> KeyIdentifier {
        let action = "POST \(key.versionless)/rotate"
        let token: AzureToken
        do {
            token = try await tokens.token(
                resource: VaultDoor.audience(of: key), tenant: tenant, claims: nil, forceRefresh: false)
        } catch { throw ARMError(kind: .noToken(error), action: action) }
        let request = HTTPRequest(
            .post, "\(key.versionless)/rotate?api-version=\(VaultDoor.apiVersion)",
            headers: [
                "Authorization": "Bearer \(token.secret)", "Accept": "application/json",
                "Content-Type": "application/json",
            ], body: Array("{}".utf8), timeout: 60, maximumBodyBytes: 64 << 10)
        let answer: HTTPResponse
        do { answer = try await transport.send(request) } catch {
            throw ARMError(kind: .lostAnswer(error), action: action)
        }
        return try Self.made(answer, of: key, action)
    }

    /// A version counts only if it is one of the key that was asked for.
    static func made(
        _ answer: HTTPResponse, of key: KeyIdentifier, _ action: String
    ) throws(ARMError) -> KeyIdentifier {
        let document = try? JSONValue(parsing: answer.body)
        guard answer.status == 200 else { throw refusal(answer, document?["error"], action) }
        guard let text = document?[path: "key", "kid"]?.string, let made = try? KeyIdentifier(parsingVersioned: text),
            made.isSameKey(as: key)
        else { throw ARMError(kind: .unreadableAnswer("it names no version of \(key.versionless)"), action: action) }
        return made
    }

    private static func refusal(_ answer: HTTPResponse, _ error: JSONValue?, _ action: String) -> ARMError {
        let inner = error?[path: "innererror", "code"]?.string ?? ""
        let isNetwork = inner == "ForbiddenByConnection" || inner == "ForbiddenByFirewall"
        let kind: ARMError.Kind =
            switch answer.status {
            case 401: .unauthenticated
            case 403: isNetwork ? .other : .authorizationFailed
            case 404: .notFound
            case 429: .throttled
            default: .other
            }
        return ARMError(
            kind: kind, action: action, status: answer.status, code: error?["code"]?.string ?? "", subcode: inner,
            message: error?["message"]?.string ?? "")
    }
}
