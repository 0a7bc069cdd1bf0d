import HTTP
import JSON
import Text

/// Requests to Entra's token endpoint, and what they answer.
enum EntraRequest {
    /// A form for the token endpoint.
    static func make(
        _ cloud: AzureCloud, tenant: String, resource: String, claims: String?, fields: [(String, String)]
    ) -> HTTPRequest {
        var form = fields
        // The resource ends in a slash, so this has two of them: Entra takes the audience from it literally.
        let scope = resource + "/.default"
        let wantsRefresh = fields.contains { $0.0 == "refresh_token" }
        form.append(("scope", wantsRefresh ? scope + " offline_access openid profile" : scope))
        form.append(("client_info", "1"))
        if !cloud.isADFS { form.append(("claims", mergedClaims(claims))) }
        let body = form.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        return HTTPRequest(
            .post, cloud.tokenURL(tenant: tenant),
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: Array(body.utf8), timeout: 30, maximumBodyBytes: 1 << 20)
    }

    /// The claims of a challenge, and the capability that makes Entra give tokens with continuous access evaluation.
    static func mergedClaims(_ challenge: String?) -> String {
        let capability = JSONValue.object(["values": .array([.string("CP1")])])
        var claims = challenge.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .object([:])
        if claims.object == nil { claims = .object([:]) }
        var accessToken = claims["access_token"]?.object ?? [:]
        accessToken["xms_cc"] = capability
        claims["access_token"] = .object(accessToken)
        return String(decoding: claims.bytes(), as: UTF8.self)
    }

    /// Reads an answer. Its errors are worded by Entra, cut, and hold no secret. A new refresh token is left alone:
    /// az's stays valid, and its files are not ours to write.
    static func token(
        in answer: HTTPResponse, now: Double, source: String, login: String = "az login"
    ) throws(AzureTokenError) -> AzureToken {
        let document = try? JSONValue(parsing: answer.body)
        guard answer.status == 200, let document else {
            throw error(answer.status, document, source: source, login: login)
        }
        guard let secret = document["access_token"]?.string, isTokenText(secret),
            let expiry = expiry(of: document, now: now)
        else {
            throw AzureTokenError(.refused, source: source, detail: "the answer holds no token that can be used")
        }
        return AzureToken(secret: secret, expiresAt: expiry)
    }

    /// `expires_on` where it is given, else `expires_in`; Entra sends numbers, metadata services texts.
    static func expiry(of document: JSONValue, now: Double) -> Double? {
        MSALCache.seconds(document["expires_on"]) ?? MSALCache.seconds(document["expires_in"]).map { now + $0 }
    }

    private static func error(
        _ status: Int, _ document: JSONValue?, source: String, login: String
    ) -> AzureTokenError {
        let code = document?["error"]?.string ?? ""
        let text = EntraWords.short(document?["error_description"]?.string ?? document?["message"]?.string ?? "")
        let detail = "the answer was \(status)\(code.isEmpty ? "" : " (\(code))")\(text.isEmpty ? "" : ": \(text)")"
        if status == 429 || status >= 500 { return AzureTokenError(.unreachable, source: source, detail: detail) }
        let wantsPerson = ["interaction_required", "invalid_grant", "consent_required", "login_required"]
        if wantsPerson.contains(code) {
            return AzureTokenError(.interactionRequired, source: source, detail: detail, advice: "run \(login)")
        }
        return AzureTokenError(
            .refused, source: source, detail: detail, advice: "check the credential, or run \(login)")
    }
}

/// Whether a text can stand in a header as a bearer token (RFC 6750 §2.1).
package func isTokenText(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 65_536 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
}
