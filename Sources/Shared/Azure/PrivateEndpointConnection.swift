/// A private endpoint's connection to a vault.
package struct PrivateEndpointConnection: Sendable, Hashable {
    /// The ARM id of the connection itself.
    package var id: String
    /// `privateLinkServiceConnectionState.status`: `Approved`, `Pending`, `Rejected` or `Disconnected`.
    package var status: String
    /// The private endpoint; nil when ARM names none.
    package var endpoint: AzureResourceID?

    package init(id: String, status: String, endpoint: AzureResourceID? = nil) {
        self.id = id
        self.status = status
        self.endpoint = endpoint
    }

    /// Whether AKS made the endpoint for a cluster: it lies in the cluster's node resource group (Azure/AKS#3542). Two
    /// subscriptions may have a group of that name.
    package func isInNodeGroup(_ group: String, of cluster: AzureResourceID) -> Bool {
        guard let endpoint else { return false }
        return endpoint.resourceGroup.lowercased() == group.lowercased()
            && endpoint.subscription.lowercased() == cluster.subscription.lowercased()
    }
}
