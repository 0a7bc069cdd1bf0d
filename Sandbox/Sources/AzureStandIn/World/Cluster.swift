import ClusterModel
import Foundation

/// A managed cluster: the resource as ARM shows it, and what ARM does not show.
struct Cluster: Sendable {
    var id: ResourceID
    /// The resource without `id`, `name`, `type` and `eTag`.
    var resource: JSON
    var etag: String
    /// Members of `properties` that only preview api-versions show.
    var previewProperties: JSON = [:]
    /// The operation in progress.
    var operation: String?
    var lastOperation: String?
    /// The cluster that stands behind the sandbox; others exist on paper only.
    var hasBackend: Bool
    var isDeleted = false
    var maintenance: [MaintenanceConfiguration] = []

    var provisioningState: String {
        get { resource[path: ["properties", "provisioningState"]]?.string ?? "" }
        set {
            resource[path: ["properties", "provisioningState"]] = .string(newValue)
            let pools = resource[path: ["properties", "agentPoolProfiles"]]?.array ?? []
            resource[path: ["properties", "agentPoolProfiles"]] = .array(
                pools.map { $0.merging(["provisioningState": .string(newValue)]) })
        }
    }

    var kms: JSON? {
        get { resource[path: ["properties", "securityProfile", "azureKeyVaultKms"]] }
        set { resource[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = newValue }
    }

    var isKMSOn: Bool { kms?["enabled"]?.bool ?? false }
    var keyID: String { kms?["keyId"]?.string ?? "" }
    var networkAccess: NetworkPath? { kms?["keyVaultNetworkAccess"]?.string.flatMap(NetworkPath.init(rawValue:)) }
    var isVNetIntegrated: Bool {
        resource[path: ["properties", "apiServerAccessProfile", "enableVnetIntegration"]]?.bool ?? false
    }
    var location: String { resource["location"]?.string ?? "" }
    var nodeResourceGroup: String { resource[path: ["properties", "nodeResourceGroup"]]?.string ?? "" }
    var usesNewKMS: Bool {
        previewProperties[
            path: ["securityProfile", "kubernetesResourceObjectEncryptionProfile", "infrastructureEncryption"]
        ]?.string == "Enabled"
    }

    var profile: KMSProfile {
        KMSProfile(enabled: isKMSOn, keyID: keyID, networkPath: networkAccess ?? .publicEndpoint)
    }

    /// The object id of the user-assigned identity, `nil` if there is none.
    var identityObjectID: String? {
        guard resource[path: ["identity", "type"]]?.string == "UserAssigned" else { return nil }
        return resource[path: ["identity", "userAssignedIdentities"]]?.object?.values.first?["principalId"]?.string
    }

    var vaultID: ResourceID? { kms?["keyVaultResourceId"]?.string.flatMap(ResourceID.init) }

    mutating func renewETags() {
        etag = UUID().uuidString.lowercased()
        let pools = resource[path: ["properties", "agentPoolProfiles"]]?.array ?? []
        resource[path: ["properties", "agentPoolProfiles"]] = .array(
            pools.map { $0.merging(["eTag": .string(UUID().uuidString.lowercased())]) })
    }

    /// The answer to a GET; stable api-versions do not show what only preview ones know.
    func answer(isPreview: Bool) -> JSON {
        var shown = resource
        if isPreview, let properties = shown["properties"] {
            shown["properties"] = properties.merging(previewProperties)
        }
        shown["id"] = .string(id.asAKSWritesIt)
        shown["name"] = .string(id.name)
        shown["type"] = "Microsoft.ContainerService/ManagedClusters"
        shown["eTag"] = .string(etag)
        return shown
    }
}

/// When AKS may do planned maintenance; the sandbox keeps it and does none.
struct MaintenanceConfiguration: Sendable {
    var name: String
    var properties: JSON
}

/// An asynchronous operation of the AKS resource provider.
struct Operation: Sendable {
    var id: String
    var cluster: ResourceID
    var status = "InProgress"
    var started: Date
    var ended: Date?
    var error: JSON?
    var isAborted = false
}
