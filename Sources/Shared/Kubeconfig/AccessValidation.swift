import FoundationEssentials
import HTTP
import JSON

/// The checks of client-go's ConfirmUsable (tools/clientcmd/validation.go) and of its transport, all at once.
extension AccessResolution {
    func clusterProblems(_ cluster: ClusterEntry) -> [KubeconfigProblem] {
        var kinds: [KubeconfigProblem.Kind] = []
        if cluster.server.isEmpty { kinds.append(.noServer(cluster: clusterName)) }
        if !cluster.proxyURL.isEmpty, !isProxyURL(cluster.proxyURL) { kinds.append(.badProxy(cluster: clusterName)) }
        if !cluster.certificateAuthority.isEmpty, !cluster.certificateAuthorityData.isEmpty {
            kinds.append(.conflict("certificate-authority", "certificate-authority-data", entry: clusterName))
        }
        if cluster.insecureSkipTLSVerify,
            !cluster.certificateAuthority.isEmpty || !cluster.certificateAuthorityData.isEmpty
        {
            kinds.append(.conflict("insecure-skip-tls-verify", "a certificate authority", entry: clusterName))
        }
        return kinds.map { KubeconfigProblem($0, file: cluster.file) }
    }

    func userProblems() -> [KubeconfigProblem] {
        var kinds: [KubeconfigProblem.Kind] = []
        let hasToken = !user.token.isEmpty || !user.tokenFile.isEmpty
        let isSignedIn = hasToken || user.hasBasic || user.hasCertificate || user.exec != nil
        if !userName.isEmpty, config.users[userName] == nil, !isSignedIn {
            // client-go would go on as nobody; the server's refusal would then hide the cause.
            kinds.append(.userNotFound(userName, context: contextName))
        }
        if hasToken, user.hasBasic { kinds.append(.conflict("a token", "a user name or password", entry: userName)) }
        kinds += certificateProblems()
        if let provider = user.authProvider {
            if user.exec != nil { kinds.append(.conflict("auth-provider", "exec", entry: userName)) }
            if !isSignedIn { kinds.append(.authProvider(provider, user: userName)) }
        }
        if let exec = user.exec { kinds += execProblems(exec) }
        if user.impersonation.lacksUser { kinds.append(.impersonationWithoutUser) }
        kinds += headerProblems()
        return kinds.map { KubeconfigProblem($0, file: user.file) }
    }

    private func certificateProblems() -> [KubeconfigProblem.Kind] {
        var kinds: [KubeconfigProblem.Kind] = []
        let hasKey = !user.clientKey.isEmpty || !user.clientKeyData.isEmpty
        if !user.clientCertificate.isEmpty, !user.clientCertificateData.isEmpty {
            kinds.append(.conflict("client-certificate", "client-certificate-data", entry: userName))
        }
        if !user.clientKey.isEmpty, !user.clientKeyData.isEmpty {
            kinds.append(.conflict("client-key", "client-key-data", entry: userName))
        }
        if user.hasCertificate, !hasKey { kinds.append(.missingKey(user: userName)) }
        if hasKey, !user.hasCertificate { kinds.append(.missingCertificate(user: userName)) }
        return kinds
    }

    private func execProblems(_ exec: ExecPlugin) -> [KubeconfigProblem.Kind] {
        var kinds: [KubeconfigProblem.Kind] = []
        if exec.command.isEmpty { kinds.append(.incompleteExec(field: "command", user: userName)) }
        if exec.environment.keys.contains("") {
            kinds.append(.incompleteExec(field: "name for one of its variables", user: userName))
        }
        if exec.apiVersion.isEmpty {
            kinds.append(.incompleteExec(field: "apiVersion", user: userName))
        } else if !ExecPlugin.versions.contains(exec.apiVersion) {
            kinds.append(.unsupportedExecVersion(exec.apiVersion, user: userName))
        } else if exec.mode == nil {
            kinds.append(
                exec.interactiveMode.isEmpty
                    ? .incompleteExec(field: "interactiveMode", user: userName)
                    : .unsupportedInteractiveMode(exec.interactiveMode, user: userName))
        }
        return kinds
    }

    private func headerProblems() -> [KubeconfigProblem.Kind] {
        let whom = user.impersonation
        let values =
            [("the token", user.token), ("--as", whom.user), ("--as-uid", whom.uid)]
            + whom.groups.map { ("--as-group", $0) } + whom.extra.values.joined().map { ("--as-user-extra", $0) }
        return values.filter { !$0.1.isSafeHeaderValue }.map { .unsafeHeaderValue(field: $0.0) }
    }

    private func isProxyURL(_ url: String) -> Bool {
        guard let separator = url.firstRange(of: "://") else { return false }
        guard ["http", "https", "socks5"].contains(url[..<separator.lowerBound].lowercased()) else { return false }
        return !url[separator.upperBound...].prefix { $0 != "/" }.isEmpty
            && url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// `spec.cluster` of what a plugin is told (k8s.io/client-go/pkg/apis/clientauthentication/v1 types.go); the
    /// authority always as data, read from its file if need be.
    func clusterInfo(_ cluster: ClusterEntry) throws(KubeconfigError) -> JSONValue {
        var members: [String: JSONValue] = ["server": .string(cluster.server)]
        if !cluster.tlsServerName.isEmpty { members["tls-server-name"] = .string(cluster.tlsServerName) }
        if cluster.insecureSkipTLSVerify { members["insecure-skip-tls-verify"] = .bool(true) }
        if !cluster.proxyURL.isEmpty { members["proxy-url"] = .string(cluster.proxyURL) }
        if cluster.disableCompression { members["disable-compression"] = .bool(true) }
        var authority = cluster.certificateAuthorityData
        if authority.isEmpty, !cluster.certificateAuthority.isEmpty {
            authority = try read(cluster.certificateAuthority)
        }
        if !authority.isEmpty {
            members["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        members["config"] = cluster.execConfig
        return .object(members)
    }
}
