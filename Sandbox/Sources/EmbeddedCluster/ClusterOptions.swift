public import Foundation

/// How an embedded cluster is set up.
public struct ClusterOptions: Sendable {
    /// How a change of the key reaches an API server whose KMS stays on.
    public enum KeyChange: String, Sendable {
        /// The plugin reports another key id; noticed at the next Status poll.
        case statusPoll
        /// Another provider under another name: noticed at once by the replicas that take it.
        case newProvider
    }

    /// How a change of the encryption configuration reaches an API server.
    public enum Reload: String, Sendable {
        /// The process is drained and started anew.
        case restart
        /// The running process reads its file again.
        case hot
    }

    /// What there is of storage version migrations.
    public enum Migrations: String, Sendable, CaseIterable {
        /// Discovery does not have them.
        case absent
        /// The API is served and the controller does not run: its gate is kube-controller-manager's own.
        case served
        case running
    }

    public var replicas = 2
    /// The loopback address to listen on. Clusters of one machine that are told apart by their host need one each.
    public var host = "127.0.0.1"
    /// The port there; 0 takes any.
    public var port = 0
    /// What a second of the real thing lasts here: polls, coasting, lifetimes of continue tokens.
    public var timeScale = 1.0
    public var keyChange = KeyChange.statusPoll
    public var reload = Reload.restart
    /// Seconds (not scaled) that a restarting replica is away.
    public var downtime = 0.0
    /// How long, at most, a replica that goes waits for the requests in flight, in seconds.
    public var drainTimeout = 2.0
    public var providerName = "azurekmsprovider"
    public var version = "v1.32.6"
    /// Whether what cannot be read is named as since Kubernetes 1.37 (KEP-3926, on by default).
    var namesCorruptObjects: Bool { isAtLeast(1, 37) }
    /// nil: as of the version, from 1.37 on (KEP-4192: stable and on by default there).
    public var migrations: Migrations?
    var servesMigrations: Bool { wantedMigrations != .absent }
    var runsMigrations: Bool { wantedMigrations == .running }
    private var wantedMigrations: Migrations { migrations ?? (isAtLeast(1, 37) ? .running : .absent) }
    /// The API server to which the storage version migrator's first connection goes.
    public var migratorReplica = 0
    public var operatorName = "operator"
    /// Whether kube-system has the Leases of the API servers and /metrics their `apiserver_id_hash` (1.26 and later).
    public var hasAPIServerIdentity = true
    /// Whether Status is polled in the background; without it, only `pollStatus()` does.
    public var pollsStatus = true
    public var clock: any ClusterClock = SystemClock()
    /// Where the CA, the certificate and the kubeconfig are kept; nil makes a temporary folder that `stop()` removes.
    public var folder: URL?

    public init() {}

    private func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let parts = version.drop { $0 == "v" }.split(separator: ".").compactMap { Int($0) }
        return parts.count >= 2 && (parts[0], parts[1]) >= (major, minor)
    }
}
