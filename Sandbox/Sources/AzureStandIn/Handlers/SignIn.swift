import Foundation

/// A token that the sandbox gave out.
struct Token: Sendable {
    var principal: Principal
    var audience: String
    var expires: Date
    var issued: Date
    /// Refused with a claims challenge since then.
    var isRevoked = false
}

extension StandIn {
    /// Entra: discovery and tokens. Paths are `/{tenant}/…` or `/adfs/…`.
    func signIn(_ request: Request) throws -> Answer {
        let path = request.segments.map { $0.lowercased() }
        if path.suffix(2) == [".well-known", "openid-configuration"] {
            guard knowsTenant(path[0]) else { throw unknownTenant(request.segments[0]) }
            return Answer(200, discovery(tenant: request.segments[0]))
        }
        if path.suffix(2) == ["discovery", "instance"] {
            return Answer(
                200, ["tenant_discovery_endpoint": .string(discoveryURL), "api-version": "1.1", "metadata": []])
        }
        let isToken = path.count >= 2 && path.last == "token" && path.contains("oauth2")
        guard isToken else { throw AzureError.noSuchPath(request.path) }
        guard request.method == "POST" else { throw AzureError(status: 405, body: [:]) }
        if faults.take(.tokenEndpointDown) != nil {
            throw entra(503, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
        }
        return try issueToken(tenant: path[0], form: Form.parse(String(decoding: request.body, as: UTF8.self)))
    }

    private var discoveryURL: String {
        "\(configuration.baseURL)/\(world.tenantID)/v2.0/.well-known/openid-configuration"
    }

    private func discovery(tenant: String) -> JSON {
        let base = "\(configuration.baseURL)/\(tenant)"
        let adfs = tenant.lowercased() == "adfs"
        return [
            "token_endpoint": .string(base + (adfs ? "/oauth2/token" : "/oauth2/v2.0/token")),
            "authorization_endpoint": .string(base + (adfs ? "/oauth2/authorize" : "/oauth2/v2.0/authorize")),
            "device_authorization_endpoint": .string(base + "/oauth2/v2.0/devicecode"),
            "issuer": .string(adfs ? base : "\(configuration.baseURL)/\(world.tenantID)/v2.0"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "response_types_supported": ["code", "id_token", "token"],
            "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        ]
    }

    private func issueToken(tenant: String, form: [(name: String, value: String)]) throws -> Answer {
        func field(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        guard knowsTenant(tenant) else { throw unknownTenant(tenant) }
        let principal = try authenticate(field, tenant: tenant)
        if faults.holds(.signInRevoked) != nil {
            throw principal.kind == .servicePrincipal
                ? entra(
                    401, "invalid_client", 7_000_222,
                    "The provided client secret keys for app '\(principal.name)' are expired.")
                : entra(
                    400, "invalid_grant", 50173,
                    "The provided grant has expired due to it being revoked, a fresh auth token is needed.")
        }
        let scopes = field("scope").split(separator: " ").map(String.init)
        let wanted = scopes.first { $0.hasSuffix("/.default") || $0.contains("://") }
        guard let wanted = wanted ?? field("resource").nonEmpty else {
            throw entra(400, "invalid_request", 90014, "The required field 'scope' is missing from the credential.")
        }
        return Answer(
            200, grant(principal, scopes: scopes, wanted: wanted, clientID: field("client_id"), tenant: tenant))
    }

    private func knowsTenant(_ name: String) -> Bool {
        ["adfs", "organizations", "common", world.tenantID.lowercased(), world.tenantDomain].contains(name)
    }

    private func unknownTenant(_ name: String) -> AzureError {
        entra(
            400, "invalid_tenant", 90002,
            "Tenant '\(name)' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        )
    }

    private func authenticate(_ field: (String) -> String, tenant: String) throws -> Principal {
        switch field("grant_type") {
        case "client_credentials" where !field("client_assertion").isEmpty:
            let suffix = tenant == "adfs" ? "/oauth2/token" : "/oauth2/v2.0/token"
            return try principal(
                of: field("client_assertion"), audience: "\(configuration.baseURL)/\(tenant)\(suffix)",
                clientID: field("client_id"))
        case "client_credentials":
            guard let found = world.principals.first(where: { $0.name == field("client_id") }) else {
                throw entra(
                    400, "unauthorized_client", 700016,
                    "Application with identifier '\(field("client_id"))' was not found in the directory.")
            }
            guard found.secret == field("client_secret") else {
                throw entra(401, "invalid_client", 7_000_215, "Invalid client secret provided.")
            }
            return found
        case "password":
            let found = world.principals.first { $0.kind == .user && $0.name == field("username") }
            guard let found, found.secret == field("password") else {
                throw entra(
                    400, "invalid_grant", 50126, "Error validating credentials due to invalid username or password.")
            }
            return found
        case "refresh_token":
            guard let found = refreshTokens[field("refresh_token")] else {
                throw entra(400, "invalid_grant", 70043, "The refresh token has expired or is invalid.")
            }
            return found
        default:
            throw entra(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        }
    }

    private func grant(
        _ principal: Principal, scopes: [String], wanted: String, clientID: String, tenant: String
    ) -> JSON {
        let audience = wanted.hasSuffix("/.default") ? String(wanted.dropLast("/.default".count)) : wanted
        let issued = mint(principal, audience: audience)
        var answer: JSON = [
            "token_type": "Bearer", "expires_in": .int(issued.seconds), "ext_expires_in": .int(issued.seconds),
            "access_token": .string(issued.text),
        ]
        guard principal.kind == .user else { return answer }
        let refresh = "1.sandbox." + UUID().uuidString + UUID().uuidString
        refreshTokens[refresh] = principal
        answer["refresh_token"] = .string(refresh)
        answer["scope"] = .string(scopes.joined(separator: " "))
        answer["client_info"] = .string(
            Base64URL.encode(
                ["uid": .string(principal.objectID), "utid": .string(world.tenantID)] as JSON))
        answer["id_token"] = .string(idToken(principal, clientID: clientID))
        return answer
    }

    /// Makes a token that decodes as a JWT; what counts is that the sandbox remembers it.
    func mint(_ principal: Principal, audience: String) -> (text: String, seconds: Int, expires: Date) {
        let now = configuration.now()
        let short = faults.holds(.tokenExpiresSoon).map { Int($0.seconds(60)) }
        let seconds = short ?? configuration.tokenSeconds
        let expires = now.addingTimeInterval(Double(seconds))
        var claims = standardClaims(principal, now: now, expires: expires)
        claims["aud"] = .string(audience)
        claims["appid"] = .string(principal.kind == .servicePrincipal ? principal.name : Self.azureCLI)
        claims["xms_cc"] = ["CP1"]
        let text = Self.jwt(claims)
        tokens[text] = Token(principal: principal, audience: audience, expires: expires, issued: now)
        return (text, seconds, expires)
    }

    /// A token for a principal without asking for its secret: for the profile that the sandbox writes.
    public func mintForProfile(_ name: String) -> (text: String, expires: Date)? {
        guard let principal = world.principals.first(where: { $0.name == name }) else { return nil }
        let minted = mint(principal, audience: "https://management.core.windows.net/")
        return (minted.text, minted.expires)
    }

    static let azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

    private func idToken(_ principal: Principal, clientID: String) -> String {
        let now = configuration.now()
        var claims = standardClaims(principal, now: now, expires: now.addingTimeInterval(3600))
        claims["aud"] = .string(clientID)
        claims["preferred_username"] = .string(principal.name)
        claims["upn"] = .string(principal.name)
        return Self.jwt(claims)
    }

    private func standardClaims(_ principal: Principal, now: Date, expires: Date) -> JSON {
        [
            "iss": .string("https://sts.windows.net/\(world.tenantID)/"), "tid": .string(world.tenantID),
            "oid": .string(principal.objectID), "sub": .string(principal.objectID),
            "iat": .int(Int(now.timeIntervalSince1970)), "nbf": .int(Int(now.timeIntervalSince1970)),
            "exp": .int(Int(expires.timeIntervalSince1970)), "ver": "1.0",
        ]
    }

    private static func jwt(_ claims: JSON) -> String {
        let header: JSON = ["typ": "JWT", "alg": "RS256", "kid": "sandbox"]
        let noise = Base64URL.encode([UInt8]((UUID().uuidString + UUID().uuidString).utf8))
        return [Base64URL.encode(header), Base64URL.encode(claims), noise].joined(separator: ".")
    }

    func entra(_ status: Int, _ error: String, _ code: Int, _ text: String) -> AzureError {
        let trace = UUID().uuidString.lowercased()
        let time = Timestamp.seconds(configuration.now())
        return AzureError(
            status: status,
            body: [
                "error": .string(error),
                "error_description": .string(
                    "AADSTS\(code): \(text) Trace ID: \(trace) Correlation ID: \(trace) Timestamp: \(time)"),
                "error_codes": [.int(code)], "timestamp": .string(time), "trace_id": .string(trace),
                "correlation_id": .string(trace),
            ])
    }
}

enum Base64URL {
    static func decode(_ text: String) -> Data? {
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }

    static func encode(_ json: JSON) -> String { encode(json.bytes) }
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}
