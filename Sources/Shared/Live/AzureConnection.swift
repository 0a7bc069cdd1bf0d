package import AzureAccount
package import AzureResources
import Curl
import HTTP

/// ARM, seen with the rights of the account that az is signed in with.
package struct AzureConnection: Sendable {
    package let account: AzureAccount
    package let arm: ARMClient

    /// - Parameter subscription: the id or name that was asked for; nil for the active one.
    package init(subscription: String?, runID: String, surroundings: Surroundings) throws(AzureTokenError) {
        let account = try AzureAccount.load(from: surroundings.azureSurroundings, subscription: subscription)
        guard
            let endpoint = ARMEndpoint(
                base: account.cloud.resourceManager, audience: account.cloud.resourceManagerAudience)
        else {
            throw AzureTokenError(
                .misconfigured, source: "the cloud \(account.cloud.name)",
                detail: "its resource manager is no https URL", advice: "see az cloud show")
        }
        let proxy = ProxySelection(environment: surroundings.environment, forHTTPS: true)
        let settings = TransportSettings(
            trust: .system(bundlePath: surroundings.caBundle), proxyURL: proxy.proxyURL, noProxy: proxy.noProxy)
        let agent = "kubectl-kms_vault/v\(productVersion)"
        let transport = Points.around(
            CurlTransport(settings: settings, userAgent: agent, observer: surroundings.observer))
        let metadata = CurlTransport(
            settings: TransportSettings(trust: .system(bundlePath: surroundings.caBundle), connectTimeout: 3),
            userAgent: agent)
        let time = AzureTime.system()
        let tokens = AzureTokens(
            account: account, surroundings: surroundings.azureSurroundings, transport: transport,
            metadataTransport: metadata, cli: .installed(environment: surroundings.environment), time: time)
        self.account = account
        arm = ARMClient(
            transport: transport, tokens: tokens, endpoint: endpoint, tenant: account.tenantID, correlationID: runID,
            time: time)
    }

    /// Key Vault's own endpoint, with the same rights.
    package var vaultDoor: VaultDoor {
        VaultDoor(transport: arm.transport, tokens: arm.tokens, tenant: arm.tenant)
    }

    /// The subscriptions to look into: the named one alone, or the active one first and then all that can be read.
    package func subscriptions(only named: String?) async -> [String] {
        let active = account.subscriptionID.map { [$0] } ?? []
        guard named == nil else { return active }
        let readable = ((try? await arm.subscriptions()) ?? []).map(\.id)
        return active + readable.filter { !active.contains($0) }
    }
}
