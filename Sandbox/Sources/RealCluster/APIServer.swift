import Foundation
import Glibc
import NIOSSL

/// What all replicas of one cluster have in common.
struct APIServerSettings: Sendable {
    let program: String
    let etcdURL: String
    let certificates: ClusterCertificates
    let tokens: String
    let tokenWebhook: String?
    let adminToken: String
    let operatorToken: String
    let tls: NIOSSLContext
    /// Seconds for which a replica that is told to end still serves.
    let shutdownDelay: Int
    let goawayChance: Double
    /// Seconds that a replica may take to become ready.
    let readyTimeout: Int
}

/// One kube-apiserver process, which takes its encryption configuration when it starts and never again.
struct APIServer: Sendable {
    let index: Int
    let port: Int
    private let settings: APIServerSettings
    private let child: ChildProcess

    /// Starts a replica and returns when it is ready.
    ///
    /// - Parameter plugins: how many KMS providers the configuration at `encryption` has.
    static func start(
        _ index: Int, port: Int, encryption: String, plugins: Int, settings: APIServerSettings, folder: String,
        children: ChildGroup
    ) async throws -> APIServer {
        let certificates = settings.certificates
        let child = try await children.start(
            settings.program,
            [
                "--etcd-servers=\(settings.etcdURL)", "--bind-address=127.0.0.1", "--secure-port=\(port)",
                // The addresses of 192.0.2.0/24 are for documentation: nobody is to reach the API server by it.
                "--advertise-address=192.0.2.\(index + 1)", "--endpoint-reconciler-type=none",
                "--tls-cert-file=\(certificates.server)", "--tls-private-key-file=\(certificates.serverKey)",
                "--token-auth-file=\(settings.tokens)", "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=\(certificates.serviceAccountKey)",
                "--service-account-key-file=\(certificates.serviceAccountKey)",
                "--service-cluster-ip-range=10.0.0.0/16", "--cert-dir=\(folder)",
                "--encryption-provider-config=\(encryption)",
                "--shutdown-delay-duration=\(settings.shutdownDelay)s", "--goaway-chance=\(settings.goawayChance)",
                "--profiling=false",
            ]
                // Two minutes, the default, would hide that a token was revoked.
                + (settings.tokenWebhook.map {
                    [
                        "--authentication-token-webhook-config-file=\($0)",
                        "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=2s",
                    ]
                } ?? []),
            log: "\(folder)/kube-apiserver-\(index).log")
        let server = APIServer(index: index, port: port, settings: settings, child: child)
        do {
            var readiness = Readiness(server: server, plugins: plugins)
            try await waitUntilReady("kube-apiserver \(index)", child: child, seconds: settings.readyTimeout) {
                try await readiness.check()
            }
        } catch {
            await child.terminate(grace: .zero)
            throw error
        }
        return server
    }

    /// Requests as the administrator, straight to this replica.
    var http: LoopbackHTTP { client(settings.adminToken) }
    /// Requests as a user whose rights come from RBAC.
    var operatorHTTP: LoopbackHTTP { client(settings.operatorToken) }

    private func client(_ token: String) -> LoopbackHTTP {
        LoopbackHTTP(
            port: port, tls: settings.tls,
            headers: ["authorization": "Bearer \(token)", "content-type": "application/json"])
    }

    var hasEnded: Bool { child.hasEnded }

    /// Lets it finish what it has begun: it sends GOAWAY on every connection, and ends.
    func drain() async {
        // Watches have no end of their own, and would hold it for a minute.
        await child.terminate(grace: .seconds(settings.shutdownDelay + 3))
    }

    func freeze() { child.signal(SIGSTOP) }

    func thaw() { child.signal(SIGCONT) }

    /// Ends it as a crash would.
    func kill() async {
        await child.terminate(grace: .zero)
    }
}

/// Whether a replica can take connections.
///
/// A replica that cannot decrypt some Secret never reports that it is ready: its own informer of Secrets never syncs,
/// and the KMS checks fail. It serves all the rest, and that it answers 500 for Secrets is what clients are to see.
private struct Readiness {
    private static let patience: Duration = .seconds(5)

    private let server: APIServer
    private let withoutKMS: String
    private var allElseReadySince: ContinuousClock.Instant?

    init(server: APIServer, plugins: Int) {
        self.server = server
        withoutKMS = "/readyz?" + (0..<plugins).map { "exclude=kms-provider-\($0)&" }.joined()
    }

    mutating func check() async throws -> Bool {
        if try await server.http.send(.get, withoutKMS).status == 200 { return true }
        guard try await server.http.send(.get, withoutKMS + "exclude=informer-sync").status == 200,
            // Informers that authorization needs have synced when RBAC grants something.
            try await server.operatorHTTP.send(.get, "/api/v1/namespaces/kube-system").status == 200
        else {
            allElseReadySince = nil
            return false
        }
        let since = allElseReadySince ?? .now
        allElseReadySince = since
        return since.duration(to: .now) >= Self.patience
    }
}
