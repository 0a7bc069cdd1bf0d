package import AzureResources
import Text

/// The clusters of the subscriptions that could be read, and where nobody has looked.
package struct ClusterSearch: Sendable {
    package var found: [ManagedCluster]
    /// How many subscriptions were read.
    package var searched: Int
    /// Subscriptions that could not be read, and why.
    package var unreadable: [String]
    /// Subscriptions of other tenants, which were not asked: name and id of each.
    package var elsewhere: [String]

    /// What to do where the cluster is not among those found; begins without a capital.
    var advice: String {
        let name = "name it with --subscription, -g and --name"
        guard !elsewhere.isEmpty else { return name }
        let shown = elsewhere.prefix(5).joined(separator: ", ") + (elsewhere.count > 5 ? ", ..." : "")
        return name + ": subscriptions of other tenants were not searched (\(shown.onOneLine()))"
    }
}
