import Azure
import JSON

extension ShownKMSProfile {
    /// Reads `securityProfile.azureKeyVaultKms`; what is of another type than documented reads as absent.
    init(_ document: JSONValue) {
        self.init(
            enabled: document["enabled"]?.bool == true, keyID: document["keyId"]?.string ?? "",
            mode: document["keyVaultNetworkAccess"]?.string.flatMap(NetworkMode.init(anyCase:)),
            vaultID: document["keyVaultResourceId"]?.string ?? "")
    }
}

/// The identity of a cluster's control plane. KMS needs a user-assigned one.
package enum ClusterIdentity: Sendable, Hashable {
    /// One identity that was assigned.
    package struct UserAssigned: Sendable, Hashable {
        /// The object id that roles and policies name.
        package let principalID: String?
    }

    case userAssigned([UserAssigned])
    case systemAssigned(principalID: String?)
    /// A service principal, or a type that is not known.
    case other(String)

    init(_ document: JSONValue?) {
        let type = document?["type"]?.string ?? ""
        switch type.lowercased() {
        case "userassigned":
            let entries = document?["userAssignedIdentities"]?.object ?? [:]
            self = .userAssigned(
                entries.sorted { $0.key < $1.key }.map {
                    UserAssigned(principalID: $0.value["principalId"]?.string)
                })
        case "systemassigned": self = .systemAssigned(principalID: document?["principalId"]?.string)
        default: self = .other(type)
        }
    }
}

extension AgentPool {
    /// Reads an entry of `agentPoolProfiles`; what is of another type than documented reads as empty.
    init(_ document: JSONValue) {
        self.init(
            name: document["name"]?.string ?? "", provisioningState: document["provisioningState"]?.string ?? "",
            count: document["count"]?.integer.flatMap { Int(exactly: $0) } ?? 0,
            autoscaling: document["enableAutoScaling"]?.bool == true)
    }
}
