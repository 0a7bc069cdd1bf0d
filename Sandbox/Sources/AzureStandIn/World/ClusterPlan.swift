import Foundation

extension WorldDescription {
    /// A cluster besides the first, as a world file has it; what is left out is as for the first.
    public struct FurtherCluster: Sendable, Codable {
        public var name: String
        /// The state of KMS at the start, a `KMSStart`.
        public var mode: String?
        /// By default `kv-` and the cluster's name.
        public var vault: String?
        public var tags: [String: String]?
        public var resourceGroup: String?
        public var isVNetIntegrated: Bool?
        /// Secrets to begin with.
        public var seed: Int?

        public init(name: String) { self.name = name }
    }

    /// All that a managed cluster of the start is made by.
    public struct ClusterPlan: Sendable {
        public var name: String
        public var resourceGroup: String
        var start: KMSStart
        /// nil where the world has no vault.
        var vault: String?
        var tags: [String: String]
        var isVNetIntegrated: Bool
        /// nil: as many Secrets as every cluster gets.
        public var seed: Int?
        var identityObjectID: String
        var identityClientID: String

        func id(in world: WorldDescription) -> ResourceID {
            ResourceID(
                subscription: world.subscriptionID, group: resourceGroup,
                type: "Microsoft.ContainerService/managedClusters", name: name)
        }
    }

    /// The clusters of the start, the first before all others.
    public var plans: [ClusterPlan] {
        let first = ClusterPlan(
            name: cluster, resourceGroup: resourceGroup, start: KMSStart(rawValue: mode) ?? .legacyPublic,
            vault: vaults.first?.name, tags: tags, isVNetIntegrated: isVNetIntegrated,
            identityObjectID: Self.identityObjectID, identityClientID: "3f507182-4c6e-4d8f-b0a1-9c3d4e5f6004")
        return [first] + clusters.map(plan)
    }

    func plan(_ name: String) -> ClusterPlan? { plans.first { $0.name.lowercased() == name.lowercased() } }

    private func plan(_ further: FurtherCluster) -> ClusterPlan {
        ClusterPlan(
            name: further.name, resourceGroup: further.resourceGroup ?? resourceGroup,
            start: KMSStart(rawValue: further.mode ?? mode) ?? .legacyPublic,
            vault: further.vault ?? "kv-\(further.name)", tags: further.tags ?? tags,
            isVNetIntegrated: further.isVNetIntegrated ?? isVNetIntegrated, seed: further.seed,
            identityObjectID: Self.uuid("identity/\(further.name)"),
            identityClientID: Self.uuid("identity-client/\(further.name)"))
    }

    /// Why these clusters cannot stand side by side; nil if they can.
    public var refusal: String? {
        let names = plans.map { $0.name.lowercased() }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            return "two clusters are called '\(twice)'"
        }
        // What AKS takes for a name (azure-rest-api-specs, `resourceName`); folders are called so, too.
        if let strange = clusters.map(\.name).first(where: {
            $0.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?/) == nil
        }) {
            return "'\(strange)' is no name of a cluster"
        }
        let known = KMSStart.allCases.map(\.rawValue)
        if let strange = clusters.compactMap(\.mode).first(where: { !known.contains($0) }) {
            return "a cluster's mode is one of \(known.joined(separator: ", ")), not '\(strange)'"
        }
        return clusters.compactMap(\.seed).contains { $0 < 0 } ? "a cluster's seed is at least 0" : nil
    }

    /// The vaults of the file, and those that only clusters name: closed where every cluster on it was left so.
    var allVaults: [Vault] {
        var all = vaults
        for plan in plans {
            guard let name = plan.vault, !all.contains(where: { $0.name == name }) else { continue }
            let isClosed = plans.filter { $0.vault == name }.allSatisfy(\.start.closesVault)
            all.append(Vault(name: name, publicNetworkAccess: isClosed ? "Disabled" : "Enabled"))
        }
        return all
    }

    /// This description as if a planned cluster were its only one.
    func alone(_ plan: ClusterPlan) -> WorldDescription {
        var view = self
        view.cluster = plan.name
        view.resourceGroup = plan.resourceGroup
        view.isVNetIntegrated = plan.isVNetIntegrated
        view.tags = plan.tags
        view.clusters = []
        return view
    }

    /// Clusters `demo-2`, `demo-3`, … until there are so many, each with the vault `kv-demo-2`, … of its own; the first
    /// `sharing` of all use the first one's. Those that the file describes stay as they are.
    public mutating func addClusters(upTo count: Int, sharing: Int) {
        if tags.isEmpty { tags = ["ring": "canary"] }
        for number in stride(from: 2, through: count, by: 1) {
            let name = "\(cluster)-\(number)"
            let at = clusters.firstIndex { $0.name.lowercased() == name.lowercased() }
            var further = at.map { clusters[$0] } ?? FurtherCluster(name: name)
            if number <= sharing, further.vault == nil { further.vault = vaults.first?.name }
            if further.tags == nil { further.tags = ["ring": "prod"] }
            if let at { clusters[at] = further } else { clusters.append(further) }
        }
    }

    /// An id that is the same at every start.
    static func uuid(_ seed: String) -> String {
        let hex = KeyMaterial.derive(seed).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { String(hex.dropFirst($0).prefix($1 - $0)) }.joined(separator: "-")
    }
}
