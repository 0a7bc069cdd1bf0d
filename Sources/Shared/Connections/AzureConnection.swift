package import AzureAccount
package import AzureResources
import HTTP

/// ARM, seen with the rights of the account that az is signed in with.
package struct AzureConnection: Sendable {
    /// The subscription that was asked for, or the active one; nil where there is none.
    package let subscriptionID: String?
    /// Subscriptions of other tenants in the az profile, which no search looks into: name and id of each.
    package let elsewhere: [String]
    package let arm: ARMClient

    private static let agent = "kubectl-kms_vault/v\(productVersion)"

    /// A connection with the account of the az profile, or of the environment where there is no profile.
    ///
    /// - Parameter subscription: the id or name that was asked for; nil for the active one.
    package init(subscription: String?, runID: String, surroundings: Surroundings) throws(AzureTokenError) {
        let account = try AzureAccount.load(from: surroundings.azureSurroundings, subscription: subscription)
        let transport = Self.transport(surroundings)
        let metadata = surroundings.transports.open(
            TransportSettings(trust: .system(bundlePath: surroundings.caBundle), connectTimeout: 3),
            userAgent: Self.agent, observer: nil)
        let tokens = AzureTokens(
            account: account, surroundings: surroundings.azureSurroundings, transport: transport,
            metadataTransport: metadata, cli: .installed(environment: surroundings.environment),
            time: surroundings.time)
        try self.init(
            account.cloud, subscriptionID: account.subscriptionID, tenantID: account.tenantID, tokens: tokens,
            transport: transport, runID: runID, time: surroundings.time, elsewhere: account.elsewhere)
    }

    /// A connection whose tokens come from elsewhere: nothing of the az profile is read.
    package init(
        _ cloud: AzureCloud, subscriptionID: String, tenantID: String, tokens: any AzureTokenSource, runID: String,
        surroundings: Surroundings
    ) throws(AzureTokenError) {
        try self.init(
            cloud, subscriptionID: subscriptionID, tenantID: tenantID, tokens: tokens,
            transport: Self.transport(surroundings), runID: runID, time: surroundings.time)
    }

    private init(
        _ cloud: AzureCloud, subscriptionID: String?, tenantID: String?, tokens: any AzureTokenSource,
        transport: any HTTPTransport, runID: String, time: Clocks,
        elsewhere: [String] = []
    ) throws(AzureTokenError) {
        guard let endpoint = ARMEndpoint(base: cloud.resourceManager, audience: cloud.resourceManagerAudience) else {
            throw AzureTokenError(
                .misconfigured, source: "the cloud \(cloud.name)", detail: "its resource manager is no https URL",
                advice: "see az cloud show")
        }
        self.subscriptionID = subscriptionID
        self.elsewhere = elsewhere
        arm = ARMClient(
            transport: transport, tokens: tokens, endpoint: endpoint, tenant: tenantID, correlationID: runID,
            time: time)
    }

    private init(
        subscriptionID: String?, elsewhere: [String], arm: ARMClient
    ) {
        self.subscriptionID = subscriptionID
        self.elsewhere = elsewhere
        self.arm = arm
    }

    /// The same rights and tokens for one of many runs at a time, which together stay within Azure's limits.
    ///
    /// - Parameter subscription: the run's own; it must be one of the same account.
    package func shared(subscription: String, runID: String, pace: ARMPace) -> AzureConnection {
        let paced = PacedTransport(arm.transport, pace: pace, time: arm.time)
        return AzureConnection(
            subscriptionID: subscription, elsewhere: elsewhere, arm: arm.with(correlationID: runID, transport: paced))
    }

    private static func transport(_ surroundings: Surroundings) -> any HTTPTransport {
        let proxy = ProxySelection(environment: surroundings.environment, forHTTPS: true, as: .az)
        let settings = TransportSettings(
            trust: .system(bundlePath: surroundings.caBundle), proxyURL: proxy.proxyURL, noProxy: proxy.noProxy)
        return surroundings.transports.open(settings, userAgent: agent, observer: surroundings.observer)
    }

    /// Key Vault's own endpoint, with the same rights.
    package var vaultDoor: VaultDoor {
        VaultDoor(transport: arm.transport, tokens: arm.tokens, tenant: arm.tenant)
    }

    /// The same, to make versions of keys.
    package var keyVersions: KeyVersions {
        KeyVersions(transport: arm.transport, tokens: arm.tokens, tenant: arm.tenant)
    }

    /// The subscriptions to look into: the named one alone, or the active one first and then all that can be read.
    package func subscriptions(only named: String?) async -> [String] {
        let active = subscriptionID.map { [$0] } ?? []
        guard named == nil else { return active }
        return listed((try? await arm.subscriptions()) ?? [])
    }

    private func listed(_ readable: [Subscription]) -> [String] {
        let active = subscriptionID.map { [$0] } ?? []
        return active + readable.map(\.id).filter { !active.contains($0) }
    }

    /// Looks for clusters in the named subscription alone, or in the active one and all that can be read.
    ///
    /// - Throws: why nothing could be read: the credential's error, or that of the first subscription.
    package func clusters(only named: String?) async throws(ARMError) -> ClusterSearch {
        var subscriptions = subscriptionID.map { [$0] } ?? []
        var unlisted: ARMError?
        if named == nil {
            do throws(ARMError) {
                subscriptions = listed(try await arm.subscriptions())
            } catch {
                if case .noToken = error.kind { throw error }
                unlisted = error
            }
        }
        let result = await ManagedClusters(arm: arm).all(in: subscriptions)
        if result.unreadable.count == subscriptions.count, let error = result.unreadable.first?.error ?? unlisted {
            throw error
        }
        return ClusterSearch(
            found: result.found, searched: subscriptions.count - result.unreadable.count,
            unreadable: result.unreadable.map { "\($0.id): \($0.error)" }
                + (unlisted.map { ["the list of subscriptions: \($0)"] } ?? []),
            elsewhere: named == nil ? elsewhere : [])
    }
}
