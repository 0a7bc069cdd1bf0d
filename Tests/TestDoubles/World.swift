package import Azure
package import AzureAccount
import AzureResources
package import HTTP
import JSON
import KubeAPI
package import Preflight
package import PreflightReading
package import SecretRewrite

package let subscription = "00000000-0000-4000-8000-000000000001"
package let tenant = "00000000-0000-4000-8000-0000000000ff"
package let principal = "00000000-0000-4000-8000-0000000000aa"
package let cryptoUser = "12338af0-0e69-4776-bea7-57ae8d297424"
package let contributor = "f25e0fa2-a7c8-4377-a976-54943a77a395"
package let clusterID =
    "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
package let nodeGroup = "MC_g_c_westeurope"
package let vaultID = "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"
package let identityID =
    "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
package let keyVersion = "0123456789abcdef0123456789abcdef"
package let keyScope = "\(vaultID)/keys/kms"
package let keyID = "https://kv1.vault.azure.net/keys/kms/\(keyVersion)"
/// 2026-11-24T00:00:00Z.
package let now: Int64 = 1_795_478_400
package let access = "/providers/Microsoft.Authorization"
package let restrictionsPath =
    "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"

/// ARM and an API server in which a switch to Private may begin.
package struct World: Sendable {
    package let arm = RoutedTransport()
    package let kube = RoutedTransport()
    package var target = NetworkMode.privateAccess
    package var strategy = PreflightFacts.Strategy()
    /// The key that the cluster is to have.
    package var wantedKeyID = "https://kv1.vault.azure.net/keys/kms/\(keyVersion)"
    /// The tenant whose tokens are sent.
    package var tokenTenant: String?
    package var circumstances = PreflightCircumstances(
        isTheARMCluster: .known(true), skipsTLSVerification: .known(false),
        credential: .known(.init(renewable: true, expires: nil)), lock: .known(nil), journalWritable: .known(true))

    package init() {
        routeCluster()
        routeVault()
        routeRights()
        routeKubernetes()
    }

    package func clusterText(_ change: (inout String) -> Void = { _ in }) -> String {
        var text = """
            {"id":"\(clusterID)","name":"c","location":"westeurope","type":"Microsoft.ContainerService/ManagedClusters",
             "identity":{"type":"UserAssigned","userAssignedIdentities":{"\(identityID)":{"clientId":"x","principalId":"\(principal)"}}},
             "properties":{"provisioningState":"Succeeded","powerState":{"code":"Running"},"kubernetesVersion":"1.33",
              "currentKubernetesVersion":"1.33.3","nodeResourceGroup":"\(nodeGroup)","agentPoolProfiles":[{"name":"np1","count":3,"enableAutoScaling":true,
              "provisioningState":"Succeeded"}],"apiServerAccessProfile":{"enableVnetIntegration":true,"subnetId":""},
              "securityProfile":{"azureKeyVaultKms":{"enabled":true,"keyId":"\(keyID)","keyVaultNetworkAccess":"Public"}}}}
            """
        change(&text)
        return text
    }

    package func vaultText(_ change: (inout String) -> Void = { _ in }) -> String {
        var text = """
            {"id":"\(vaultID)","name":"kv1","location":"westeurope","properties":{"tenantId":"\(tenant)",
             "enableSoftDelete":true,"enablePurgeProtection":true,"enableRbacAuthorization":true,"accessPolicies":[],
             "vaultUri":"https://kv1.vault.azure.net/","provisioningState":"Succeeded","publicNetworkAccess":"Enabled"}}
            """
        change(&text)
        return text
    }

    private func routeCluster() {
        let subscriptions = "/subscriptions/\(subscription)"
        arm.route("GET \(clusterID)", clusterText())
        arm.route(
            "GET \(subscriptions)", headers: ["Date": "Tue, 24 Nov 2026 00:00:02 GMT"],
            #"{"subscriptionId":"\#(subscription)","tenantId":"\#(tenant)"}"#)
        arm.route(
            "GET /subscriptions",
            #"{"value":[{"subscriptionId":"\#(subscription)","tenantId":"\#(tenant)","state":"Enabled"}]}"#)
        arm.route(
            "GET \(clusterID)/operations/latest", 404, #"{"error":{"code":"NotFound","message":"no operation"}}"#)
        arm.route("GET \(clusterID)/maintenanceConfigurations", #"{"value":[]}"#)
        arm.route(
            "GET \(subscriptions)/providers/Microsoft.ContainerService/managedClusters",
            #"{"value":[\#(clusterText())]}"#)
        arm.route("GET \(subscriptions)/providers/Microsoft.Compute/diskEncryptionSets", #"{"value":[]}"#)
    }

    private func routeVault() {
        arm.route("GET \(vaultID)", vaultText())
        arm.route(
            "GET \(vaultID)/keys/kms/versions/\(keyVersion)",
            """
            {"properties":{"attributes":{"enabled":true},"kty":"RSA","keyOps":["encrypt","decrypt"],
             "keyUriWithVersion":"\(keyID)"}}
            """)
        arm.route("POST \(restrictionsPath)", #"{"fieldRestrictions":[]}"#)
    }

    private func routeRights() {
        for scope in [clusterID, vaultID, identityID] {
            arm.route("GET \(scope)\(access)/permissions", #"{"value":[{"actions":["*"],"notActions":[]}]}"#)
        }
        for scope in [clusterID, vaultID] {
            arm.route("GET \(scope)\(access)/locks", #"{"value":[]}"#)
            arm.route("GET \(scope)\(access)/roleAssignmentScheduleInstances", #"{"value":[]}"#)
        }
        arm.route(
            "GET \(keyScope)\(access)/roleAssignments",
            #"{"value":[\#(assignment(cryptoUser)),\#(assignment(contributor))]}"#)
        arm.route("GET \(vaultID)\(access)/denyAssignments", #"{"value":[]}"#)
        let definitions = "\(vaultID)\(access)/roleDefinitions"
        arm.route(
            "GET \(definitions)/\(cryptoUser)",
            """
            {"properties":{"roleName":"Key Vault Crypto User","permissions":[{"actions":[],
             "dataActions":["Microsoft.KeyVault/vaults/keys/encrypt/action","Microsoft.KeyVault/vaults/keys/decrypt/action"]}]}}
            """)
        arm.route(
            "GET \(definitions)/\(contributor)",
            #"{"properties":{"roleName":"Key Vault Contributor","permissions":[{"actions":["Microsoft.KeyVault/*"]}]}}"#
        )
    }

    package func assignment(_ role: String, at scope: String = vaultID, condition: String = "null") -> String {
        """
        {"properties":{"scope":"\(scope)","principalId":"\(principal)","condition":\(condition),
         "createdOn":"2026-01-05T10:00:00.0000000Z",
         "roleDefinitionId":"/subscriptions/\(subscription)\(access)/roleDefinitions/\(role)"}}
        """
    }

    /// - Parameter clock: the time by which readings grow old; one that is fast unless given.
    package func reader(clock: (any PassClock)? = nil) throws -> PreflightReader {
        let endpoint = try endpoint()
        let time = Clocks(
            wall: { Double(now) }, monotonic: { 0 }, sleep: { _ throws(CancellationError) in })
        let client = ARMClient(
            transport: arm, tokens: FixedTokens(), endpoint: endpoint, tenant: tokenTenant, correlationID: "run",
            retry: ARMRetry(), time: time)
        let cluster = KubeClient(
            server: "https://api", transport: kube, authorization: NoAuthorization(), sleep: { _ in })
        return PreflightReader(arm: client, kube: .known(cluster), clock: clock ?? QuickClock())
    }

    private func endpoint() throws -> ARMEndpoint {
        guard let endpoint = ARMEndpoint(base: "https://management.azure.com", audience: "a") else {
            throw JSONError("no endpoint")
        }
        return endpoint
    }

    package func question() throws -> PreflightReader.Question {
        let subject = PreflightSubject(
            cluster: try AzureResourceID(parsing: clusterID), vault: try AzureResourceID(parsing: vaultID),
            keyID: wantedKeyID,
            kubeconfigCluster: "c")
        return PreflightReader.Question(
            target: target, strategy: strategy, subject: subject, circumstances: circumstances, now: now)
    }

    package func full() async throws -> PreflightFacts { try await reader().full(try question()) }
}

/// The same token for everybody.
package struct FixedTokens: AzureTokenSource {
    package init() {}

    package func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken { AzureToken(secret: "token", expiresAt: 4_000_000_000) }
}

/// For an API server that asks nobody who they are.
package struct NoAuthorization: RequestAuthorization {
    package init() {}

    package func headers() async throws -> HTTPHeaders { [:] }
    package func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? { nil }
}

/// A clock whose seconds pass in a twentieth of their time: a dry run waits between its tries.
private struct QuickClock: PassClock {
    private static let pace = 20.0
    private let start = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) * Self.pace }

    func sleep(until seconds: Double) async {
        try? await Task.sleep(until: start + .seconds(seconds / Self.pace), clock: .continuous)
    }
}

/// A connection to a private endpoint of a resource group.
package func connectionText(_ name: String, _ group: String, _ status: String) -> String {
    let endpoint =
        "/subscriptions/\(subscription)/resourceGroups/\(group)/providers/Microsoft.Network/privateEndpoints/p"
    return """
        {"id":"\(vaultID)/privateEndpointConnections/\(name)",
         "properties":{"privateEndpoint":{"id":"\(endpoint)"},
         "privateLinkServiceConnectionState":{"status":"\(status)"}}}
        """
}
