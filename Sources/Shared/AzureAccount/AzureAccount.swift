import JSON
import Text

/// Who calls Azure: a cloud, perhaps a subscription, and a way to sign in. It holds no secret.
package struct AzureAccount: Sendable, Hashable {
    /// How the account signs in.
    package enum Credential: Sendable, Hashable {
        /// An account of the az profile.
        case profile(ProfileEntry.Credential)
        /// AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE.
        case workloadIdentity(clientID: String, tokenFile: String)
        /// AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.
        case environmentSecret(clientID: String)
        /// The identity of the machine or pod.
        case managedIdentity(ManagedIdentityID)
    }

    /// Where it calls.
    package let cloud: AzureCloud
    /// How it signs in.
    package let credential: Credential
    /// Nil when the credential does not say which; then the caller lists them.
    package let subscriptionID: String?
    /// The display name; nil without a profile.
    package let subscriptionName: String?
    /// Nil for a managed identity without a profile.
    package let tenantID: String?
    /// The subscriptions of the az profile that belong to other tenants, whose tokens this account does not take: name
    /// and id of each.
    package var elsewhere: [String] = []

    /// Reads the account: az's active one or the one that is named; without any, one that the environment describes.
    ///
    /// - Parameter subscription: an id or a name, compared without case; a name must be unique.
    package static func load(
        from surroundings: AzureSurroundings, subscription: String?
    ) throws(AzureTokenError) -> AzureAccount {
        let config = try surroundings.readINI("config")
        let clouds = try surroundings.readINI("clouds.config")
        // Every option of az's configuration can be set as AZURE_<SECTION>_<OPTION>.
        let cloudName = surroundings.variable("AZURE_CLOUD_NAME") ?? config?["cloud", "name"] ?? "AzureCloud"
        let cloud = try AzureCloud.named(cloudName, in: clouds)
        let profile = try surroundings.readJSON("azureProfile.json")
        let entries = (profile?["subscriptions"]?.array ?? []).compactMap(ProfileEntry.init)
            .filter { $0.environmentName.lowercased() == cloud.name.lowercased() }
        guard !entries.isEmpty else {
            return try fromEnvironment(surroundings, cloud: cloud, subscription: subscription)
        }
        let preferred = clouds?.sections.first { $0.key.lowercased() == cloud.name.lowercased() }?.value["subscription"]
        let entry = try select(subscription, among: entries, preferred: preferred)
        let elsewhere = entries.filter {
            !$0.isTenantLevel && $0.tenantID.lowercased() != entry.tenantID.lowercased()
        }
        return AzureAccount(
            cloud: cloud, credential: .profile(entry.credential),
            subscriptionID: entry.isTenantLevel ? nil : entry.subscriptionID,
            subscriptionName: entry.isTenantLevel ? nil : entry.name, tenantID: entry.tenantID,
            elsewhere: elsewhere.map { "\($0.name) (\($0.subscriptionID))" })
    }

    static func select(
        _ wanted: String?, among entries: [ProfileEntry], preferred: String?
    ) throws(AzureTokenError) -> ProfileEntry {
        guard let wanted else {
            if let entry = entries.first(where: \.isDefault) { return entry }
            if let entry = entries.first(where: { $0.subscriptionID.lowercased() == preferred?.lowercased() }) {
                return entry
            }
            throw AzureTokenError(
                .misconfigured, source: "the az profile", detail: "no subscription is active in this cloud",
                advice: "choose one with --subscription or az account set")
        }
        let key = wanted.lowercased()
        if let entry = entries.first(where: { $0.subscriptionID.lowercased() == key }) { return entry }
        let named = entries.filter { $0.name.lowercased() == key }
        guard let entry = named.first, named.count == 1 else {
            throw AzureTokenError(
                .misconfigured, source: "the az profile",
                detail: named.isEmpty
                    ? "it has no subscription \(wanted) in this cloud" : "it has several subscriptions named \(wanted)",
                advice: named.isEmpty ? "see az account list --refresh" : "give the subscription's id")
        }
        return entry
    }

    private static func fromEnvironment(
        _ surroundings: AzureSurroundings, cloud: AzureCloud, subscription: String?
    ) throws(AzureTokenError) -> AzureAccount {
        let client = surroundings.variable("AZURE_CLIENT_ID")
        let tenant = surroundings.variable("AZURE_TENANT_ID")
        let credential: Credential
        if let client, tenant != nil, let file = surroundings.variable("AZURE_FEDERATED_TOKEN_FILE") {
            credential = .workloadIdentity(clientID: client, tokenFile: file)
        } else if let client, tenant != nil, surroundings.variable("AZURE_CLIENT_SECRET") != nil {
            credential = .environmentSecret(clientID: client)
        } else if surroundings.variable("AZURE_CLIENT_CERTIFICATE_PATH") != nil {
            throw AzureTokenError(
                .misconfigured, source: "the environment",
                detail: "AZURE_CLIENT_CERTIFICATE_PATH is set, and certificates are used through az only",
                advice: "run az login --service-principal with --certificate")
        } else {
            credential = .managedIdentity(client.map(ManagedIdentityID.client) ?? .systemAssigned)
        }
        let id = subscription ?? surroundings.variable("AZURE_SUBSCRIPTION_ID")
        if let id, !isGUID(id) {
            throw AzureTokenError(
                .misconfigured, source: "the environment",
                detail: "without an az profile a subscription is given by its id",
                advice: "give the subscription's id, or run az login")
        }
        return AzureAccount(
            cloud: cloud, credential: credential, subscriptionID: id, subscriptionName: nil, tenantID: tenant)
    }
}
