/// The flags of `kubectl options` that concern a connection; nil and empty mean "not given", as in client-go.
package struct KubeconfigOverrides: Sendable {
    package var kubeconfig: String?
    package var context: String?
    package var cluster: String?
    package var user: String?
    package var namespace: String?
    package var server: String?
    package var tlsServerName: String?
    package var certificateAuthority: String?
    package var insecureSkipTLSVerify = false
    package var disableCompression = false
    package var token: String?
    package var username: String?
    package var password: String?
    package var clientCertificate: String?
    package var clientKey: String?
    /// `--as`
    package var impersonateUser: String?
    package var impersonateUID: String?
    package var impersonateGroups: [String] = []
    /// `--as-user-extra KEY=VALUE`, the values of a key in order.
    package var impersonateExtra: [String: [String]] = [:]
    /// `--request-timeout` as typed.
    package var requestTimeout: String?

    package init() {}
}

extension String? {
    /// Nil for an empty string: flags without a value do not override.
    var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}
