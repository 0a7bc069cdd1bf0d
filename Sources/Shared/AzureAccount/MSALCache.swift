import JSON

/// What az keeps in msal_token_cache.json, read and never written.
struct MSALCache: Sendable {
    let document: JSONValue

    /// az's own client id.
    static let azClientID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

    /// Whose tokens are looked for.
    struct Owner: Sendable {
        /// Nil for a service principal.
        let userName: String?
        let clientID: String
        let tenant: String
        let cloud: AzureCloud
    }

    /// An access token for a resource that stays valid until after `notBefore`, seconds since 1970; the last to expire.
    func accessToken(for resource: String, owner: Owner, validAfter: Double) -> AzureToken? {
        let homes = homeAccounts(owner)
        return entries("AccessToken").compactMap { key, entry -> AzureToken? in
            guard isOwned(entry, owner, homes), let secret = entry["secret"]?.string, !secret.isEmpty,
                (entry["token_type"]?.string ?? "Bearer").lowercased() == "bearer",
                realm(owner).contains(entry["realm"]?.string?.lowercased() ?? ""),
                scopes(entry["target"]?.string ?? "", cover: resource),
                key.lowercased() == Self.accessTokenKey(entry),
                let expiry = Self.seconds(entry["expires_on"]), expiry > validAfter
            else { return nil }
            return AzureToken(secret: secret, expiresAt: expiry)
        }.max { $0.expiresAt < $1.expiresAt }
    }

    /// The refresh token of a user.
    func refreshToken(owner: Owner) -> String? {
        let homes = homeAccounts(owner)
        guard owner.userName != nil else { return nil }
        return entries("RefreshToken").first { _, entry in isOwned(entry, owner, homes) }?.value["secret"]?.string
    }

    private func entries(_ kind: String) -> [(key: String, value: JSONValue)] {
        (document[kind]?.object ?? [:]).sorted { $0.key < $1.key }
    }

    /// The home account ids of a user's name; an empty one stands for a service principal.
    private func homeAccounts(_ owner: Owner) -> Set<String> {
        guard let user = owner.userName?.lowercased() else { return [""] }
        return Set(
            entries("Account").compactMap { _, account in
                guard account["username"]?.string?.lowercased() == user,
                    owner.cloud.cacheEnvironments.contains(account["environment"]?.string?.lowercased() ?? "")
                else { return nil }
                return account["home_account_id"]?.string
            })
    }

    private func isOwned(_ entry: JSONValue, _ owner: Owner, _ homes: Set<String>) -> Bool {
        entry["client_id"]?.string?.lowercased() == owner.clientID.lowercased()
            && homes.contains(entry["home_account_id"]?.string ?? "")
            && owner.cloud.cacheEnvironments.contains(entry["environment"]?.string?.lowercased() ?? "")
    }

    private func realm(_ owner: Owner) -> Set<String> {
        owner.cloud.isADFS ? ["adfs", owner.tenant.lowercased()] : [owner.tenant.lowercased()]
    }

    /// Users' tokens list every scope that was granted, so one with the resource in front is enough.
    private func scopes(_ target: String, cover resource: String) -> Bool {
        let prefix = withoutSlash(resource).lowercased() + "/"
        return target.split(separator: " ").contains { $0.lowercased().hasPrefix(prefix) }
    }

    /// MSAL's key without further parts; tokens of partitioned sessions have more, and are not ours to use.
    private static func accessTokenKey(_ entry: JSONValue) -> String {
        ["home_account_id", "environment", "credential_type", "client_id", "realm", "target"]
            .map { entry[$0]?.string ?? "" }.joined(separator: "-").lowercased()
    }

    /// Times are texts of seconds since 1970, in some versions numbers.
    static func seconds(_ value: JSONValue?) -> Double? {
        if let number = value?.integer { return Double(number) }
        return value?.string.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
}
