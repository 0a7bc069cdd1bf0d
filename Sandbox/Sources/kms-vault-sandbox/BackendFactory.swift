import ArgumentParser
import AzureStandIn
import ClusterModel
import EmbeddedCluster
import Foundation

/// The clusters that can stand behind ARM.
enum BackendKind: String, CaseIterable, ExpressibleByArgument {
    /// An API server in this process, with the semantics of KMS v2.
    case embedded
    /// etcd and kube-apiserver with a KMS v1 plugin.
    case real
    /// No API server at all, for tests of ARM alone.
    case memory

    /// What is taken when nothing is said.
    static let standard = BackendKind.embedded
}

struct BackendOptions: Sendable {
    /// The loopback address of the embedded API server.
    var host = "127.0.0.1"
    /// Where the cluster may keep its files.
    var directory: String
    var replicas: Int
    var latencyMilliseconds: Int
    var timeScale: Double
    /// The program that script/build-kube-apiserver builds; needed for `real`.
    var kubeAPIServer: String?
    /// Where the API server asks about tokens of Entra; nil for clusters that take none.
    var tokenWebhook: String?
    /// What the embedded API server says that it is, such as `1.33.3`; the real one is what it is.
    var kubernetesVersion: String
    /// What the embedded API server has of storage version migrations; nil: as of its version.
    var migrations: ClusterOptions.Migrations?
}

enum BackendFactory {
    static func make(
        _ kind: BackendKind, options: BackendOptions, access: any KeyAccess & TokenReviewer
    ) throws -> any ClusterBackend {
        switch kind {
        case .memory: return MemoryCluster(access: access)
        case .embedded:
            var cluster = ClusterOptions()
            cluster.host = options.host
            cluster.replicas = options.replicas
            cluster.timeScale = options.timeScale
            cluster.keyChange = .newProvider
            cluster.version = "v" + options.kubernetesVersion
            cluster.migrations = options.migrations
            cluster.folder = URL(fileURLWithPath: options.directory)
            return EmbeddedCluster(options: cluster, access: access, reviewer: access)
        case .real:
            #if RealCluster
                return try real(options, access: access)
            #else
                throw ValidationError(
                    "This sandbox was built without the real cluster (script/sandbox up --real has it).")
            #endif
        }
    }
}
