import Foundation

/// What a PUT's body makes of a managed cluster.
extension StandIn {
    /// What the version knows is as the body says, what it does not know stays (recorded 2023 to 2025: 236 of 236
    /// members), and so does what only the service sets.
    func updated(_ cluster: Cluster, with given: JSON, by version: String) throws -> Cluster {
        guard given["location"]?.string != nil else {
            throw AzureError.arm(400, "LocationRequired", "The location property is required for this definition.")
        }
        guard given["location"]?.string?.lowercased() == cluster.location.lowercased() else {
            throw AzureError.arm(
                409, "InvalidResourceLocation",
                "The resource '\(cluster.id.name)' already exists in location '\(cluster.location)'.")
        }
        let body = try known(given, to: version)
        guard var properties = body["properties"], properties.object != nil else { throw AzureError.invalidBody }
        let old = cluster.resource["properties"] ?? [:]
        for name in Self.readOnly { properties[name] = old[name] }
        // Recorded, 207 to 1,070 cases each: left out or sent in part, they stay.
        for name in ["storageProfile", "controlPlanePluginProfiles"] {
            properties[name] = (old[name] ?? [:]).merging(properties[name] ?? [:])
        }
        for name in Self.keptIfLeftOut where properties[name]?.object?.isEmpty ?? (properties[name] == nil) {
            properties[name] = old[name]
        }
        // Recorded 2023: what is left out of it is Azure's default again.
        if old["autoScalerProfile"] != nil || properties["autoScalerProfile"] != nil {
            properties["autoScalerProfile"] = Self.defaultAutoScaler.merging(properties["autoScalerProfile"] ?? [:])
        }
        properties = Self.keepingReadOnly(of: old, in: properties)
        properties["agentPoolProfiles"] = try Self.pools(properties["agentPoolProfiles"], over: old)
        var next = cluster
        var asked = body
        for name in ["id", "name", "type", "eTag", "systemData"] { asked[name] = nil }
        asked["properties"] = properties
        for name in ["kind", "sku"] where asked[name] == nil { asked[name] = cluster.resource[name] }
        asked["identity"] = identity(body["identity"]) ?? cluster.resource["identity"]
        next.resource = MemberModel.managedCluster.replacing(cluster.resource, with: asked, by: version) ?? asked
        try keepNewKMS(of: cluster, in: &next, given: body, by: version)
        return next
    }

    /// The members that the version knows. Others are refused since 2024-01-01 (Azure/AKS#4060), and ignored before
    /// (inferred from that).
    private func known(_ body: JSON, to version: String) throws -> JSON {
        guard version.prefix(10) >= "2024-01-01" else { return MemberModel.managedCluster.shown(body, to: version) }
        if let name = MemberModel.managedCluster.unknownName(in: body, to: version) {
            throw AzureError.unknownMember(name)
        }
        return body
    }

    private static let readOnly = [
        "provisioningState", "powerState", "maxAgentPools", "currentKubernetesVersion", "fqdn", "privateFQDN",
        "azurePortalFQDN", "resourceUID", "nodeResourceGroup", "dnsPrefix", "status",
    ]
    private static let keptIfLeftOut = ["oidcIssuerProfile", "servicePrincipalProfile", "supportPlan"]
    private static let readOnlyPaths = [
        ["networkProfile", "loadBalancerProfile", "effectiveOutboundIPs"],
        ["networkProfile", "natGatewayProfile", "effectiveOutboundIPs"], ["oidcIssuerProfile", "issuerURL"],
        ["ingressProfile", "webAppRouting", "identity"], ["apiServerAccessProfile", "privateClusterVersion"],
    ]
    private static let defaultAutoScaler =
        RichCluster(description: WorldDescription(), name: "").properties["autoScalerProfile"] ?? [:]

    /// What az and others leave out, since only the service sets it.
    private static func keepingReadOnly(of old: JSON, in properties: JSON) -> JSON {
        var next = properties
        for path in readOnlyPaths
        where old[path: path] != nil && next[path: Array(path.dropLast())]?.object != nil {
            next[path: path] = old[path: path]
        }
        for name in next["addonProfiles"]?.object?.keys.sorted() ?? [] {
            next[path: ["addonProfiles", name, "identity"]] = old[path: ["addonProfiles", name, "identity"]]
        }
        return next
    }

    private static func pools(_ given: JSON?, over old: JSON) throws -> JSON {
        let before = old["agentPoolProfiles"]?.array ?? []
        guard let given = given?.array, !given.isEmpty else {
            throw AzureError.aks(
                400, "InvalidParameter", "The value of parameter agentPoolProfiles is invalid.",
                target: "agentPoolProfiles")
        }
        return .array(
            given.map { pool in
                let mine = before.first { $0["name"] == pool["name"] } ?? [:]
                var kept = pool
                for name in Self.readOnlyOfPools { kept[name] = mine[name] }
                return kept
            })
    }

    private static let readOnlyOfPools = [
        "eTag", "currentOrchestratorVersion", "provisioningState", "nodeImageVersion", "virtualMachineNodesStatus",
    ]

    /// Fills in the ids of the user-assigned identities, which a PUT leaves empty.
    private func identity(_ given: JSON?) -> JSON? {
        guard var identity = given else { return nil }
        for name in identity["userAssignedIdentities"]?.object?.keys.sorted() ?? [] {
            guard let id = ResourceID(name), let known = world.identities[id]?["properties"] else { continue }
            identity[path: ["userAssignedIdentities", name]] = [
                "clientId": known["clientId"] ?? "", "principalId": known["principalId"] ?? "",
            ]
        }
        return identity
    }
}
