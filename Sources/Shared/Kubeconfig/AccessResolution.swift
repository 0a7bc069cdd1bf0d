import Files
import HTTP
import JSON

/// Chooses context, cluster and user, lays the flags over them, and checks the outcome
/// (client-go tools/clientcmd/client_config.go, DirectClientConfig).
struct AccessResolution {
    let config: Kubeconfig
    let overrides: KubeconfigOverrides
    let environment: KubeEnvironment
    let contextName: String
    let context: ContextEntry
    let clusterName: String
    let userName: String
    let cluster: ClusterEntry
    let user: UserEntry

    init(
        _ config: Kubeconfig, _ overrides: KubeconfigOverrides, _ environment: KubeEnvironment
    ) throws(KubeconfigError) {
        self.config = config
        self.overrides = overrides
        self.environment = environment
        contextName = overrides.context.nonEmpty ?? config.currentContext
        if !contextName.isEmpty, config.contexts[contextName] == nil {
            throw KubeconfigError(.contextNotFound(contextName))
        }
        context = config.contexts[contextName] ?? ContextEntry()
        clusterName = overrides.cluster.nonEmpty ?? context.cluster
        userName = overrides.user.nonEmpty ?? context.user
        if let name = overrides.cluster.nonEmpty, config.clusters[name] == nil {
            throw KubeconfigError(.clusterNotFound(name, context: ""))
        }
        if let name = overrides.user.nonEmpty, config.users[name] == nil {
            throw KubeconfigError(.userNotFound(name, context: ""))
        }
        cluster = (config.clusters[clusterName] ?? ClusterEntry()).applying(overrides)
        user = (config.users[userName] ?? UserEntry()).applying(overrides)
    }

    func access() throws(KubeconfigError) -> ClusterAccess {
        var cluster = cluster
        if cluster.server.isEmpty, config.clusters[clusterName] == nil {
            // Like client-go: first a named cluster that is missing, then the pod's own, then the legacy variable.
            guard clusterName.isEmpty else {
                throw KubeconfigError(.clusterNotFound(clusterName, context: contextName), file: context.file)
            }
            if let access = try inClusterAccess() { return access }
            cluster.server = environment.variable("KUBERNETES_MASTER") ?? ""
            guard !cluster.server.isEmpty || config.contexts.isEmpty else {
                throw KubeconfigError(.noContext(known: config.contexts.keys.sorted()))
            }
            guard !cluster.server.isEmpty else {
                throw KubeconfigError(.noConfiguration(searched: config.files + config.missingFiles))
            }
        }
        let problems = clusterProblems(cluster) + userProblems()
        guard problems.isEmpty else { throw KubeconfigError(problems) }
        let server = try self.server(of: cluster)
        let isTLS = server.hasPrefix("https:")
        return ClusterAccess(
            server: server,
            trust: isTLS ? try trust(of: cluster) : .system(bundlePath: nil),
            insecureSkipTLSVerify: isTLS && cluster.insecureSkipTLSVerify,
            tlsServerName: isTLS && !cluster.tlsServerName.isEmpty ? cluster.tlsServerName : nil,
            // Over plain HTTP nothing secret is sent, as in client-go.
            identity: isTLS ? try identity() : nil,
            credential: isTLS ? credential(for: cluster) : .none,
            impersonation: user.impersonation,
            proxyURL: cluster.proxyURL.isEmpty ? nil : cluster.proxyURL,
            namespace: overrides.namespace.nonEmpty ?? (context.namespace.isEmpty ? "default" : context.namespace),
            contextName: contextName, clusterName: clusterName, userName: userName,
            requestTimeout: try requestTimeout(), disableCompression: cluster.disableCompression,
            sourceFiles: config.files, isInCluster: false)
    }

    func requestTimeout() throws(KubeconfigError) -> Double? {
        guard let text = overrides.requestTimeout.nonEmpty else { return nil }
        guard let seconds = parseTimeout(text) else { throw KubeconfigError(.badTimeout) }
        return seconds > 0 ? seconds : nil
    }

