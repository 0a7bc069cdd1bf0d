import Curl
import Files
import FoundationEssentials
package import HTTP
package import KubeAPI
package import Kubeconfig

/// A connection to one API server, with the rights of one user.
package struct KubeConnection: Sendable {
    package let access: ClusterAccess
    package let client: KubeClient

    /// The agent string that audit logs show: the run can be found in them.
    package static func userAgent(runID: String) -> String {
        "kubectl-kms_vault/v\(productVersion) (linux/amd64) run=\(runID)"
    }

    /// - Parameter trust: replaces what the kubeconfig trusts; given once ARM has named the cluster's own authority.
    package init(
        _ access: ClusterAccess, trust: ServerTrust? = nil, runID: String, surroundings: Surroundings
    ) async throws {
        self.access = access
        let credentials = KubeCredentials(
            access, surroundings.kubeEnvironment, isTerminal: surroundings.isInteractive,
            now: { Date().timeIntervalSince1970 })
        // Whoever cannot prove who they are should hear it before anything else is tried.
        _ = try await credentials.authorization()
        var settings = TransportSettings(
            trust: trust ?? access.trust, serverName: access.tlsServerName)
        let proxy = ProxySelection(
            environment: surroundings.environment, forHTTPS: access.server.hasPrefix("https:"))
        settings.proxyURL = access.proxyURL ?? proxy.proxyURL
        settings.noProxy = access.proxyURL == nil ? proxy.noProxy : ""
        let agent = KubeConnection.userAgent(runID: runID)
        let base = settings
        client = KubeClient(access, credentials) { identity in
            var settings = base
            settings.identity = identity
            return Points.around(
                CurlTransport(
                    settings: settings, userAgent: agent, observer: surroundings.observer, streamsPerConnection: 16))
        }
    }
}

/// Files that exist in memory only, for kubeconfigs that came from ARM.
struct MemoryFiles: FileReading {
    let files: [String: [UInt8]]

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        guard let bytes = files[path] else { throw FileError(.missing, .read, path) }
        return bytes
    }
}
