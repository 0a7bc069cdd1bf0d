import Foundation

extension WorldDescription {
    /// A managed cluster as broad as the recorded ones of 2025, with the members of all api-versions.
    func managedCluster(_ plan: ClusterPlan, fqdn: String, suffix: String, hasBackend: Bool = true) -> Cluster {
        var cluster = Cluster(
            id: plan.id(in: self), resource: alone(plan).resource(plan, fqdn: fqdn),
            etag: UUID().uuidString.lowercased(),
            hasBackend: hasBackend)
        let start = plan.start
        if start.isNew { cluster.resource[path: Cluster.newKMSPath] = ["infrastructureEncryption": "Enabled"] }
        guard let vault = plan.vault else { return cluster }
        let versioned = keyID(vault: vault, suffix: suffix)
        let plain = versioned.split(separator: "/").dropLast().joined(separator: "/")
            .replacingOccurrences(of: "https:/", with: "https://")
        cluster.kms = start.kms(versioned: versioned, plain: plain, vault: vaultID(vault).description)
        return cluster
    }

    private func resource(_ plan: ClusterPlan, fqdn: String) -> JSON {
        let name = plan.name
        let rich = RichCluster(description: self, name: name)
        var properties = rich.properties
        properties["provisioningState"] = "Succeeded"
        properties["fqdn"] = .string(fqdn)
        properties["resourceUID"] = .string(
            KeyMaterial.derive("uid/" + name).prefix(12).map { String($0, radix: 16) }.joined())
        properties["agentPoolProfiles"] = .array(
            rich.pools.map {
                $0.merging(["provisioningState": "Succeeded", "eTag": .string(UUID().uuidString.lowercased())])
            })
        var access: JSON = ["enablePrivateCluster": false]
        if isVNetIntegrated {
            access["enableVnetIntegration"] = true
            access["subnetId"] = ""
        }
        properties["apiServerAccessProfile"] = access
        if self.access != .local {
            // As az aks show has it for a cluster with AKS-managed Entra integration (documentation,
            // "managed-azure-ad").
            properties["aadProfile"] = [
                "managed": true, "enableAzureRBAC": false, "adminGroupObjectIDs": [.string(Self.adminGroup)],
                "adminUsers": nil, "tenantID": .string(tenantID),
            ]
        }
        properties["disableLocalAccounts"] = .bool(self.access == .entraOnly)
        let shownTags = ["env": "sandbox"].merging(tags) { $1 }.mapValues { JSON.string($0) }
        return [
            "location": .string(location), "kind": "Base", "tags": .object(shownTags), "properties": properties,
            "identity": [
                "type": "UserAssigned",
                "userAssignedIdentities": [
                    identityID.description: [
                        "clientId": .string(plan.identityClientID),
                        "principalId": .string(plan.identityObjectID),
                    ]
                ],
            ],
            "sku": ["name": "Base", "tier": "Standard"],
        ]
    }

    /// Entra's group whose members administrate the cluster.
    static let adminGroup = "6a1f2d43-9b5c-4e70-8d21-c3b4a5968077"
}
