import AzureStandIn

extension ReplayCase {
    /// Recordings of Azure's own clients.
    static let recorded: [ReplayCase] = [kmsEnable2022, vaultAccess2023, connections2024, credential2023]

    private static var kmsEnable2022: ReplayCase {
        var world = WorldDescription()
        world.subscriptionID = "00000000-0000-0000-0000-000000000000"
        world.resourceGroup = "clitest000001"
        world.cluster = "cliakstest000002"
        world.location = "westus2"
        world.kubernetesVersion = "1.22.11"
        world.mode = "Off"
        world.vaults = [.init(name: "cliakstestkv000003")]
        return ReplayCase(
            file: "kms_enable_public_2022", world: world,
            names: world.derivedNames(key: "dc786fbe234a4654b6ba2796f1b9a95a")
                + [("cliakstestidentity000004", "id-cliakstest000002")],
            laterStages: ["ProvisioningControlPlane", "ReconcilingDNS", "ReconcilingAddons"],
            gaps: gaps(
                "members of 2022 that AKS no longer has", "properties.enablePodSecurityPolicy",
                "properties.networkProfile.dockerBridgeCidr", "properties.agentPoolProfiles[].enableCustomCATrust")
                + gaps(
                    "members that this version has had only since then", "properties.autoUpgradeProfile",
                    "properties.workloadAutoScalerProfile", "properties.apiServerAccessProfile",
                    "properties.securityProfile.workloadIdentity", "properties.networkProfile.networkPluginMode",
                    "properties.agentPoolProfiles[].currentOrchestratorVersion")
                + gaps(
                    "the sandbox's cluster has more than this one had", "properties.addonProfiles",
                    "properties.autoScalerProfile", "properties.ingressProfile", "properties.windowsProfile",
                    "properties.securityProfile.defender", "properties.networkProfile.networkPolicy",
                    "properties.networkProfile.loadBalancerProfile.allocatedOutboundPorts",
                    "properties.networkProfile.loadBalancerProfile.idleTimeoutInMinutes",
                    "properties.agentPoolProfiles[].availabilityZones", "properties.agentPoolProfiles[].kubeletConfig",
                    "properties.agentPoolProfiles[].linuxOSConfig", "properties.agentPoolProfiles[].maxCount",
                    "properties.agentPoolProfiles[].minCount", "properties.agentPoolProfiles[].nodeLabels",
                    "properties.agentPoolProfiles[].nodeTaints", "properties.agentPoolProfiles[].scaleDownMode",
                    "properties.agentPoolProfiles[].tags")
                + gaps(
                    "this cluster had no pool of single machines", at: 0, "properties.agentPoolProfiles[].count",
                    "properties.agentPoolProfiles[].type")
                + gaps(
                    "this cluster had no tags and no surge", at: 0, "tags",
                    "properties.agentPoolProfiles[].upgradeSettings.maxSurge")
                + gaps("this cluster had no issuer", "properties.oidcIssuerProfile.issuerURL")
                + gaps(
                    "AKS leaves out a zero that az sent; the sandbox keeps what it does not know",
                    "properties.networkProfile.loadBalancerProfile.managedOutboundIPs.countIPv6")
                + gaps(
                    "addresses of operations are signed since 2024", at: 1, "header azure-asyncoperation?t",
                    "header azure-asyncoperation?c", "header azure-asyncoperation?s", "header azure-asyncoperation?h"))
    }

    private static var vaultAccess2023: ReplayCase {
        var world = WorldDescription()
        world.subscriptionID = "00000000-0000-0000-0000-000000000000"
        world.resourceGroup = "cli_test_keyvault_pna000001"
        world.tenantID = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a"
        world.location = "eastus2euap"
        world.mode = "Off"
        world.vaults = [.recorded("cli-test-kv3-pna-000004", access: "Disabled")]
        return ReplayCase(
            file: "keyvault_public_network_access_2023", world: world,
            gaps: gaps(
                "the sandbox creates no vaults: this one is there already", at: 1, "properties.provisioningState"))
    }

    private static var connections2024: ReplayCase {
        var world = WorldDescription()
        world.subscriptionID = "00000000-0000-0000-0000-000000000000"
        world.resourceGroup = "cli_test_keyvault_pec000001"
        world.tenantID = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a"
        world.location = "eastus2"
        world.mode = "Private"
        world.vaults = [.recorded("cli-test-kv-pec-000002", access: "Enabled")]
        return ReplayCase(
            file: "keyvault_pec_2024", world: world,
            gaps: gaps(
                "the sandbox's own policy is for the cluster's identity and for keys alone",
                "properties.accessPolicies[].permissions.storage",
                "properties.accessPolicies[].permissions.secrets[]",
                "properties.accessPolicies[].permissions.certificates[]")
                + gaps("this vault was made before az sent it", "properties.enableRbacAuthorization"))
    }

    private static var credential2023: ReplayCase {
        var world = WorldDescription()
        world.subscriptionID = "00000000-0000-0000-0000-000000000000"
        world.resourceGroup = "clitest000001"
        world.cluster = "cliakstest000001"
        return ReplayCase(file: "list_cluster_user_credential_2023", world: world)
    }
}

extension WorldDescription.Vault {
    /// As az made vaults then: access policies, and no purge protection.
    fileprivate static func recorded(_ name: String, access: String) -> WorldDescription.Vault {
        var vault = WorldDescription.Vault(name: name, publicNetworkAccess: access)
        vault.usesRoles = false
        vault.purgeProtection = false
        return vault
    }
}
