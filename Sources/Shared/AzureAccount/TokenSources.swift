import Azure
import Files
import HTTP
import JSON

/// What token is wanted, and from where it must not come.
package struct TokenQuestion: Sendable {
    package let resource: String
    /// The tenant's id.
    package let tenant: String?
    /// The JSON of a claims challenge.
    package let claims: String?
    /// Whether a token of az's cache will do.
    package let mayBeKept: Bool
    /// The text of a token that was refused, which is no answer.
    let refused: String?
    /// Seconds that it must last at least.
    let validFor: Double

    /// Whether this is the token that was refused.
    package func isRefused(_ token: AzureToken) -> Bool { token.secret == refused }
}

/// The ways to a token, in order, for one account.
struct TokenSources: Sendable {
    let account: AzureAccount
    let surroundings: AzureSurroundings
    let transport: any HTTPTransport
    let metadataTransport: any HTTPTransport
    let cli: AzureCLI
    let time: Clocks

    func token(_ question: TokenQuestion) async throws(AzureTokenError) -> AzureToken {
        switch account.credential {
        case .profile(let credential): return try await profileToken(credential, question)
        case .workloadIdentity(let client, let file):
            return try await federatedToken(clientID: client, tokenFile: file, question)
        case .environmentSecret(let client):
            let secret = surroundings.variable("AZURE_CLIENT_SECRET") ?? ""
            return try await entra(
                question, [("client_id", client), ("client_secret", secret)], source: "the environment's credential")
        case .managedIdentity(let identity):
            let request = ManagedIdentityRequest.make(
                identity, resource: question.resource, surroundings: surroundings)
            do {
                return try await metadata(request)
            } catch  where error.kind == .unreachable || (error.kind == .refused && identity == .systemAssigned) {
                // A machine of Azure without an identity refuses, any other one does not answer.
                let machine =
                    error.kind == .refused
                    ? "the managed identity gives no token (\(error.detail))" : "there is no managed identity"
                throw AzureTokenError(
                    .notSignedIn, source: "az",
                    detail: "there is no az profile and no credential in the environment, and \(machine)",
                    advice: "run az login")
            }
        }
    }

    /// The profile's own ways first, which take no second; az for all that is beyond them.
    private func profileToken(
        _ credential: ProfileEntry.Credential, _ question: TokenQuestion
    ) async throws(AzureTokenError) -> AzureToken {
        var trouble: AzureTokenError?
        do {
            if let token = try await directToken(credential, question), token.secret != question.refused {
                return token
            }
        } catch  where error.kind == .cancelled {
            throw error
        } catch {
            trouble = error
        }
        do throws(AzureTokenError) {
            let foreign = question.tenant?.lowercased() == account.tenantID?.lowercased() ? nil : question.tenant
            let token = try await cli.token(
                resource: question.resource, subscription: account.subscriptionID,
                tenant: foreign ?? (account.subscriptionID == nil ? question.tenant : nil), now: time.wall())
            guard token.secret != question.refused else {
                throw AzureTokenError(
                    .interactionRequired, source: AzureCLI.source,
                    detail: "az gives again the token that Azure has refused", advice: "run az login")
            }
            return token
        } catch {
            // Without az, what went wrong before says more.
            throw error.kind == .azFailed ? trouble ?? error : error
        }
    }

    /// Nil where the way leads through az only.
    private func directToken(
        _ credential: ProfileEntry.Credential, _ question: TokenQuestion
    ) async throws(AzureTokenError) -> AzureToken? {
        switch credential {
        case .managedIdentity(let identity):
            return try await metadata(
                ManagedIdentityRequest.make(identity, resource: question.resource, surroundings: surroundings))
        case .cloudShell:
            guard surroundings.variable("ACC_CLOUD") != nil,
                surroundings.variable("AZUREPS_HOST_ENVIRONMENT")?.hasPrefix("cloud-shell") == true
            else { return nil }
            return try await metadata(ManagedIdentityRequest.cloudShell(resource: question.resource))
        case .user(let name):
            guard let cache = try cache(), let tenant = question.tenant else { return nil }
            let owner = MSALCache.Owner(
                userName: name, clientID: MSALCache.azClientID, tenant: tenant, cloud: account.cloud)
            if let token = keptToken(cache, owner, question) { return token }
            guard let refresh = cache.refreshToken(owner: owner) else { return nil }
            return try await entra(
                question,
                [("client_id", owner.clientID), ("grant_type", "refresh_token"), ("refresh_token", refresh)],
                source: "the az profile's sign-in")
        case .servicePrincipal(let client):
            guard let tenant = question.tenant else { return nil }
            let owner = MSALCache.Owner(userName: nil, clientID: client, tenant: tenant, cloud: account.cloud)
            if let cache = try cache(), let token = keptToken(cache, owner, question) { return token }
            guard let proof = try servicePrincipalProof(client, tenant: tenant) else { return nil }
            return try await entra(
                question, [("client_id", client)] + proof, source: "the az profile's service principal")
        }
    }

