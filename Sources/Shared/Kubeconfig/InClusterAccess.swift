import Files
import HTTP

extension AccessResolution {
    private static let accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount/"

    /// The access of the pod in which we run, or nil outside of one (client-go rest.InClusterConfig).
    ///
    /// Of the flags server, token, authority, namespace and impersonation count. client-go drops the last; acting with
    /// more rights than were asked for would be worse than the difference.
    func inClusterAccess() throws(KubeconfigError) -> ClusterAccess? {
        let tokenFile = Self.accountFolder + "token"
        guard let host = environment.variable("KUBERNETES_SERVICE_HOST"),
            let port = environment.variable("KUBERNETES_SERVICE_PORT"),
            (try? environment.files.read(tokenFile, limit: 1 << 20)) != nil
        else { return nil }
        let problems = userProblems()
        guard problems.isEmpty else { throw KubeconfigError(problems) }
        let authority = overrides.certificateAuthority.nonEmpty ?? Self.accountFolder + "ca.crt"
        let pem = try checked(try read(authority), "the certificate authority", authority, file: nil)
        return ClusterAccess(
            server: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":" + port,
            trust: overrides.insecureSkipTLSVerify ? .none : .authorities(pem: pem),
            insecureSkipTLSVerify: overrides.insecureSkipTLSVerify,
            tlsServerName: overrides.tlsServerName.nonEmpty, identity: nil,
            credential: overrides.token.nonEmpty.map { .token($0) } ?? .tokenFile(path: tokenFile, fallback: nil),
            impersonation: user.impersonation, proxyURL: nil, namespace: inClusterNamespace(), contextName: "",
            clusterName: "", userName: "", requestTimeout: try requestTimeout(),
            disableCompression: overrides.disableCompression, sourceFiles: [], isInCluster: true)
    }

    private func inClusterNamespace() -> String {
        if let namespace = overrides.namespace.nonEmpty ?? environment.variable("POD_NAMESPACE") { return namespace }
        let bytes = (try? environment.files.read(Self.accountFolder + "namespace", limit: 1024)) ?? []
        let name = trimmed(bytes)
        return name.isEmpty ? "default" : name
    }
}

/// The text without white space around it.
func trimmed(_ bytes: [UInt8]) -> String {
    var text = String(decoding: bytes, as: UTF8.self)[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
}
