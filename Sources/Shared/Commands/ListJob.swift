import Azure
package import AzureResources
package import Connections
package import Console
import Journal
import ModeSwitch
import Text

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
    /// `publicNetworkAccess` of the key's vault; empty where it was not found or not asked for.
    package var vaultAccess = ""
    /// The run of this machine that is not finished; nil when there is none.
    package var unfinishedRun: String?
}

extension ListedCluster {
    /// Of the key in use; none of a key that Azure keeps beside its own.
    fileprivate var vaultHost: String? {
        switch encryption {
        case .legacyOn, .customerKeyPublic, .customerKeyPrivate: (try? KeyIdentifier(parsing: keyID))?.vaultAuthority
        case .legacyOff, .platformManaged, .unknown: nil
        }
    }

    /// Vault, key and the first characters of the version: enough to tell one from another.
    fileprivate var shortKey: String {
        guard let key = try? KeyIdentifier(parsing: keyID) else { return keyID }
        let version = key.version.map { "/" + $0.prefix(8) } ?? ""
        return "\(key.vaultName)/\(key.name)\(version)"
    }

    init(_ cluster: ManagedCluster) {
        let profile = cluster.kmsProfile
        let encryption = cluster.encryption
        self.init(
            name: cluster.name, resourceGroup: cluster.id.resourceGroup, subscription: cluster.id.subscription,
            kmsEnabled: profile.enabled, kmsMode: profile.enabled ? profile.mode.rawValue : "",
            keyID: profile.keyID, provisioningState: cluster.provisioningState ?? "unknown",
            newKMSExperience: encryption.isNewExperience, encryption: encryption.state,
            encryptionNote: encryption.note)
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
                $0.name, $0.resourceGroup, $0.encryption.rawValue, $0.kmsMode, $0.shortKey, $0.vaultAccess,
                $0.provisioningState, $0.subscription,
            ]
        }
        let titles = ["NAME", "RESOURCE GROUP", "KMS", "MODE", "KEY", "VAULT", "STATE", "SUBSCRIPTION"]
        var sections: [Section] = [.table(Table(titles, rows: rows, optional: [7, 6, 1]))]
        for cluster in clusters {
            guard let run = cluster.unfinishedRun else { continue }
            sections.append(
                .text("\(cluster.name.printable()): run \(run.printable(limit: 64)) of this machine is not finished."))
        }
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
    /// Nil where the vaults and this machine's runs are not asked for.
    let surroundings: Surroundings?

    package init(_ azure: AzureConnection, _ surroundings: Surroundings?) {
        self.azure = azure
        self.surroundings = surroundings
    }

    /// - Parameter named: the one subscription that was asked for; nil for all.
    /// - Throws: why nothing could be read.
    package func read(only named: String?) async throws(ARMError) -> ListResult {
        let search = try await azure.clusters(only: named)
        var clusters = search.found.map(ListedCluster.init)
        if let surroundings {
            let access = await vaultAccess(of: clusters)
            for index in clusters.indices {
                clusters[index].vaultAccess = clusters[index].vaultHost.flatMap { access[$0] } ?? ""
                clusters[index].unfinishedRun = unfinishedRun(of: clusters[index], surroundings)
            }
        }
        return ListResult(clusters: clusters, unreadable: search.unreadable, notSearched: search.elsewhere)
    }

    /// Requests to ARM at a time: its read limits are per caller.
    private static let requestsAtOnce = 6

    /// What each vault lets in, by its host. A vault is looked for where its clusters are.
    private func vaultAccess(of clusters: [ListedCluster]) async -> [String: String] {
        var places: [String: (key: KeyIdentifier, subscriptions: Set<String>)] = [:]
        for cluster in clusters {
            guard let host = cluster.vaultHost, let key = try? KeyIdentifier(parsing: cluster.keyID) else { continue }
            places[host, default: (key, [])].subscriptions.insert(cluster.subscription)
        }
        var waiting = places.sorted { $0.key < $1.key }[...]
        return await withTaskGroup(of: (String, String?).self) { group in
            func start() {
                guard let (host, place) = waiting.popFirst() else { return }
                group.addTask { [azure] in
                    let found = await Vaults(arm: azure.arm).find(
                        ownerOf: place.key, in: place.subscriptions.sorted())
                    return (host, found.found.first?.shownAccess)
                }
            }
            for _ in 0..<Self.requestsAtOnce { start() }
            var access: [String: String] = [:]
            for await (host, found) in group {
                access[host] = found
                start()
            }
            return access
        }
    }

    private func unfinishedRun(of cluster: ListedCluster, _ surroundings: Surroundings) -> String? {
        let folder = JournalFile.stateHome(environment: surroundings.environment, home: surroundings.home ?? "/")
        let file = JournalFile(
            stateHome: folder, subscription: cluster.subscription, resourceGroup: cluster.resourceGroup,
            cluster: cluster.name)
        guard let record = (try? file.load()) ?? nil, record.isUnfinished else { return nil }
        return record.intent.runID
    }
}
