import Files
import Foundation
import HTTP
import JSON
import Kubeconfig
import SystemRig

/// Where a kubeconfig leads, and how a request proves there who sends it; or what kind of error it is.
enum Way: Equatable, CustomStringConvertible {
    /// The server's name and the value of `Authorization`; `signs` where a client certificate was shown.
    case reaches(String, authorization: String, signs: Bool, user: String)
    /// It would go through the proxy.
    case proxied
    case fails(Failure)

    enum Failure: String {
        /// A file that cannot be read, or holds no kubeconfig.
        case file
        /// There is no such context, cluster or user, or its settings exclude each other.
        case entries
        /// Neither a file nor a flag names a cluster.
        case nothing
        /// The server or the proxy is no address.
        case address
        /// The credential plugin, or the file of a token.
        case credential
        /// There is no credential: kubectl asks for a name and a password, which is no use in a script.
        case nobody
        /// The value cannot stand in a header.
        case header
        /// The address leads to nobody, or to one who speaks another protocol.
        case unreachable
        case other
    }

    var description: String {
        switch self {
        case .reaches(let server, let authorization, let signs, let user):
            "\(server) with '\(authorization)'\(signs ? " and a certificate" : "")\(user.isEmpty ? "" : " as \(user)")"
        case .proxied: "the proxy"
        case .fails(let failure): "error: \(failure.rawValue)"
        }
    }
}

extension Way {
    /// What the real kubectl did, by what the server saw or by kubectl's own words.
    init(kubectl result: RunningProgram.Result) {
        if result.exitCode == 0, let seen = try? JSONValue(parsing: Array(result.output.utf8)) {
            let server = seen["server"]?.string ?? "?"
            self = .reaches(
                server, authorization: seen["authorization"]?.string ?? "", signs: seen["certificate"] == .bool(true),
                user: seen["user"]?.string ?? "")
            return
        }
        let kinds: [(String, Failure)] = [
            ("error loading config file", .file), ("error: stat ", .file), ("getting credentials", .credential),
            ("error: EOF", .nobody),
            ("localhost:8080", .nothing), ("unsupported protocol scheme", .address), ("in host name", .address),
            ("invalid 'proxy-url'", .address), ("invalid header field value", .header), ("invalid URL", .address),
            ("invalid configuration", .entries), ("does not exist", .entries), ("was not found", .entries),
            ("invalid port", .address), ("no Auth Provider found", .entries), ("no Host in request URL", .address),
            ("more than one authentication method", .entries),
            ("must be specified for", .entries), ("exec plugin: invalid apiVersion", .entries),
            ("auth plugin has been removed", .entries), ("without impersonating a user", .entries),
            ("error: open ", .credential), ("no such host", .unreachable), ("connection reset", .unreachable),
            ("malformed HTTP", .unreachable),
        ]
        if result.errors.contains("the proxy P") || result.errors.contains("Bad Gateway") {
            self = .proxied
        } else {
            self = .fails(kinds.first { result.errors.contains($0.0) }?.1 ?? .other)
        }
    }

    /// What our own reading of the same files, flags and variables comes to.
    init(
        ours overrides: KubeconfigOverrides, _ variables: [String: String], home: String, _ mirror: RequestMirror
    ) async {
        let environment = KubeEnvironment(
            variables: variables, homeDirectory: home, workingDirectory: home, files: DiskFiles(readsStreams: true))
        do {
            let access = try ClusterAccess.load(overrides, environment)
            let credentials = KubeCredentials(
                access, environment, isTerminal: false, now: { Date().timeIntervalSince1970 })
            let authorization = try await credentials.authorization()
            let identity = access.identity ?? authorization.identity
            if authorization.header == nil, identity == nil, access.isTLS {
                self = .fails(.nobody)
            } else if Self.isProxied(access, variables) {
                self = .proxied
            } else if let server = mirror.name(of: access.server) {
                self = .reaches(
                    server, authorization: authorization.header ?? "", signs: identity != nil,
                    user: access.impersonation.user)
            } else {
                self = .fails(.unreachable)
            }
        } catch let error as KubeconfigError {
            self = .fails(error.problems.first.map { Failure($0.kind) } ?? .other)
        } catch {
            self = .fails(error is CredentialError ? .credential : .other)
        }
    }

    private static func isProxied(_ access: ClusterAccess, _ variables: [String: String]) -> Bool {
        guard access.proxyURL == nil else { return true }
        let proxy = ProxySelection(environment: variables, forHTTPS: access.isTLS, as: .kubectl)
        guard proxy.proxyURL != nil, let url = URL(string: access.server), let host = url.host else { return false }
        return !NoProxyList(proxy.noProxy).contains(host: host, port: url.port ?? (access.isTLS ? 443 : 80))
    }
}

extension Way.Failure {
    init(_ kind: KubeconfigProblem.Kind) {
        switch kind {
        case .unreadable, .malformed, .wrongType, .badBase64, .duplicateName, .unsupportedDocument: self = .file
        case .noConfiguration, .noContext, .noServer: self = .nothing
        case .badServer, .badProxy: self = .address
        case .unsafeHeaderValue: self = .header
        default: self = .entries
        }
    }
}
