import ArgumentParser
import Connections
import Kubeconfig
import Usage

/// The flags of `kubectl options` that concern the connection. They come after the plugin's name; help has them behind
/// `kubectl kms-vault options`, as kubectl has its own.
struct KubeconfigOptions: ParsableArguments {
    @Option(.kubeconfig) var kubeconfig: String?
    @Option(.context) var context: String?
    @Option(.cluster) var cluster: String?
    @Option(.user) var user: String?
    @Option(.server) var server: String?
    @Option(.token) var token: String?
    @Option(.asUser) var asUser: String?
    @Option(.asGroup) var asGroup: [String] = []
    @Option(.asUID) var asUID: String?
    @Option(.asUserExtra) var asUserExtra: [String] = []
    @Option(.certificateAuthority) var certificateAuthority: String?
    @Option(.clientCertificate) var clientCertificate: String?
    @Option(.clientKey) var clientKey: String?
    @Flag(.insecureSkipTLSVerify) var insecureSkipTLSVerify = false
    @Option(.tlsServerName) var tlsServerName: String?
    @Option(.username) var username: String?
    @Option(.password) var password: String?
    @Option(.requestTimeout) var requestTimeout: String?
    @Flag(.disableCompression) var disableCompression = false

    /// Whether any of them was given.
    var isGiven: Bool {
        let texts = [
            kubeconfig, context, cluster, user, server, token, asUser, asUID, certificateAuthority, clientCertificate,
            clientKey, tlsServerName, username, password, requestTimeout,
        ]
        return texts.contains { $0 != nil } || !asGroup.isEmpty || !asUserExtra.isEmpty || insecureSkipTLSVerify
            || disableCompression
    }

    func overrides() throws -> KubeconfigOverrides {
        var overrides = KubeconfigOverrides()
        overrides.kubeconfig = kubeconfig
        overrides.context = context
        overrides.cluster = cluster
        overrides.user = user
        overrides.server = server
        overrides.token = token
        overrides.impersonateUser = asUser
        overrides.impersonateGroups = asGroup
        overrides.impersonateUID = asUID
        for pair in asUserExtra {
            guard let split = pair.firstIndex(of: "="), split != pair.startIndex else {
                throw ValidationError("--as-user-extra takes KEY=VALUE")
            }
            overrides.impersonateExtra[String(pair[..<split]), default: []].append(
                String(pair[pair.index(after: split)...]))
        }
        overrides.certificateAuthority = certificateAuthority
        overrides.clientCertificate = clientCertificate
        overrides.clientKey = clientKey
        overrides.insecureSkipTLSVerify = insecureSkipTLSVerify
        overrides.tlsServerName = tlsServerName
        overrides.username = username
        overrides.password = password
        overrides.requestTimeout = requestTimeout
        overrides.disableCompression = disableCompression
        return overrides
    }
}

/// The cluster in Azure.
struct AzureOptions: ParsableArguments {
    @Option(.subscription) var subscription: String?
    @Option(.resourceGroup) var resourceGroup: String?
    @Option(.name) var name: String?
    @Option(.keyVaultResourceID) var keyVaultResourceID: String?
}

/// Which cluster is meant, and how it is reached.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup(visibility: .hidden) var kubeconfig: KubeconfigOptions
    @OptionGroup(title: "Cluster in Azure") var azure: AzureOptions

    /// Which cluster is meant.
    func selection() throws -> SubjectSelection {
        var selection = SubjectSelection(kubeconfig: try kubeconfig.overrides())
        selection.subscription = azure.subscription
        selection.resourceGroup = azure.resourceGroup
        selection.name = azure.name
        selection.vaultID = azure.keyVaultResourceID
        return selection
    }
}
