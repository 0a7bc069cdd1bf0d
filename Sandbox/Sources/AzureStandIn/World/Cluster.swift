import ClusterModel
import Foundation

/// A managed cluster: the resource as ARM shows it, and what ARM does not show.
struct Cluster: Sendable {
    var id: ResourceID
    /// The resource without `id`, `name`, `type` and `eTag`, with the members of all api-versions.
    var resource: JSON
    var etag: String
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
    var networkAccess: NetworkPath? { kms?["keyVaultNetworkAccess"]?.string.flatMap(NetworkPath.init(mode:)) }
    var isVNetIntegrated: Bool {
        resource[path: ["properties", "apiServerAccessProfile", "enableVnetIntegration"]]?.bool ?? false
    }
    var location: String { resource["location"]?.string ?? "" }
    var nodeResourceGroup: String { resource[path: ["properties", "nodeResourceGroup"]]?.string ?? "" }
    static let newKMSPath = ["properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile"]
    /// Whether the cluster is on the newer experience of KMS, from which there is no way back.
    var usesNewKMS: Bool {
        resource[path: Self.newKMSPath + ["infrastructureEncryption"]]?.string == "Enabled"
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

    /// The answer to a GET of an api-version, which is shown what it knows.
    func answer(to version: String, withETags: Bool = true) -> JSON {
        var whole = resource
        whole["id"] = .string(id.asAKSWritesIt)
        whole["name"] = .string(id.name)
        whole["type"] = "Microsoft.ContainerService/ManagedClusters"
        if withETags {
            whole["eTag"] = .string(etag)
        } else {
            let pools = whole[path: ["properties", "agentPoolProfiles"]]?.array ?? []
            whole[path: ["properties", "agentPoolProfiles"]] = .array(
                pools.map { pool in
                    var bare = pool
                    bare["eTag"] = nil
                    return bare
                })
        }
        return MemberModel.managedCluster.shown(whole, to: version)
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
