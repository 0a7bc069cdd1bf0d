public import ClusterModel
public import Foundation
import NIOCore
import Synchronization

/// A Kubernetes API server with several replicas over one storage, all in this process.
public final class EmbeddedCluster: ClusterBackend {
    private struct State {
        var channel: (any Channel)?
        var server: Server?
        var certificates: Certificates?
        var polling: Task<Void, Never>?
        var migrating: Task<Void, Never>?
        /// Ends a silence.
        var silence: Task<Void, Never>?
        var port = 0
        var newest = ReplicaConfiguration()
        /// Key identifiers by what the plugin reports for them.
        var keyIDs: [String: String] = [:]
    }

    public let options: ClusterOptions
    let replicas: [Replica]
    let storage = Storage()
    let faults = Faults()
    private let folder: URL
    let tokens: (admin: String, operator: String, controller: String)
    let api: ClusterAPI
    let migrator: MigrationController
    private let state = Mutex(State())

    /// The configuration that was applied last, whichever replicas have it.
    var newest: ReplicaConfiguration { state.withLock { $0.newest } }

    /// - Parameter reviewer: vouches for tokens that are not the cluster's own.
    public init(
        options: ClusterOptions = ClusterOptions(), access: any KeyAccess, reviewer: (any TokenReviewer)? = nil
    ) {
        self.options = options
        folder =
            options.folder
            ?? FileManager.default.temporaryDirectory
            .appending(path: "embedded-cluster-" + UUID().uuidString.prefix(8))
        replicas = (0..<options.replicas).map { Replica(index: $0, options: options, access: access) }
        tokens = (
            "admin-" + UUID().uuidString.lowercased(), "operator-" + UUID().uuidString.lowercased(),
            "controller-" + UUID().uuidString.lowercased()
        )
        api = ClusterAPI(
            storage: storage, faults: faults, options: options,
            users: ClusterUsers([
                tokens.admin: User(name: "system:admin", isAdmin: true),
                tokens.operator: User(name: options.operatorName, isAdmin: false),
                tokens.controller: User(name: Self.controllerName, isAdmin: true),
            ]),
            reviewer: reviewer,
            discovery: Discovery(version: options.version, servesMigrations: options.servesMigrations))
        let name = "system:serviceaccount:kube-system:" + MigrationController.name
        let token = "migrator-" + UUID().uuidString.lowercased()
        let rules = [PolicyRule(verbs: ["get", "list", "watch", "patch"], resources: ["*"])]
        api.users.add(User(name: name, isAdmin: false, rules: rules), token: token)
        migrator = MigrationController(
            storage: storage, api: api, replicas: replicas, token: token, options: options)
        addFirstObjects()
    }

    // MARK: Addresses and credentials

    public var serverURL: String { "https://\(options.host):\(state.withLock { $0.port })" }
    public var caPEM: String { state.withLock { $0.certificates?.caPEM ?? "" } }
    public var adminToken: String { tokens.admin }
    public var operatorToken: String { tokens.operator }
    /// Where the CA (`ca.crt`) and the kubeconfigs are kept.
    public var directory: URL { folder }
    /// How many connections were accepted since the start.
    public var acceptedConnections: Int { server?.acceptedConnections ?? 0 }

    var server: Server? { state.withLock { $0.server } }

    // MARK: Life

