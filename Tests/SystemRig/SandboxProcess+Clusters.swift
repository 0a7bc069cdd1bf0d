import HTTP
import JSON

/// A sandbox with several clusters (`--clusters`).
extension SandboxProcess {
    /// The first before all others.
    package var clusters: [String] {
        let names = variables["CLUSTER_NAMES"]?.split(separator: " ").map(String.init) ?? []
        return names.isEmpty ? [cluster] : names
    }

    package func state(of cluster: String) async throws -> SandboxState {
        SandboxState(document: try await control(.get, "state?cluster=\(cluster)"))
    }

    /// As `unreadable()`, of one of them.
    package func unreadable(in cluster: String) async throws -> [String] {
        let answer = try await control(.get, "read-all?cluster=\(cluster)")
        guard let names = answer["unreadable"]?.array?.compactMap(\.string), answer["total"]?.integer ?? 0 > 0 else {
            throw RigError("read-all: \(answer)")
        }
        return names
    }

    /// How many requests Azure answered with a status since the start, or since the log was cleared.
    package func answers(_ status: Int) async throws -> Int64 {
        try await control(.get, "requests?last=0")[path: "byStatus", "\(status)"]?.integer ?? 0
    }
}

extension SandboxState {
    /// A vault by its name.
    package func access(ofVault name: String) -> String {
        let vault = document["vaults"]?.array?.first { $0["name"]?.string == name }
        return vault?[path: "properties", "publicNetworkAccess"]?.string ?? ""
    }
}
