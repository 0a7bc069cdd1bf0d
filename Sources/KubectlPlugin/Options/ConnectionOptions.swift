import ArgumentParser
import Kubeconfig
import Live

/// The flags of `kubectl options` that concern the connection. They come after the plugin's name.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "Path to the kubeconfig file.", completion: .file()) var kubeconfig: String?
    @Option(help: "The kubeconfig context.") var context: String?
    @Option(help: "The kubeconfig cluster.") var cluster: String?
    @Option(help: "The kubeconfig user.") var user: String?
    @Option(name: .shortAndLong, help: "The address of the API server.") var server: String?
    @Option(help: "A bearer token; it is used instead of every other credential.") var token: String?
    @Option(name: .customLong("as"), help: "User to impersonate.") var asUser: String?
    @Option(name: .customLong("as-group"), help: "Group to impersonate; may be repeated.") var asGroup: [String] = []
    @Option(name: .customLong("as-uid"), help: "UID to impersonate.") var asUID: String?
    @Option(name: .customLong("as-user-extra"), help: "KEY=VALUE to impersonate; may be repeated.")
    var asUserExtra: [String] = []
    @Option(help: "Path to a certificate authority file.", completion: .file()) var certificateAuthority: String?
    @Option(help: "Path to a client certificate file.", completion: .file()) var clientCertificate: String?
    @Option(help: "Path to a client key file.", completion: .file()) var clientKey: String?
    @Flag(name: .customLong("insecure-skip-tls-verify"), help: "Not allowed for commands that change a cluster.")
    var insecureSkipTLSVerify = false
    @Option(name: .customLong("tls-server-name"), help: "Name to verify the API server's certificate with.")
    var tlsServerName: String?
    @Option(help: "Basic authentication: user name.") var username: String?
    @Option(help: "Basic authentication: password.") var password: String?
    @Option(help: "How long to wait for one request of the API server, such as 30s; 0 waits forever.")
    var requestTimeout: String?
    @Flag(help: "Do not ask for compressed answers.") var disableCompression = false

    @Option(help: "The cluster's subscription: id or name.") var subscription: String?
    @Option(name: [.customShort("g"), .long], help: "The cluster's resource group.") var resourceGroup: String?
    @Option(help: "The cluster's name in Azure.") var name: String?
    @Option(
        name: .customLong("key-vault-resource-id"),
        help: "The ARM id of the key's vault, if it is not found with your rights.")
    var keyVaultResourceID: String?

    /// Which cluster is meant.
    func selection(keyID: String? = nil) throws -> SubjectSelection {
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
        var selection = SubjectSelection(kubeconfig: overrides)
        selection.subscription = subscription
        selection.resourceGroup = resourceGroup
        selection.name = name
        selection.keyID = keyID
        selection.vaultID = keyVaultResourceID
        return selection
    }
}
