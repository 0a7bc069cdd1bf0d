public import ClusterModel
import Foundation
import KMSPlugin
import NIOSSL

/// A real cluster's control plane on the loopback interface: etcd, kube-apiserver replicas behind a balancer, and KMS v1
/// plugins that ask the sandbox's vault.
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
        let storage: String
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
    private var authority = ""
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
        try? await exclusively { cluster in await cluster.stopAll() }
    }

    public var serverURL: String { "https://127.0.0.1:\(running?.port ?? 0)" }
    public var caPEM: String { authority }
    public var adminToken: String { tokens.admin }
    public var operatorToken: String { tokens.operator }

    /// Runs one change of the cluster at a time: an actor alone would let another in at every suspension.
    func exclusively<Result: Sendable>(
        _ change: (isolated RealCluster) async throws -> Result
    ) async throws -> Result {
        if !lock.acquire() {
            await withCheckedContinuation { lock.wait($0) }
        }
        defer { lock.release() }
        return try await change(self)
    }

    private func startAll() async throws {
        guard running == nil else { throw RealClusterError.alreadyRunning }
        let folder = try options.directory ?? temporaryFolder(in: FileManager.default.temporaryDirectory.path)
        let storage = try temporaryFolder(in: options.storageDirectory ?? Self.storageParent)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            let certificates = try await ClusterCertificates.make(
                in: folder, authority: options.certificateAuthority, names: options.serverNames,
                openssl: options.openssl)
            let ports = try freePorts(options.replicas + 2)
            let etcd = try await Etcd.start(
                options.etcd, data: storage, ports: (client: ports[0], peer: ports[1]), log: folder + "/etcd.log")
            let balancer = Balancer(replicaPorts: Array(ports[2...]))
            balancer.setRoundTrip(milliseconds: options.roundTripMilliseconds)
            running = Running(
                etcd: etcd, settings: try settings(certificates, etcd: etcd, folder: folder), balancer: balancer,
                folder: folder, storage: storage, port: try await balancer.start(port: options.port))
            authority = try String(contentsOfFile: certificates.authority, encoding: .utf8)
            replicas = ports[2...].map { Replica(port: $0) }
            try await startReplicas()
        } catch {
            await stopAll()
            try? FileManager.default.removeItem(atPath: storage)
            throw error
        }
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
            adminToken: tokens.admin, operatorToken: tokens.operator, tls: try NIOSSLContext(configuration: tls),
            shutdownDelay: options.shutdownDelay, goawayChance: options.goawayChance,
            readyTimeout: options.readyTimeout)
    }

    private func stopAll() async {
        guard let running else { return }
        self.running = nil
        await running.balancer.stop()
        // One after another would add up the time that each takes to notice.
        await withTaskGroup(of: Void.self) { group in
            for server in replicas.compactMap(\.server) { group.addTask { await server.kill() } }
            for plugin in plugins.values { group.addTask { await plugin.stop() } }
        }
        replicas = []
        plugins = [:]
        await running.etcd.stop()
        try? FileManager.default.removeItem(atPath: running.storage)
        if options.directory == nil { try? FileManager.default.removeItem(atPath: running.folder) }
    }

    private static var storageParent: String {
        let memory = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: memory) ? memory : FileManager.default.temporaryDirectory.path
    }
}

func temporaryFolder(in parent: String) throws -> String {
    let folder = "\(parent)/kms-vault-\(randomToken().prefix(8))"
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return folder
}

/// Writes a file that only we can read, whole or not at all.
func writePrivately(_ data: Data, to file: String) throws {
    let new = file + ".new"
    try? FileManager.default.removeItem(atPath: new)
    guard FileManager.default.createFile(atPath: new, contents: data, attributes: [.posixPermissions: 0o600]) else {
        throw CocoaError(.fileWriteUnknown)
    }
    _ = try? FileManager.default.removeItem(atPath: file)
    try FileManager.default.moveItem(atPath: new, toPath: file)
}

/// 128 random bits in hexadecimal.
func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
        let digits = String(generator.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
}
