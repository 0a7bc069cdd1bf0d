import FoundationEssentials
import JSON
import Text

/// Whom an access token of Entra stands for, as Entra wrote it there.
///
/// Nothing is checked: ARM does that. A report names it so that a person can be found in Azure's activity log
/// (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
package struct TokenClaims: Sendable, Hashable {
    /// `upn`, `unique_name` or `app_displayname`; empty where there is none.
    package let name: String
    /// `oid`: the principal's object id.
    package let objectID: String
    /// `appid`: the application that asked for the token.
    package let applicationID: String
    /// `tid`.
    package let tenantID: String

    /// Nil for a token that is no JWT with an object id.
    package init?(_ token: AzureToken) {
        let parts = token.secret.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Self.bytes(base64URL: parts[1]),
            let claims = try? JSONValue(parsing: payload), let object = claims["oid"]?.string
        else { return nil }
        func text(_ names: String...) -> String {
            names.lazy.compactMap { claims[$0]?.string }.first { !$0.isEmpty }?.onOneLine(limit: 253) ?? ""
        }
        name = text("upn", "unique_name", "app_displayname")
        objectID = object.onOneLine(limit: 64)
        applicationID = text("appid", "azp")
        tenantID = text("tid")
    }

    /// Base64 in the alphabet of URLs, without padding (RFC 7515 §2).
    private static func bytes(base64URL text: Substring) -> [UInt8]? {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: String(plain)).map(Array.init)
    }
}
