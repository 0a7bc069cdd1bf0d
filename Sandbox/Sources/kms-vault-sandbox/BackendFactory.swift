import ArgumentParser
import AzureStandIn
import ClusterModel

/// The clusters that can stand behind ARM.
enum BackendKind: String, CaseIterable, ExpressibleByArgument {
    case memory

    /// What is taken when nothing is said.
    static let standard = BackendKind.memory
}

struct BackendOptions: Sendable {
    /// Where the cluster may keep its files.
    var directory: String
    var replicas: Int
    var latencyMilliseconds: Int
    var timeScale: Double
}

enum BackendFactory {
    static func make(
        _ kind: BackendKind, options: BackendOptions, access: any KeyAccess
    ) throws -> any ClusterBackend {
        switch kind {
        case .memory: MemoryCluster(access: access)
        }
    }
}
