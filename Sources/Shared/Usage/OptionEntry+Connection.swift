/// Which cluster is meant, how it is reached, and how results are shown.
extension OptionEntry {
    package static let kubeconfig = OptionEntry(
        "kubeconfig", .file, "Path to the kubeconfig file.",
        az: AzForm(
            name: "file", spellings: ["--file", "-f"],
            help: "Kubeconfig to use instead of the credentials that Azure gives out. KUBECONFIG in the environment "
                + "does the same."))
    package static let context = OptionEntry(
        "context", .text, "The kubeconfig context.", az: AzForm(help: "Context of the kubeconfig."))
    package static let cluster = OptionEntry("cluster", .text, "The kubeconfig cluster.")
    package static let user = OptionEntry("user", .text, "The kubeconfig user.")
    package static let server = OptionEntry("server", short: "s", .text, "The address of the API server.")
    package static let token = OptionEntry(
        "token", .text, "A bearer token; it is used instead of every other credential.")
    package static let asUser = OptionEntry("as", .text, "User to impersonate.")
    package static let asGroup = OptionEntry(
        "as-group", .text, repeats: true, "Group to impersonate; may be repeated.")
    package static let asUID = OptionEntry("as-uid", .text, "UID to impersonate.")
    package static let asUserExtra = OptionEntry(
        "as-user-extra", .text, repeats: true, "KEY=VALUE to impersonate; may be repeated.")
    package static let certificateAuthority = OptionEntry(
        "certificate-authority", .file, "Path to a certificate authority file.")
    package static let clientCertificate = OptionEntry(
        "client-certificate", .file, "Path to a client certificate file.")
    package static let clientKey = OptionEntry("client-key", .file, "Path to a client key file.")
    package static let insecureSkipTLSVerify = OptionEntry(
        "insecure-skip-tls-verify", .flag, "Not allowed for commands that change a cluster.")
    package static let tlsServerName = OptionEntry(
        "tls-server-name", .text, "Name to verify the API server's certificate with.")
    package static let username = OptionEntry("username", .text, "Basic authentication: user name.")
    package static let password = OptionEntry("password", .text, "Basic authentication: password.")
    package static let requestTimeout = OptionEntry(
        "request-timeout", .text, "How long to wait for one request of the API server, such as 30s; 0 waits forever.")
    package static let disableCompression = OptionEntry(
        "disable-compression", .flag, "Do not ask for compressed answers.")
    /// What az has beside a kubeconfig.
    package static let admin = OptionEntry(
        az: "admin", .flag, "Use the administrator's credentials that Azure gives out, which Entra does not limit.")

    package static let subscription = OptionEntry(
        "subscription", .text, "The cluster's subscription: id or name.")
    package static let resourceGroup = OptionEntry(
        "resource-group", short: "g", .text, "The cluster's resource group.")
    package static let name = OptionEntry(
        "name", .text, "The cluster's name in Azure.",
        az: AzForm(spellings: ["--name", "-n"], help: "Name of the managed cluster."))
    package static let keyVaultResourceID = OptionEntry(
        "key-vault-resource-id", .text, "The ARM id of the key's vault, if it is not found with your rights.",
        az: .same)
    package static let listedSubscription = OptionEntry(
        "subscription", .text, "Only this subscription: id or name.")
    package static let allSubscriptions = OptionEntry(
        az: "all-subscriptions", .flag, spellings: ["--all-subscriptions"],
        "Look into every subscription that can be read, not only the current one.")

    package static let watch = OptionEntry(
        "watch", short: "w", .flag, "Show it again every ten seconds until interrupted.")
    package static let output = OptionEntry(
        "output", short: "o", .choice(["table", "json", "yaml", "jsonl", "html"]), default: "table", "Output format.")
    package static let verbosity = OptionEntry(
        "v", short: "v", .integer, "Verbosity, as kubectl's: 6 shows requests.")
    package static let quiet = OptionEntry("quiet", short: "q", .flag, "No progress, only warnings.")

    package static let rightsOf = OptionEntry(
        "for", .choice(["status", "preflight", "switch", "rotate", "migrate", "rewrite-secrets", "verify"]),
        default: "switch",
        "status, preflight, switch (also resume and make-safe), rotate, migrate, rewrite-secrets or verify.")
    package static let neededOnly = OptionEntry(
        "needed-only", .flag, "Leave out what only lets a command know more.")
    package static let roleUser = OptionEntry(
        "user", .text, repeats: true, "Bind the roles to this user; may be repeated.")
    package static let roleGroup = OptionEntry(
        "group", .text, repeats: true, "Bind the roles to this group; may be repeated.")
    package static let roleServiceAccount = OptionEntry(
        "service-account", .text, repeats: true,
        "Bind the roles to this service account, NAMESPACE/NAME; may be repeated.")
    package static let azureRole = OptionEntry(
        "azure", .flag, "Print a custom role of Azure instead, as JSON; needs --subscription.")
    package static let roleSubscription = OptionEntry(
        "subscription", .text, repeats: true,
        "Id of a subscription in which the role can be assigned; may be repeated.")
    package static let roleResourceGroup = OptionEntry(
        "resource-group", short: "g", .text, repeats: true,
        "A resource group: the role can be assigned in these only; may be repeated.")
    package static let linkFolder = OptionEntry(
        "dir", .folder, "The folder for the link; default: where kubectl finds the plugin.")

    /// The plugin's groups of these.
    package static let toKubernetes: [OptionEntry] = [
        kubeconfig, context, cluster, user, server, token, asUser, asGroup, asUID, asUserExtra, certificateAuthority,
        clientCertificate, clientKey, insecureSkipTLSVerify, tlsServerName, username, password, requestTimeout,
        disableCompression,
    ]
    static let connection = toKubernetes + [subscription, resourceGroup, name, keyVaultResourceID]
    static let shown: [OptionEntry] = [output, verbosity, quiet]
}
