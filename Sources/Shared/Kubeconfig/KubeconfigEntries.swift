package import JSON

/// The merged content of all kubeconfig files.
package struct Kubeconfig: Sendable {
    package var clusters: [String: ClusterEntry] = [:]
    package var users: [String: UserEntry] = [:]
    package var contexts: [String: ContextEntry] = [:]
    package var currentContext = ""
    /// The files that were read, in order of precedence.
    package var files: [String] = []
    /// The files that were looked for and do not exist.
    package var missingFiles: [String] = []

    package init() {}
}

/// A cluster as one file defines it; paths are absolute.
package struct ClusterEntry: Sendable {
    package var server = ""
    package var tlsServerName = ""
    package var insecureSkipTLSVerify = false
    package var certificateAuthority = ""
    package var certificateAuthorityData: [UInt8] = []
    package var proxyURL = ""
    package var disableCompression = false
    /// The extension `client.authentication.k8s.io/exec`, which a plugin gets as `spec.cluster.config`.
    package var execConfig: JSONValue?
    package var file: String?
}

/// A user as one file defines it; paths are absolute.
package struct UserEntry: Sendable, CustomStringConvertible {
    package var clientCertificate = ""
    package var clientCertificateData: [UInt8] = []
    package var clientKey = ""
    package var clientKeyData: [UInt8] = []
    package var token = ""
    package var tokenFile = ""
    package var username = ""
    package var password = ""
    package var impersonation = Impersonation()
    package var authProvider: String?
    package var exec: ExecPlugin?
    package var file: String?

    package var description: String { "a user entry (its values are not shown)" }
}

package struct ContextEntry: Sendable {
    package var cluster = ""
    package var user = ""
    package var namespace = ""
    package var file: String?
}

/// A program that prints credentials (`users[].user.exec`).
package struct ExecPlugin: Sendable, Hashable, CustomStringConvertible {
    package enum InteractiveMode: String, Sendable, Hashable {
        case never = "Never"
        case ifAvailable = "IfAvailable"
        case always = "Always"
    }

    /// An absolute path, or a name to look for in PATH.
    package var command = ""
    package var arguments: [String] = []
    package var environment: [String: String] = [:]
    package var apiVersion = ""
    package var installHint = ""
    package var provideClusterInfo = false
    /// As written; empty when absent.
    package var interactiveMode = ""
    /// What the plugin is told of the cluster when it asks (`provideClusterInfo`).
    package var clusterInfo: JSONValue?
    package var user = ""

    static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// The mode that counts; version v1beta1 has a default, v1 has none. Nil when missing or unknown.
    var mode: InteractiveMode? {
        interactiveMode.isEmpty && apiVersion == Self.versions[1]
            ? .ifAvailable : InteractiveMode(rawValue: interactiveMode)
    }

    package var description: String { "the plugin \(command) (its arguments and environment are not shown)" }
}
