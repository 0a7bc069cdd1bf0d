import Azure
package import JSON

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

/// One entry of `agentPoolProfiles`.
package struct AgentPool: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue

    /// The pool's name.
    package var name: String { document["name"]?.string ?? "" }
    /// As of a cluster.
    package var provisioningState: String? { document["provisioningState"]?.string }
}
