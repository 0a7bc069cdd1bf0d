package import Azure
package import JSON

/// `securityProfile.azureKeyVaultKms`.
///
/// After KMS was turned off the other members may be kept, empty or gone, so nothing may rest on them then.
package struct KMSProfile: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue

    /// Whether KMS is on, or is being turned on: the wish, not the state.
    package var isEnabled: Bool { document["enabled"]?.bool == true }
    /// As ARM gives it; empty reads as nil.
    package var keyID: String? { nonEmpty("keyId") }
    /// Nil when absent or of a value that is not known.
    package var mode: NetworkMode? { nonEmpty("keyVaultNetworkAccess").flatMap(NetworkMode.init(anyCase:)) }
    /// May be present for Public as well; empty reads as nil.
    package var keyVaultResourceID: String? { nonEmpty("keyVaultResourceId") }

    private func nonEmpty(_ member: String) -> String? {
        document[member]?.string.flatMap { $0.isEmpty ? nil : $0 }
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