    /// The URL to which paths are added: with a scheme, without query, fragment and a slash at the end.
    private func server(of cluster: ClusterEntry) throws(KubeconfigError) -> String {
        var text = cluster.server
        if !text.contains("://") {
            // As kubectl: what the entry says of TLS comes too late to count (clientcmd/client_config.go).
            text = "http://" + text
        }
        if let end = text.firstIndex(where: { $0 == "?" || $0 == "#" }) { text = String(text[..<end]) }
        while text.hasSuffix("/") { text.removeLast() }
        // Schemes compare without case (RFC 3986 §3.1); from here on there is one way to write each.
        if let end = text.firstRange(of: "://")?.lowerBound { text = text[..<end].lowercased() + text[end...] }
        if let reason = serverFault(text) {
            throw KubeconfigError(.badServer(cluster: clusterName, reason: reason), file: cluster.file)
        }
        return text
    }

    private func serverFault(_ url: String) -> String? {
        guard let separator = url.firstRange(of: "://") else { return "is not a URL" }
        let scheme = url[..<separator.lowerBound]
        guard scheme == "https" || scheme == "http" else { return "is neither an https nor an http URL" }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            return "holds characters that a URL cannot have"
        }
        let authority = url[separator.upperBound...].prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { return "names no host" }
        guard !authority.contains("@") else { return "holds a user name; credentials belong in the user entry" }
        return nil
    }

    private func trust(of cluster: ClusterEntry) throws(KubeconfigError) -> ServerTrust {
        if cluster.insecureSkipTLSVerify { return .none }
        let pem: [UInt8]
        if !cluster.certificateAuthorityData.isEmpty {
            pem = cluster.certificateAuthorityData
        } else if !cluster.certificateAuthority.isEmpty {
            pem = try read(cluster.certificateAuthority)
        } else {
            return .system(bundlePath: nil)
        }
        return .authorities(pem: try checked(pem, "certificate-authority", clusterName, file: cluster.file))
    }

    private func identity() throws(KubeconfigError) -> ClientIdentity? {
        guard user.hasCertificate else { return nil }
        var problems: [KubeconfigProblem] = []
        func content(_ data: [UInt8], _ path: String) -> [UInt8] {
            guard data.isEmpty else { return data }
            do throws(KubeconfigError) {
                return try read(path)
            } catch {
                problems += error.problems
                return []
            }
        }
        let certificate = content(user.clientCertificateData, user.clientCertificate)
        let key = content(user.clientKeyData, user.clientKey)
        guard problems.isEmpty else { throw KubeconfigError(problems) }
        return ClientIdentity(
            certificatePEM: try checked(certificate, "client-certificate", userName, file: user.file),
            keyPEM: try checked(key, "client-key", userName, file: user.file))
    }

    /// A token given by flag wins over everything, also over a tokenFile of the entry. client-go means that too, but
    /// sends the file's token (its transport prefers the file, and the flag's empty file does not override).
    private func credential(for cluster: ClusterEntry) -> KubeCredential {
        if let token = overrides.token.nonEmpty { return .token(token) }
        if !user.tokenFile.isEmpty {
            return .tokenFile(path: user.tokenFile, fallback: user.token.isEmpty ? nil : user.token)
        }
        if !user.token.isEmpty { return .token(user.token) }
        if user.hasBasic { return .basic(username: user.username, password: user.password) }
        // A certificate already says who we are: client-go runs no plugin then.
        guard var plugin = user.exec, !user.hasCertificate else { return .none }
        plugin.user = userName
        plugin.clusterInfo = plugin.provideClusterInfo ? try? clusterInfo(cluster) : nil
        return .exec(plugin)
    }

    func read(_ path: String) throws(KubeconfigError) -> [UInt8] {
        do throws(FileError) {
            return try environment.files.read(path, limit: 1 << 20)
        } catch {
            throw KubeconfigError(.unreadable(error))
        }
    }

    func checked(
        _ pem: [UInt8], _ field: String, _ entry: String, file: String?
    ) throws(KubeconfigError) -> [UInt8] {
        guard looksLikePEM(pem) else { throw KubeconfigError(.notPEM(field: field, entry: entry), file: file) }
        return pem
    }
}

/// Whether there is the start of a PEM block; what is in it, the TLS library judges.
func looksLikePEM(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ")
}
