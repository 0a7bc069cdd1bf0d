package import AzureAccount
import FoundationEssentials
package import HTTP
package import KubeAPI
package import Kubeconfig
import Platform

/// A connection to one API server, with the rights of one user.
package struct KubeConnection: Sendable {
    package let access: ClusterAccess
    package let client: KubeClient

    /// The agent string that audit logs show: the run can be found in them.
    package static func userAgent(runID: String) -> String {
        "kubectl-kms_vault/v\(productVersion) (\(platformName)) run=\(runID)"
    }

    /// How long one request is tried.
    package enum Patience: Sendable {
        case long
        /// For an API server that is not expected to answer: two tries, five seconds to connect, fifteen in all.
        case brief
    }

    private let credentials: KubeCredentials
    private let surroundings: Surroundings
    private let trust: ServerTrust?
    private let runID: String

    /// - Parameters:
    ///   - trust: replaces what the kubeconfig trusts; given once ARM has named the cluster's own authority.
    ///   - tokens: gives tokens of Entra, for access whose credential is one.
    package init(
        _ access: ClusterAccess, trust: ServerTrust? = nil, tokens: any AzureTokenSource, patience: Patience = .long,
        runID: String, surroundings: Surroundings
    ) async throws {
        let entra: KubeCredentials.EntraToken = { server, force throws(CredentialError) in
            do throws(AzureTokenError) {
                let token = try await tokens.token(resource: server, tenant: nil, claims: nil, forceRefresh: force)
                return (token.secret, token.expiresAt)
            } catch {
                throw CredentialError(error.kind == .cancelled ? .cancelled : .noEntraToken("\(error)"), server)
            }
        }
        let credentials = KubeCredentials(
            access, surroundings.kubeEnvironment, isTerminal: surroundings.isInteractive, entra: entra,
            now: { surroundings.now })
        // Whoever cannot prove who they are should hear it before anything else is tried.
        _ = try await credentials.authorization()
        self.init(access, credentials, trust, patience, runID: runID, surroundings)
    }

    /// What to tell about the credential; nil when there is nothing.
    package var note: String? { get async { await credentials.note } }

    /// The same connection for longer or shorter tries; nobody is asked for a credential again.
    package func with(_ patience: Patience) -> KubeConnection {
        KubeConnection(access, credentials, trust, patience, runID: runID, surroundings)
    }

    private init(
        _ access: ClusterAccess, _ credentials: KubeCredentials, _ trust: ServerTrust?, _ patience: Patience,
        runID: String, _ surroundings: Surroundings
    ) {
        self.access = access
        self.credentials = credentials
        self.trust = trust
        self.runID = runID
        self.surroundings = surroundings
        var settings = TransportSettings(trust: trust ?? access.trust, serverName: access.tlsServerName)
        let proxy = ProxySelection(environment: surroundings.environment, forHTTPS: access.isTLS, as: .kubectl)
        settings.proxyURL = access.proxyURL ?? proxy.proxyURL
        settings.noProxy = access.proxyURL == nil ? proxy.noProxy : ""
        var limited = access
        if patience == .brief {
            settings.connectTimeout = 5
            limited.requestTimeout = min(access.requestTimeout ?? 15, 15)
        }
        let agent = KubeConnection.userAgent(runID: runID)
        let base = settings
        let retry = patience == .brief ? RetryPolicy(maximumAttempts: 2) : KubeClient.usualRetry
        client = KubeClient(limited, credentials, retry: retry) { identity in
            var settings = base
            settings.identity = identity
            return surroundings.transports.open(
                settings, userAgent: agent, observer: surroundings.observer, streams: 16...256)
        }
    }
}
