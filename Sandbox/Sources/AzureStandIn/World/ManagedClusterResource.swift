import Foundation

extension WorldDescription {
    /// A managed cluster with the members of the recordings of 2022 and 2025.
    func managedCluster(
        name: String, fqdn: String, suffix: String, hasBackend: Bool, mode override: String? = nil
    ) -> Cluster {
        let id = ResourceID(
            subscription: subscriptionID, group: resourceGroup, type: clusterID.type, name: name)
        var cluster = Cluster(
            id: id, resource: resource(name: name, fqdn: fqdn), etag: UUID().uuidString.lowercased(),
            hasBackend: hasBackend)
        let mode = override ?? mode
        guard mode != "Off", let vault = vaults.first?.name else { return cluster }
        var kms: JSON = [
            "enabled": true, "keyId": .string(keyID(vault: vault, suffix: suffix)),
            "keyVaultNetworkAccess": .string(mode),
        ]
        if mode == "Private" { kms["keyVaultResourceId"] = .string(vaultID(vault).description) }
        cluster.kms = kms
        return cluster
    }

    private func resource(name: String, fqdn: String) -> JSON {
        var properties = Self.constants
        properties["provisioningState"] = "Succeeded"
        properties["kubernetesVersion"] = .string(kubernetesVersion)
        properties["currentKubernetesVersion"] = .string(kubernetesVersion)
        properties["dnsPrefix"] = .string("\(name)-dns")
        properties["fqdn"] = .string(fqdn)
        properties["azurePortalFQDN"] = .string("\(name)-dns-a1b2c3d4.portal.hcp.\(location).azmk8s.io")
        properties["nodeResourceGroup"] = .string(nodeResourceGroup)
        properties["resourceUID"] = .string(
            KeyMaterial.derive("uid/" + name).prefix(12).map { String($0, radix: 16) }.joined())
        properties[path: ["identityProfile", "kubeletidentity"]] = [
            "resourceId": .string(
                "/subscriptions/\(subscriptionID)/resourcegroups/\(nodeResourceGroup)"
                    + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/\(name)-agentpool"),
            "clientId": "405182a3-5d7f-4e90-81b2-ad4e5f607005", "objectId": "516293b4-6e80-4fa1-92c3-be5f60718006",
        ]
        properties["agentPoolProfiles"] = .array([pool("nodepool1"), pool("nodepool2")])
        var access: JSON = ["enablePrivateCluster": false]
        if isVNetIntegrated {
            access["enableVnetIntegration"] = true
            access["subnetId"] = ""
        }
        properties["apiServerAccessProfile"] = access
        if self.access != .local {
            // As az aks show has it for a cluster with AKS-managed Entra integration (documentation, "managed-azure-ad").
            properties["aadProfile"] = [
                "managed": true, "enableAzureRBAC": false, "adminGroupObjectIDs": [.string(Self.adminGroup)],
                "tenantID": .string(tenantID),
            ]
        }
        properties["disableLocalAccounts"] = .bool(self.access == .entraOnly)
        return [
            "location": .string(location), "kind": "Base", "tags": ["env": "sandbox"], "properties": properties,
            "identity": [
                "type": "UserAssigned",
                "userAssignedIdentities": [
                    identityID.description: [
                        "clientId": "3f507182-4c6e-4d8f-b0a1-9c3d4e5f6004",
                        "principalId": .string(Self.identityObjectID),
                    ]
                ],
            ],
            "sku": ["name": "Base", "tier": "Standard"],
        ]
    }

    private func pool(_ name: String) -> JSON {
        [
            "name": .string(name), "count": 2, "vmSize": "Standard_D2s_v5", "osDiskSizeGB": 128,
            "osDiskType": "Managed", "kubeletDiskType": "OS", "maxPods": 110, "type": "VirtualMachineScaleSets",
            "enableAutoScaling": false, "provisioningState": "Succeeded", "powerState": ["code": "Running"],
            "orchestratorVersion": .string(kubernetesVersion),
            "currentOrchestratorVersion": .string(kubernetesVersion), "enableNodePublicIP": false,
            "mode": .string(name == "nodepool1" ? "System" : "User"), "osType": "Linux", "osSKU": "Ubuntu",
            "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202610.05.0", "upgradeSettings": ["maxSurge": "10%"],
            "enableFIPS": false, "eTag": .string(UUID().uuidString.lowercased()),
        ]
    }

    /// Entra's group whose members administrate the cluster.
    static let adminGroup = "6a1f2d43-9b5c-4e70-8d21-c3b4a5968077"

    private static let constants: JSON = [
        "powerState": ["code": "Running"], "maxAgentPools": 100, "enableRBAC": true,
        "supportPlan": "KubernetesOfficial", "disableLocalAccounts": false,
        "servicePrincipalProfile": ["clientId": "msi"],
        "networkProfile": [
            "networkPlugin": "azure", "networkPluginMode": "overlay", "networkDataplane": "azure",
            "loadBalancerSku": "standard",
            "loadBalancerProfile": [
                "managedOutboundIPs": ["count": 1],
                "effectiveOutboundIPs": [
                    ["id": "/subscriptions/0/resourceGroups/MC/providers/Microsoft.Network/publicIPAddresses/out"]
                ],
                "backendPoolType": "nodeIPConfiguration",
            ],
            "podCidr": "10.244.0.0/16", "serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10",
            "outboundType": "loadBalancer", "podCidrs": ["10.244.0.0/16"], "serviceCidrs": ["10.0.0.0/16"],
            "ipFamilies": ["IPv4"],
        ],
        "autoUpgradeProfile": ["nodeOSUpgradeChannel": "NodeImage"],
        "securityProfile": ["workloadIdentity": ["enabled": true]],
        "storageProfile": [
            "diskCSIDriver": ["enabled": true], "fileCSIDriver": ["enabled": true],
            "snapshotController": ["enabled": true],
        ],
        "oidcIssuerProfile": ["enabled": true, "issuerURL": "https://oidc.sandbox.test/issuer/"],
        "workloadAutoScalerProfile": [:], "metricsProfile": ["costAnalysis": ["enabled": false]],
        "bootstrapProfile": ["artifactSource": "Direct"],
    ]
}
