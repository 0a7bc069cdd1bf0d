package import Azure
package import JSON

/// An AKS cluster as ARM describes it: the whole document, of which the members that matter here have names.
///
/// A missing member, or one of another type than documented, reads as nil. Only what identifies the cluster is
/// required. Source: the API's model 2026-07-01.
package struct ManagedCluster: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue
    /// The cluster's id.
    package let id: AzureResourceID
    /// The API version by which it was read, and by which alone it may be written.
    package let apiVersion: String
    /// Which of the five states of KMS the cluster is in.
    package private(set) var encryption: ClusterEncryption

    /// Refuses a document that is not a managed cluster with properties.
    package init(_ document: JSONValue, apiVersion: String = ClusterAPIVersion.preferred) throws(JSONError) {
        guard let text = document["id"]?.string,
            let id = try? AzureResourceID(parsing: text, type: "Microsoft.ContainerService/managedClusters")
        else { throw JSONError("the document has no id of a managed cluster") }
        guard document["properties"]?.object != nil else { throw JSONError("the cluster has no properties") }
        self.document = document
        self.id = id
        self.apiVersion = apiVersion
        encryption = ClusterEncryption(document[path: "properties", "securityProfile"], apiVersion: apiVersion)
    }

    /// The same cluster with the state that a version shows which is only for looking: a preview, by which nothing is
    /// written. It counts while both show the same profile.
    func told(by look: ManagedCluster) -> ManagedCluster {
        guard look.id == id, look.resourceUID == resourceUID, look.kmsDocument == kmsDocument else { return self }
        var cluster = self
        cluster.encryption = look.encryption
        return cluster
    }

    private var properties: JSONValue { document["properties"] ?? .object([:]) }

    /// Its name.
    package var name: String { document["name"]?.string ?? id.name }
    /// Changes with every finished change, and not while an operation is under way. Without quotes.
    package var eTag: String? { document["eTag"]?.string }
    /// Tells a cluster from a later one of the same name.
    package var resourceUID: String? { properties["resourceUID"]?.string }

    /// `Succeeded`, `Updating`, `Failed`, `Canceled`, ...: a set that Azure extends.
    package var provisioningState: String? { properties["provisioningState"]?.string }
    /// `Running` or `Stopped`.
    package var powerState: String? { properties[path: "powerState", "code"]?.string }

    /// The API server's public name.
    package var fqdn: String? { properties["fqdn"]?.string }
    /// Its name within the network, of a private cluster.
    package var privateFQDN: String? { properties["privateFQDN"]?.string }
    /// Its name for the portal.
    package var azurePortalFQDN: String? { properties["azurePortalFQDN"]?.string }
    /// The resource group of nodes and of AKS's private endpoints.
    package var nodeResourceGroup: String? { properties["nodeResourceGroup"]?.string }

    /// Every host name under which the API server is known, lower case.
    package var apiServerHosts: Set<String> {
        Set([fqdn, privateFQDN, azurePortalFQDN].compactMap { $0?.lowercased() }.filter { !$0.isEmpty })
    }

    /// API Server VNet Integration, which a private vault needs.
    package var hasVNetIntegration: Bool {
        properties[path: "apiServerAccessProfile", "enableVnetIntegration"]?.bool == true
    }

    /// The KMS profile; nil on a cluster that never had one.
    package var kms: ShownKMSProfile? { kmsDocument.map { ShownKMSProfile($0) } }

    /// The same with all its members.
    var kmsDocument: JSONValue? {
        properties[path: "securityProfile", "azureKeyVaultKms"].flatMap { $0.object == nil ? nil : $0 }
    }

    /// Why the last operation failed; kept by ARM until the next one.
    package var provisioningError: ARMError? {
        guard let error = properties[path: "status", "provisioningError"], error.object != nil else { return nil }
        return ARMError(errorObject: error, action: "the last operation on \(id.name)")
    }

    /// The control plane's identity.
    package var identity: ClusterIdentity { ClusterIdentity(document["identity"]) }

    /// Its node pools, in order.
    package var agentPools: [AgentPool] {
        (properties["agentPoolProfiles"]?.array ?? []).map { AgentPool($0) }
    }

    /// Node pools with an operation under way, such as `nodepool1: Upgrading`.
    package var busyPools: [String] {
        agentPools.filter(\.isAtWork).map { "\($0.name): \($0.provisioningState)" }
    }
}
