public import ClusterModel
import Foundation
import KMSPlugin
import NIOSSL

/// A real cluster's control plane on the loopback interface: etcd, kube-apiserver replicas behind a balancer, and KMS
/// v1 plugins that ask the sandbox's vault.
///
/// An API server takes its encryption configuration only when it starts, so that a change of it is a rolling restart.
public actor RealCluster {
    /// A replica's process, and which of `plans` it was started with.
    struct Replica {
        let port: Int
        var server: APIServer?
        var plan = 0
    }

    /// What exists from `start()` to `stop()`.
    struct Running {
        let etcd: Etcd
        let settings: APIServerSettings
        let balancer: Balancer
        let folder: String
        let port: Int
    }

    let options: Options
    let access: any KeyAccess
    let tokens = (admin: randomToken(), operator: randomToken())
    /// Every configuration that the cluster ever had, the newest last.
    var plans: [EncryptionPlan] = [.neverOn]
    var replicas: [Replica] = []
    var running: Running?
    var plugins: [KeyRoute: KMSPluginServer] = [:]
    let children = ChildGroup()
    private var authority = ""
    private var ownFolders: [String] = []
    private var lock = AsyncLock()

    /// - Parameter access: the vault, asked at every encrypt and decrypt.
    public init(options: Options, access: any KeyAccess) {
        self.options = options
        self.access = access
    }

    /// Starts everything and returns when all replicas are ready; what was applied before is what they have.
    public func start() async throws {
        try await exclusively { cluster in try await cluster.startAll() }
    }

    /// Ends all processes and removes their data.
    public func stop() async {
        await exclusively { cluster in await cluster.stopAll() }
    }

    public var serverURL: String { "https://127.0.0.1:\(running?.port ?? 0)" }
    public var caPEM: String { authority }
    public var adminToken: String { tokens.admin }
    public var operatorToken: String { tokens.operator }

    /// Runs one change of the cluster at a time: an actor alone would let another in at every suspension.
    func exclusively<Result: Sendable, Failure: Error>(
        _ change: (isolated RealCluster) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        if !lock.acquire() {
            await withCheckedContinuation { lock.wait($0) }
        }
        defer { lock.release() }
        return try await change(self)
    }

    private func startAll() async throws {
        guard running == nil else { throw RealClusterError.alreadyRunning }
        do {
            let folder = try workingFolder()
            let certificates = try await ClusterCertificates.make(
                in: folder, authority: options.certificateAuthority, names: options.serverNames,
                openssl: options.openssl)
            authority = try String(contentsOfFile: certificates.authority, encoding: .utf8)
            let ports = try freePorts(options.replicas + 2)
            let etcd = try await Etcd.start(
                options.etcd, data: try ownFolder(in: options.storageDirectory ?? Self.storageParent),
                ports: (client: ports[0], peer: ports[1]), log: folder + "/etcd.log", children: children)
            let balancer = Balancer(replicaPorts: Array(ports[2...]))
            balancer.setRoundTrip(milliseconds: options.roundTripMilliseconds)
            running = Running(
                etcd: etcd, settings: try settings(certificates, etcd: etcd, folder: folder), balancer: balancer,
                folder: folder, port: try await balancer.start(port: options.port))
            replicas = ports[2...].map { Replica(port: $0) }
            try await startReplicas()
        } catch {
            await stopAll()
            throw error
        }
    }

    /// The folder that was asked for, or one that `stop()` removes.
    private func workingFolder() throws -> String {
        guard let folder = options.directory else {
            return try ownFolder(in: FileManager.default.temporaryDirectory.path)
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    private func ownFolder(in parent: String) throws -> String {
        let folder = try makeOwnFolder(in: parent)
        ownFolders.append(folder)
        return folder
    }

    private func settings(
        _ certificates: ClusterCertificates, etcd: Etcd, folder: String
    ) throws -> APIServerSettings {
        let file = folder + "/tokens.csv"
        let text = """
            \(tokens.admin),kms-admin,kms-admin,"system:masters"
            \(tokens.operator),kms-operator,kms-operator,"kms-operators"

            """
        try writePrivately(Data(text.utf8), to: file)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificates.authority)
        return APIServerSettings(
            program: options.kubeAPIServer, etcdURL: etcd.url, certificates: certificates, tokens: file,
            tokenWebhook: options.tokenWebhook,
            adminToken: tokens.admin, operatorToken: tokens.operator, tls: try NIOSSLContext(configuration: tls),
            shutdownDelay: options.shutdownDelay, goawayChance: options.goawayChance,
            readyTimeout: options.readyTimeout)
    }

    private func stopAll() async {
        await running?.balancer.stop()
        running = nil
        replicas = []
        await children.killAll()
        for plugin in plugins.values { await plugin.stop() }
        plugins = [:]
        for folder in ownFolders { try? FileManager.default.removeItem(atPath: folder) }
        ownFolders = []
    }

    private static var storageParent: String {
        let memory = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: memory) ? memory : FileManager.default.temporaryDirectory.path
    }
}
