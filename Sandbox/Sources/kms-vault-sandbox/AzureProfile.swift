import AzureStandIn
import Foundation

/// The files of az, byte by byte as azure-cli 2.91 writes them, so that nobody needs to log in.
struct AzureProfile {
    static let cloud = "KMSVaultSandbox"
    let world: WorldDescription
    let settings: AzureStandIn.Configuration
    /// Below the sandbox's folder.
    var place = "azure"
    /// The service principal that is signed in.
    let clientID: String
    let secret: String

    func write(to folder: SandboxFolder, azure: StandIn) async throws {
        try folder.write("\(place)/clouds.config", clouds, mode: 0o644)
        try folder.write(
            "\(place)/config",
            "[cloud]\nname = \(Self.cloud)\n\n[core]\ninstance_discovery = false\ncollect_telemetry = false\n\n")
        try folder.write("\(place)/azureProfile.json", "\u{FEFF}" + profile, mode: 0o644)
        try folder.write("\(place)/service_principal_entries.json", servicePrincipals)
        guard let token = await azure.mintForProfile(clientID) else {
            throw SandboxError("The world has no service principal '\(clientID)'.")
        }
        try folder.write("\(place)/msal_token_cache.json", tokenCache(token.text, expires: token.expires))
    }

    private var clouds: String {
        let base = settings.baseURL
        return """
            [\(Self.cloud)]
            endpoint_management = \(base)
            endpoint_resource_manager = \(base)
            endpoint_active_directory = \(base)
            endpoint_active_directory_resource_id = https://management.core.windows.net/
            endpoint_active_directory_graph_resource_id = \(base)/
            endpoint_microsoft_graph_resource_id = \(base)/
            suffix_keyvault_dns = \(settings.vaultSuffix)
            subscription = \(world.subscriptionID)


            """
    }

    private var profile: String {
        """
        {"subscriptions": [{"id": "\(world.subscriptionID)", "name": "\(world.subscriptionName)", "state": "Enabled", \
        "user": {"name": "\(clientID)", "type": "servicePrincipal"}, "isDefault": true, \
        "tenantId": "\(world.tenantID)", "environmentName": "\(Self.cloud)", "homeTenantId": "\(world.tenantID)", \
        "managedByTenants": []}], "installationId": "\(UUID().uuidString.lowercased())"}
        """
    }

    private var servicePrincipals: String {
        """
        [
            {
                "client_id": "\(clientID)",
                "tenant": "\(world.tenantID)",
                "client_secret": "\(secret)"
            }
        ]
        """
    }

    private func tokenCache(_ token: String, expires: Date) -> String {
        let target = "https://management.core.windows.net//.default"
        let end = Int(expires.timeIntervalSince1970)
        let key = "-localhost-accesstoken-\(clientID)-\(world.tenantID)-\(target)".lowercased()
        return """
            {
                "AccessToken": {
                    "\(key)": {
                        "credential_type": "AccessToken",
                        "secret": "\(token)",
                        "home_account_id": null,
                        "environment": "localhost",
                        "client_id": "\(clientID)",
                        "target": "\(target)",
                        "realm": "\(world.tenantID)",
                        "token_type": "Bearer",
                        "cached_at": "\(Int(settings.now().timeIntervalSince1970))",
                        "expires_on": "\(end)",
                        "extended_expires_on": "\(end)"
                    }
                },
                "AppMetadata": {
                    "appmetadata-localhost-\(clientID)": {
                        "client_id": "\(clientID)",
                        "environment": "localhost"
                    }
                }
            }
            """
    }
}