    public func start() async throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let certificates = try Certificates.make(in: folder, host: options.host)
        let server = Server(replicas: replicas, api: api)
        let channel = try await server.listen(
            host: options.host, port: options.port, certificates: certificates)
        let polling = options.pollsStatus ? Task { await self.keepPolling() } : nil
        let migrating = options.runsMigrations ? Task { await self.migrator.run() } : nil
        state.withLock { state in
            state.server = server
            state.channel = channel
            state.certificates = certificates
            state.port = channel.localAddress?.port ?? 0
            state.polling = polling
            state.migrating = migrating
        }
    }

    public func stop() async {
        let (channel, server, tasks, silence) = state.withLock { state in
            defer {
                (state.channel, state.server, state.silence) = (nil, nil, nil)
                (state.polling, state.migrating) = (nil, nil)
            }
            return (state.channel, state.server, [state.polling, state.migrating], state.silence)
        }
        faults.silentUntil = 0
        silence?.cancel()
        await silence?.value
        for task in tasks {
            task?.cancel()
            await task?.value
        }
        try? await channel?.close()
        await server?.shutdown()
        if options.folder == nil { try? FileManager.default.removeItem(at: folder) }
    }

    /// Answers nothing for that many real seconds, or until `endSilence`: connections hang, or are refused.
    public func silence(seconds: Double?, refusing: Bool) async {
        await endSilence()
        guard refusing else {
            faults.silentUntil = options.clock.now() + (seconds ?? .infinity)
            return
        }
        let channel = state.withLock { state in
            defer { state.channel = nil }
            return state.channel
        }
        try? await channel?.close()
        cutConnections()
        guard let seconds else { return }
        let task = Task {
            try? await options.clock.sleep(seconds: seconds)
            if !Task.isCancelled { await listenAgain() }
        }
        state.withLock { $0.silence = task }
    }

    public func endSilence() async {
        faults.silentUntil = 0
        let task = state.withLock { state in
            defer { state.silence = nil }
            return state.silence
        }
        task?.cancel()
        await task?.value
        await listenAgain()
    }

    /// On the port of the start, which somebody else may hold for a moment.
    private func listenAgain() async {
        for _ in 0..<100 {
            let (server, certificates, port, isListening) = state.withLock { state in
                (state.server, state.certificates, state.port, state.channel != nil)
            }
            guard let server, let certificates, !isListening else { return }
            if let channel = try? await server.listen(
                host: options.host, port: port, certificates: certificates)
            {
                state.withLock { $0.channel = channel }
                return
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Asks every KMS plugin for its Status, as each API server does every minute.
    public func pollStatus() async {
        for replica in replicas { await replica.pollStatus() }
    }

    /// Healthy plugins are asked once a minute, others every ten seconds, scaled. A minute is told by the clock and not
    /// by the number of sleeps: on a busy machine those are longer, and writes would stop though the plugin is healthy.
    private func keepPolling() async {
        while true {
            do {
                try await options.clock.sleep(seconds: 10 * options.timeScale)
            } catch {
                return
            }
            let due = options.clock.now() - 55 * options.timeScale
            for replica in replicas { await replica.pollStatus(ifHealthySince: due) }
        }
    }

    // MARK: Configurations

    public func apply(_ profile: KMSProfile, rollout: Rollout) async throws {
        let configuration = state.withLock { state in
            if profile.enabled {
                let label = profile.plugin.label(profile.keyID)
                state.keyIDs[hexDigest(label)] = label
            }
            state.newest = state.newest.taking(profile)
            return state.newest
        }
        try await pause(rollout.delay)
        var isFirst = true
        for replica in replicas where !rollout.lagging.contains(replica.index) {
            if !isFirst { try await pause(rollout.spacing) }
            isFirst = false
            try await give(configuration, to: replica)
        }
    }

    public func settle() async throws {
        let newest = state.withLock { $0.newest }
        for replica in replicas where replica.configuration != newest { try await give(newest, to: replica) }
    }

    public func rollBack(replica index: Int) async throws {
        let replica = try replica(index)
        // One that lags has the configuration before the newest already.
        guard replica.configuration == state.withLock({ $0.newest }) else { return }
        try await give(replica.previousConfiguration, to: replica)
    }

    public func restart() async throws {
        for replica in replicas { try await restart(replica, taking: replica.configuration) }
    }

    public func restart(replica index: Int) async throws {
        let replica = try replica(index)
        try await restart(replica, taking: replica.configuration)
    }

    private func replica(_ index: Int) throws -> Replica {
        guard replicas.indices.contains(index) else {
            throw ClusterFailure("there is no replica \(index): the cluster has \(replicas.count)")
        }
        return replicas[index]
    }

    private func give(_ configuration: ReplicaConfiguration, to replica: Replica) async throws {
        guard configuration != replica.configuration else { return }
        if options.reload == .hot || replica.isPluginChangeOnly(configuration) {
            await replica.reload(configuration)
        } else {
            try await restart(replica, taking: configuration)
        }
    }

    private func restart(_ replica: Replica, taking configuration: ReplicaConfiguration) async throws {
        // A cluster of one has no other replica to send clients to: it is away only for its downtime.
        if replicas.count > 1 || options.downtime > 0 { replica.isUp = false }
        defer { replica.isUp = true }
        await server?.drain(replica, timeout: options.drainTimeout)
        try await pause(options.downtime)
        await replica.restart(configuration)
        // Whoever came to the old process meanwhile must not stay with the new one.
        if replica.isUp { await server?.drain(replica, timeout: options.drainTimeout) }
    }

    private func pause(_ seconds: Double) async throws {
        if seconds > 0 { try await options.clock.sleep(seconds: seconds) }
    }

    // MARK: The storage itself

    public func storedSecrets() async throws -> StoredSecrets {
        let keyIDs = state.withLock { $0.keyIDs }
        var counted = StoredSecrets(plaintext: 0, encryptedByKey: [:])
        storage.forEach(.secrets) { _, bytes in
            guard bytes.starts(with: Transformers.encryptedPrefix) else {
                counted.plaintext += 1
                return
            }
            let reported = EncryptedObject(stored: bytes)?.keyID
            counted.encryptedByKey[reported.map { keyIDs[$0] ?? $0 } ?? "unreadable", default: 0] += 1
        }
        return counted
    }

    /// Puts every Secret into storage as plaintext behind the API's back, as one that was never rewritten lies there.
    public func storePlaintext() async throws -> Int {
        let transformers = Transformers(providers: replicas[0].providers)
        var plaintexts: [(key: String, bytes: [UInt8])] = []
        var stored: [(key: String, bytes: [UInt8])] = []
        storage.forEach(.secrets) { stored.append(($0, $1)) }
        for (key, bytes) in stored {
            let full = ResourceKind.secrets.storagePrefix + key
            plaintexts.append((key, try await transformers.fromStorage(bytes, key: full).plaintext))
        }
        for (key, bytes) in plaintexts { _ = storage.tamper(.secrets, key) { $0 = bytes } }
        return plaintexts.count
    }

    public func corruptSecret(namespace: String, name: String) async throws {
        let isThere = storage.tamper(.secrets, "\(namespace)/\(name)") { bytes in
            // Neither JSON nor an authentic ciphertext survives this.
            let start = bytes.starts(with: Transformers.encryptedPrefix) ? bytes.count - min(16, bytes.count) : 0
            for index in start..<bytes.count { bytes[index] ^= 0xA5 }
        }
        guard isThere else { throw ClusterFailure("there is no Secret \(namespace)/\(name) to corrupt") }
    }

    /// The bytes of a Secret as they are stored, or nil.
    public func storedBytes(namespace: String, name: String) -> [UInt8]? {
        storage.get(.secrets, "\(namespace)/\(name)")?.bytes
    }

    /// The revision counter, which is what a list shows as its resourceVersion.
    public var revision: Int { storage.revision }
}
