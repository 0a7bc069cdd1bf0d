import Azure
package import AzureResources
package import Console
import ModeSwitch

/// What `list` shows of one cluster.
package struct ListedCluster: Sendable, Codable, Hashable {
    package var name: String
    package var resourceGroup: String
    package var subscription: String
    package var kmsEnabled: Bool
    package var kmsMode: String
    package var keyID: String
    package var provisioningState: String
    package var newKMSExperience: Bool
    package var encryption: ClusterEncryption.State
    /// What the API version in use does not show; nil when it shows all.
    package var encryptionNote: String?
}

extension ListedCluster {
    /// Vault, key and the first characters of the version: enough to tell one from another.
    fileprivate var shortKey: String {
        guard let key = try? KeyIdentifier(parsing: keyID) else { return keyID }
        let version = key.version.map { "/" + $0.prefix(8) } ?? ""
        return "\(key.vaultName)/\(key.name)\(version)"
    }

    init(_ cluster: ManagedCluster) {
        let profile = LiveObserver.profile(cluster)
        let encryption = cluster.encryption
        self.init(
            name: cluster.name, resourceGroup: cluster.id.resourceGroup, subscription: cluster.id.subscription,
            kmsEnabled: profile.enabled, kmsMode: profile.enabled ? profile.mode.rawValue : "",
            keyID: profile.keyID, provisioningState: cluster.provisioningState ?? "unknown",
            newKMSExperience: encryption.isNewExperience, encryption: encryption.state,
            encryptionNote: encryption.doubt)
    }
}

/// The KMS mode of every cluster.
package struct ListResult: Presentable {
    package var clusters: [ListedCluster]
    /// Subscriptions that could not be read, and why.
    package var unreadable: [String]
    /// Subscriptions of other tenants, which were not asked: name and id of each.
    package var notSearched: [String] = []

    package var lineItems: [any Encodable & Sendable]? { clusters }

    package var sections: [Section] {
        let rows = clusters.map {
            [
                $0.name, $0.resourceGroup, $0.encryption.rawValue, $0.kmsMode, $0.shortKey, $0.provisioningState,
                $0.subscription,
            ]
        }
        let titles = ["NAME", "RESOURCE GROUP", "KMS", "MODE", "KEY", "STATE", "SUBSCRIPTION"]
        var sections: [Section] = [.table(Table(titles, rows: rows, optional: [6, 5, 1]))]
        for note in Set(clusters.compactMap(\.encryptionNote)).sorted() { sections.append(.text(note)) }
        if !unreadable.isEmpty { sections.append(.text("Not readable:\n" + unreadable.joined(separator: "\n"))) }
        if !notSearched.isEmpty {
            let names = notSearched.joined(separator: "\n")
            sections.append(
                .text("Not searched, being of other tenants (list --subscription ID looks into one):\n" + names))
        }
        return sections
    }
}

/// Lists the clusters of the subscriptions that can be read; changes nothing.
package struct ListJob: Sendable {
    let azure: AzureConnection

    package init(_ azure: AzureConnection) { self.azure = azure }

    /// - Parameter named: the one subscription that was asked for; nil for all.
    /// - Throws: why nothing could be read.
    package func read(only named: String?) async throws(ARMError) -> ListResult {
        let search = try await azure.clusters(only: named)
        return ListResult(
            clusters: search.found.map(ListedCluster.init), unreadable: search.unreadable,
            notSearched: search.elsewhere)
    }
}