    private func keptToken(_ cache: MSALCache, _ owner: MSALCache.Owner, _ question: TokenQuestion) -> AzureToken? {
        guard question.mayBeKept else { return nil }
        return cache.accessToken(
            for: question.resource, owner: owner, validAfter: time.wall() + question.validFor)
    }

    /// az's cache; nil when it is encrypted, missing, or divided by agent sessions that az alone tells apart.
    private func cache() throws(AzureTokenError) -> MSALCache? {
        guard surroundings.variable("COPILOT_AGENT_SESSION_ID") == nil else { return nil }
        let name = "msal_token_cache.json"
        // MSAL takes a file without a byte for an empty cache (msal_extensions/token_cache.py).
        guard let bytes = try surroundings.read(name), !bytes.isEmpty else { return nil }
        return try surroundings.readJSON(name).map(MSALCache.init)
    }

    /// The secret or assertion of a service principal; nil when it has a certificate, which az signs with.
    private func servicePrincipalProof(
        _ client: String, tenant: String
    ) throws(AzureTokenError) -> [(String, String)]? {
        guard surroundings.variable("COPILOT_AGENT_SESSION_ID") == nil,
            let entries = try surroundings.readJSON("service_principal_entries.json")?.array
        else { return nil }
        let own = entries.filter { $0["client_id"]?.string?.lowercased() == client.lowercased() }
        let entry = own.first { $0["tenant"]?.string?.lowercased() == tenant.lowercased() } ?? own.first
        if let secret = entry?["client_secret"]?.string { return [("client_secret", secret)] }
        if let assertion = entry?["client_assertion"]?.string { return Self.assertionFields(assertion) }
        return nil
    }

    private static func assertionFields(_ assertion: String) -> [(String, String)] {
        [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ]
    }

    /// The file is read each time: its token is replaced every hour.
    private func federatedToken(
        clientID: String, tokenFile: String, _ question: TokenQuestion
    ) async throws(AzureTokenError) -> AzureToken {
        let source = "the workload identity"
        let bytes: [UInt8]
        do {
            bytes = try surroundings.files.read(tokenFile, limit: 1 << 20)
        } catch {
            throw AzureTokenError(.misconfigured, source: source, detail: error.description)
        }
        let assertion = String(decoding: bytes, as: UTF8.self).trimmed
        guard isTokenText(assertion) else {
            throw AzureTokenError(.misconfigured, source: source, detail: "AZURE_FEDERATED_TOKEN_FILE holds no token")
        }
        return try await entra(
            question, [("client_id", clientID)] + Self.assertionFields(assertion), source: source,
            authority: surroundings.variable("AZURE_AUTHORITY_HOST"))
    }

    private func entra(
        _ question: TokenQuestion, _ fields: [(String, String)], source: String, authority: String? = nil
    ) async throws(AzureTokenError) -> AzureToken {
        guard let tenant = question.tenant else {
            throw AzureTokenError(.misconfigured, source: source, detail: "the tenant is not known")
        }
        let cloud = authority.map { account.cloud.with(activeDirectory: $0) } ?? account.cloud
        guard Origin(ofHTTPS: cloud.activeDirectory) != nil else {
            throw AzureTokenError(
                .misconfigured, source: source, detail: "AZURE_AUTHORITY_HOST is not an https URL")
        }
        let grant = fields.contains { $0.0 == "grant_type" } ? [] : [("grant_type", "client_credentials")]
        let request = EntraRequest.make(
            cloud, tenant: tenant, resource: question.resource, claims: question.claims, fields: fields + grant)
        let answer = try await send(request, on: transport, source: source)
        let login = EntraWords.login(tenant: tenant, resource: question.resource)
        return try EntraRequest.token(in: answer, now: time.wall(), source: source, login: login)
    }

    private func metadata(_ request: HTTPRequest) async throws(AzureTokenError) -> AzureToken {
        let source = "the managed identity"
        let answer = try await send(request, on: metadataTransport, source: source)
        return try EntraRequest.token(in: answer, now: time.wall(), source: source)
    }

    /// Asks up to three times: asking for a token changes nothing.
    private func send(
        _ request: HTTPRequest, on transport: any HTTPTransport, source: String
    ) async throws(AzureTokenError) -> HTTPResponse {
        do throws(TransportError) {
            return try await transport.send(request, sleep: time.sleep) { outcome, attempt in
                guard attempt < 3 else { return nil }
                switch outcome {
                case .success(let answer):
                    let isBusy = [408, 410, 429, 500, 502, 503, 504].contains(answer.status)
                    return isBusy ? min(max(answer.retryAfter ?? Double(attempt), 0.5), 30) : nil
                case .failure(let error): return error.kind == .connectionLost ? 0 : nil
                }
            }
        } catch {
            guard error.kind != .cancelled else {
                throw AzureTokenError(.cancelled, source: source, detail: "the request was cancelled")
            }
            throw AzureTokenError(.unreachable, source: source, detail: error.description)
        }
    }
}

extension AzureCloud {
    func with(activeDirectory: String) -> AzureCloud {
        AzureCloud(
            name: name, resourceManager: resourceManager, activeDirectory: activeDirectory,
            resourceManagerAudience: resourceManagerAudience, keyVaultSuffix: keyVaultSuffix)
    }
}
