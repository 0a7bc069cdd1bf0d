import Azure
import Text

/// A cloud's endpoints, built in or registered with `az cloud register`.
package struct AzureCloud: Sendable, Hashable {
    /// As az names it, such as `AzureCloud`.
    package let name: String
    /// ARM, such as `https://management.azure.com`.
    package let resourceManager: String
    /// Entra, such as `https://login.microsoftonline.com`; ends in `/adfs` for AD FS.
    package let activeDirectory: String
    /// The audience of ARM's tokens, such as `https://management.core.windows.net/`.
    package let resourceManagerAudience: String
    /// Such as `.vault.azure.net`; nil when a registered cloud does not tell.
    package let keyVaultSuffix: String?

    /// A cloud as its endpoints describe it.
    package init(
        name: String, resourceManager: String, activeDirectory: String, resourceManagerAudience: String,
        keyVaultSuffix: String?
    ) {
        self.name = name
        self.resourceManager = resourceManager
        self.activeDirectory = activeDirectory
        self.resourceManagerAudience = resourceManagerAudience
        self.keyVaultSuffix = keyVaultSuffix
    }

    /// The clouds that az knows without a file.
    package static let builtIn = [
        AzureCloud(
            name: "AzureCloud", resourceManager: "https://management.azure.com",
            activeDirectory: "https://login.microsoftonline.com",
            resourceManagerAudience: "https://management.core.windows.net/", keyVaultSuffix: ".vault.azure.net"),
        AzureCloud(
            name: "AzureUSGovernment", resourceManager: "https://management.usgovcloudapi.net",
            activeDirectory: "https://login.microsoftonline.us",
            resourceManagerAudience: "https://management.core.usgovcloudapi.net/",
            keyVaultSuffix: ".vault.usgovcloudapi.net"),
        AzureCloud(
            name: "AzureChinaCloud", resourceManager: "https://management.chinacloudapi.cn",
            activeDirectory: "https://login.chinacloudapi.cn",
            resourceManagerAudience: "https://management.core.chinacloudapi.cn/", keyVaultSuffix: ".vault.azure.cn"),
    ]

    /// A cloud by name; its section in clouds.config, if it has one, beats what is built in.
    static func named(_ name: String, in clouds: INIDocument?) throws(AzureTokenError) -> AzureCloud {
        let known = builtIn.first { $0.name.lowercased() == name.lowercased() }
        let section = clouds?.sections.first { $0.key.lowercased() == name.lowercased() }?.value ?? [:]
        guard
            let manager = section["endpoint_resource_manager"] ?? known?.resourceManager,
            let directory = section["endpoint_active_directory"] ?? known?.activeDirectory
        else {
            throw AzureTokenError(
                .misconfigured, source: "the az profile",
                detail: "the cloud \(name.onOneLine(limit: 64)) is not registered with its endpoints",
                advice: "see az cloud list")
        }
        for endpoint in [manager, directory] where Origin(ofHTTPS: endpoint) == nil {
            throw AzureTokenError(
                .misconfigured, source: "the az profile",
                detail: "an endpoint of the cloud \(name.onOneLine(limit: 64)) is not an https URL",
                advice: "see az cloud show")
        }
        return AzureCloud(
            name: known?.name ?? name, resourceManager: manager, activeDirectory: directory,
            resourceManagerAudience: section["endpoint_active_directory_resource_id"]
                ?? known?.resourceManagerAudience ?? section["endpoint_management"] ?? manager,
            keyVaultSuffix: section["suffix_keyvault_dns"] ?? known?.keyVaultSuffix)
    }

    /// Whether sign-in is through AD FS, whose paths have no tenant.
    var isADFS: Bool { withoutSlash(activeDirectory).lowercased().hasSuffix("/adfs") }

    /// Where tokens are asked for.
    func tokenURL(tenant: String) -> String {
        let base = withoutSlash(activeDirectory)
        return isADFS ? base + "/oauth2/token" : "\(base)/\(percentEncoded(tenant))/oauth2/v2.0/token"
    }

    /// The names under which MSAL's cache may hold this cloud's tokens.
    var cacheEnvironments: Set<String> {
        guard let origin = Origin(ofHTTPS: activeDirectory) else { return [] }
        let aliases: Set<String> = [
            "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
        ]
        let own: Set<String> = [origin.host, "\(origin.host):\(origin.port)"]
        return aliases.contains(origin.host) ? own.union(aliases) : own
    }
}

func withoutSlash(_ url: String) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    return url
}
