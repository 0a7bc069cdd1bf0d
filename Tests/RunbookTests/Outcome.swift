import Foundation
import JSON
import SystemRig
import Testing

/// What a way of changing the mode leaves behind, as Azure, the API server and the storage show it.
struct Outcome {
    /// GET of the managed cluster and of the vault, without what differs between any two sandboxes.
    var cluster: JSONValue
    var vault: JSONValue
    /// The vault's network settings in the order in which they came to be.
    var access: [String]
    /// How the updates of the cluster ended.
    var operations: [String]
    /// The private endpoint connections of the vault by their state.
    var connections: [String]
    /// What the API server shows of each Secret, by namespace and name.
    var secrets: [String: JSONValue]
    var stored: Stored

    /// How Secrets lie in storage.
    struct Stored: Equatable {
        var plaintext: Int64
        var encryptedByKey: [String: Int64]
    }

    static func read(_ sandbox: SandboxProcess, _ plugin: Plugin, _ az: Az) async throws -> Outcome {
        let cluster = try await az.json(
            "rest", "--method", "get", "--url",
            "/subscriptions/{subscriptionId}/resourceGroups/\(sandbox.resourceGroup)/providers/Microsoft.ContainerService"
                + "/managedClusters/\(sandbox.cluster)?api-version=2026-06-01")
        let vault = try await az.json(
            "rest", "--method", "get", "--url", "\(sandbox.vaultID)?api-version=2026-02-01")
        let state = try await sandbox.state()
        let normalize = Normalization(sandbox)
        let connections = vault?[path: "properties", "privateEndpointConnections"]?.array ?? []
        return Outcome(
            cluster: normalize(try #require(cluster)), vault: normalize(try #require(vault)),
            access: state.vaultHistory().map(\.value), operations: state.operations.map(\.status),
            connections: connections.map {
                $0[path: "properties", "privateLinkServiceConnectionState", "status"]?.string ?? ""
            },
            secrets: try await secrets(plugin), stored: stored(state, normalize))
    }

    static func stored(_ state: SandboxState, _ sandbox: SandboxProcess) -> Stored {
        stored(state, Normalization(sandbox))
    }

    private static func stored(_ state: SandboxState, _ normalize: Normalization) -> Stored {
        let keys = state.document[path: "storedSecrets", "encryptedByKey"]?.object ?? [:]
        return Stored(
            plaintext: state.plaintext,
            encryptedByKey: Dictionary(
                uniqueKeysWithValues: keys.map { (normalize.text($0.key), $0.value.integer ?? -1) }))
    }

    private static func secrets(_ plugin: Plugin) async throws -> [String: JSONValue] {
        let listed = try await plugin.kubectl(["get", "secrets", "--all-namespaces", "-o", "json"])
        let items = try #require(listed.json?["items"]?.array, "\(listed.testDescription)")
        return Dictionary(
            uniqueKeysWithValues: items.map { item in
                let metadata = item["metadata"]
                return (
                    "\(metadata?["namespace"]?.string ?? "")/\(metadata?["name"]?.string ?? "")",
                    .object([
                        "data": item["data"] ?? .null, "type": item["type"] ?? .null,
                        "labels": metadata?["labels"] ?? .null,
                    ])
                )
            })
    }
}
