package import HTTP
import Text

/// How requests prove who sends them.
package enum KubeCredential: Sendable, Hashable, CustomStringConvertible {
    case none
    case token(String)
    /// A file that holds the token and is read again each minute; `fallback` counts while it cannot be read.
    case tokenFile(path: String, fallback: String?)
    case basic(username: String, password: String)
    case exec(ExecPlugin)
    /// A token of Entra for the application of the API server, which whoever signs in is asked for.
    case entra(serverID: String)

    /// What kind of credential it is; never its value.
    package var description: String {
        switch self {
        case .none: "no credential"
        case .token: "a token (not shown)"
        case .tokenFile(let path, _): "the token in \(path.printable())"
        case .basic: "a user name and password (not shown)"
        case .exec(let plugin): "the plugin \(plugin.command.printable())"
        case .entra(let server): "a token of Entra for \(server.printable())"
        }
    }
}

/// All that is needed to reach one API server, after files, flags and environment have been weighed.
package struct ClusterAccess: Sendable, CustomStringConvertible {
    /// Scheme in lower case, host, port and path, without a slash at the end.
    package var server: String
    package var trust: ServerTrust
    /// Whether verification is off; a command that changes anything refuses such access.
    package var insecureSkipTLSVerify: Bool
    package var tlsServerName: String?
    /// A client certificate from files; one from a plugin comes with `KubeCredentials.authorization`.
    package var identity: ClientIdentity?
    package var credential: KubeCredential
    package var impersonation: Impersonation
    /// The proxy of the cluster's entry; nil leaves the choice to the environment.
    package var proxyURL: String?
    package var namespace: String
    package var contextName: String
    package var clusterName: String
    package var userName: String
    /// Seconds for one request; nil for no limit.
    package var requestTimeout: Double?
    package var disableCompression: Bool
    /// The kubeconfig files that were read; empty inside a cluster.
    package var sourceFiles: [String]
    /// Whether the access is that of the pod in which the program runs.
    package var isInCluster: Bool

    /// Whether the connection is TLS, without which nobody can tell which cluster answers.
    package var isTLS: Bool { server.hasPrefix("https://") }

    package var impersonationHeaders: HTTPHeaders { impersonation.headers }

    package var description: String { "\(server.printable()) with \(credential)" }

    /// The access that files, flags and environment give, by client-go's rules.
    package static func load(
        _ overrides: KubeconfigOverrides, _ environment: KubeEnvironment
    ) throws(KubeconfigError) -> ClusterAccess {
        let config = try Kubeconfig.load(explicitFile: overrides.kubeconfig, environment)
        return try AccessResolution(config, overrides, environment).access()
    }
}
