package import HTTP

/// Gives tokens for one account, and keeps them in memory only.
///
/// One is asked for at a time: az and Entra are spared the same question from every task.
package actor AzureTokens: AzureTokenSource {
    /// Gets a token from where they come from.
    package typealias Ask = @Sendable (TokenQuestion) async throws(AzureTokenError) -> AzureToken

    private let tenantID: String?
    private let ask: Ask
    private let time: Clocks
    private var kept: [Key: Kept] = [:]
    private var asking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var serial = 0

    private struct Key: Hashable {
        let resource: String
        let tenant: String?
    }

    private struct Kept {
        let token: AzureToken
        let serial: Int
    }

    /// A token is renewed this many seconds before its end, so that it lasts for the longest request.
    package static let leeway: Double = 300

    /// Tokens that `ask` gets; it is called for one at a time.
    ///
    /// - Parameter tenantID: the tenant of tokens for which the caller names none.
    package init(tenantID: String?, time: Clocks, ask: @escaping Ask) {
        self.tenantID = tenantID
        self.time = time
        self.ask = ask
    }

    /// - Parameters:
    ///   - transport: for Entra.
    ///   - metadataTransport: for the metadata services of machines and pods, which no proxy may come between.
    package init(
        account: AzureAccount, surroundings: AzureSurroundings, transport: any HTTPTransport,
        metadataTransport: any HTTPTransport, cli: AzureCLI, time: Clocks
    ) {
        let sources = TokenSources(
            account: account, surroundings: surroundings, transport: transport, metadataTransport: metadataTransport,
            cli: cli, time: time)
        self.init(tenantID: account.tenantID, time: time) { question throws(AzureTokenError) in
            try await sources.token(question)
        }
    }

    package func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken {
        let key = Key(resource: resource, tenant: (tenant ?? tenantID)?.lowercased())
        if !forceRefresh, claims == nil, let token = valid(key) { return token }
        let before = kept[key]?.serial
        await begin()
        defer { end() }
        // Somebody else may have asked while this call waited.
        if let now = kept[key], claims == nil, !forceRefresh || now.serial != before, let token = valid(key) {
            return token
        }
        let refused = forceRefresh || claims != nil ? kept[key]?.token.secret : nil
        let token: AzureToken
        do {
            token = try await ask(
                TokenQuestion(
                    resource: resource, tenant: tenant ?? tenantID, claims: claims,
                    mayBeKept: !forceRefresh && claims == nil, refused: refused, validFor: Self.leeway))
        } catch {
            // One that still lasts for a request is better than none.
            if refused == nil, claims == nil, !forceRefresh, let last = kept[key]?.token,
                last.expiresAt > time.wall() + 30
            {
                return last
            }
            throw error
        }
        serial += 1
        kept[key] = Kept(token: token, serial: serial)
        return token
    }

    private func valid(_ key: Key) -> AzureToken? {
        guard let token = kept[key]?.token, token.expiresAt > time.wall() + Self.leeway else { return nil }
        return token
    }

    /// How many calls wait for their turn.
    var waitingCalls: Int { waiting.count }

    private func begin() async {
        guard asking else {
            asking = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty {
            asking = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
