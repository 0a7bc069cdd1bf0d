extension MemberModel {
    /// A managed cluster. A member without a date is known to every version that the sandbox lists.
    static let managedCluster = MemberModel(lines: top + properties + network + pools)

    private static let top = """
        : id name type location tags sku identity properties extendedLocation systemData managedBy
        : kind@2025-05-01/2024-03-02 eTag@2026-01-01/2024-07-02 etag@-/2024-02-02
        sku: name tier
        identity: type principalId tenantId userAssignedIdentities delegatedResources
        identity.userAssignedIdentities.*: clientId principalId
        extendedLocation: name type

        """

    private static let properties = """
        properties: provisioningState powerState status maxAgentPools kubernetesVersion dnsPrefix fqdnSubdomain fqdn
        properties: currentKubernetesVersion privateFQDN azurePortalFQDN agentPoolProfiles
        properties: linuxProfile windowsProfile servicePrincipalProfile addonProfiles podIdentityProfile
        properties: nodeResourceGroup enableRBAC enablePodSecurityPolicy networkProfile aadProfile autoScalerProfile
        properties: apiServerAccessProfile diskEncryptionSetID identityProfile privateLinkResources autoUpgradeProfile
        properties: disableLocalAccounts httpProxyConfig securityProfile storageProfile publicNetworkAccess
        properties: oidcIssuerProfile workloadAutoScalerProfile@2023-08-01/2022-06-02
        properties: azureMonitorProfile@2023-08-01/2022-09-02 upgradeSettings@2023-08-01/2022-09-02
        properties: serviceMeshProfile@2023-08-01/2023-02-02 supportPlan@2023-08-01/2023-03-02
        properties: resourceUID@2023-08-01/2023-05-02 metricsProfile@2024-02-01/2023-09-02
        properties: ingressProfile@2024-02-01/2022-06-02 nodeResourceGroupProfile@2025-01-01/2022-09-02
        properties: bootstrapProfile@2025-01-01/2024-03-02 nodeProvisioningProfile@2025-05-01/2023-09-02
        properties: aiToolchainOperatorProfile@2025-05-01/2024-02-02 hostedSystemProfile@2026-03-01/2025-08-02
        properties: controlPlanePluginProfiles@-/2024-02-02 creationData@-/2021-09-01
        properties: enableNamespaceResources@-/2022-05-02
        properties: safeguardsProfile@-/2023-11-02 guardrailsProfile@-/2022-09-02 schedulerProfile@-/2025-08-02
        properties.powerState: code
        properties.linuxProfile: adminUsername ssh
        properties.linuxProfile.ssh: publicKeys
        properties.windowsProfile: adminUsername adminPassword licenseType enableCSIProxy gmsaProfile
        properties.servicePrincipalProfile: clientId secret
        properties.addonProfiles.*: enabled config identity
        properties.identityProfile.*: resourceId clientId objectId
        properties.aadProfile: managed enableAzureRBAC adminGroupObjectIDs adminUsers tenantID
        properties.aadProfile: clientAppID serverAppID serverAppSecret
        properties.apiServerAccessProfile: authorizedIPRanges enablePrivateCluster privateDNSZone
        properties.apiServerAccessProfile: enablePrivateClusterPublicFQDN disableRunCommand
        properties.apiServerAccessProfile: privateClusterVersion@-/2021-11-01
        properties.apiServerAccessProfile: enableVnetIntegration subnetId
        properties.autoUpgradeProfile: upgradeChannel nodeOSUpgradeChannel@2023-08-01/2022-09-02
        properties.httpProxyConfig: httpProxy httpsProxy noProxy trustedCa enabled@2025-10-01/2025-07-02
        properties.httpProxyConfig: effectiveNoProxy@-/2022-06-02
        properties.securityProfile: azureKeyVaultKms defender workloadIdentity@2023-08-01/2022-06-02
        properties.securityProfile: imageCleaner@2023-08-01/2022-09-02 customCATrustCertificates@2025-01-01/2022-11-02
        properties.securityProfile: kubernetesResourceObjectEncryptionProfile@2026-07-01/2025-08-02
        properties.securityProfile: imageIntegrity@-/2023-02-02 nodeRestriction@-/2022-09-02
        properties.securityProfile.azureKeyVaultKms: enabled keyId keyVaultNetworkAccess keyVaultResourceId
        properties.securityProfile.kubernetesResourceObjectEncryptionProfile: infrastructureEncryption
        properties.securityProfile.workloadIdentity: enabled
        properties.securityProfile.imageCleaner: enabled intervalHours
        properties.securityProfile.defender: logAnalyticsWorkspaceResourceId securityMonitoring
        properties.securityProfile.defender: securityGating@-/2025-05-02
        properties.storageProfile: diskCSIDriver fileCSIDriver snapshotController blobCSIDriver@2023-01-01/2022-06-02
        properties.storageProfile.diskCSIDriver: enabled version@-/2022-06-02
        properties.storageProfile.fileCSIDriver: enabled
        properties.storageProfile.snapshotController: enabled
        properties.storageProfile.blobCSIDriver: enabled
        properties.oidcIssuerProfile: enabled issuerURL
        properties.workloadAutoScalerProfile: keda verticalPodAutoscaler
        properties.workloadAutoScalerProfile.keda: enabled
        properties.workloadAutoScalerProfile.verticalPodAutoscaler: enabled addonAutoscaling@-/2023-08-02
        properties.workloadAutoScalerProfile.verticalPodAutoscaler: updateMode@-/2022-08-02
        properties.workloadAutoScalerProfile.verticalPodAutoscaler: controlledValues@-/2022-08-02
        properties.azureMonitorProfile: metrics containerInsights@2026-03-01/2023-11-02
        properties.azureMonitorProfile: appMonitoring@2026-03-01/2023-11-02
        properties.azureMonitorProfile.metrics: enabled kubeStateMetrics
        properties.azureMonitorProfile.metrics.kubeStateMetrics: metricLabelsAllowlist metricAnnotationsAllowList
        properties.metricsProfile: costAnalysis
        properties.metricsProfile.costAnalysis: enabled
        properties.ingressProfile: webAppRouting gatewayAPI@2026-03-01/2025-07-02 applicationLoadBalancer@-/2025-08-02
        properties.ingressProfile.webAppRouting: enabled dnsZoneResourceIds identity nginx@2025-01-01/2023-11-02
        properties.ingressProfile.webAppRouting: defaultDomain@2026-03-01/2025-05-02
        properties.bootstrapProfile: artifactSource containerRegistryId
        properties.nodeProvisioningProfile: mode defaultNodePools@2025-08-01/2025-05-02
        properties.nodeResourceGroupProfile: restrictionLevel
        properties.upgradeSettings: overrideSettings
        properties.upgradeSettings.overrideSettings: forceUpgrade until controlPlaneOverrides@-/2023-01-02

        """

    private static let network = """
        properties.networkProfile: networkPlugin networkPolicy networkMode podCidr serviceCidr dnsServiceIP outboundType
        properties.networkProfile: loadBalancerSku loadBalancerProfile natGatewayProfile podCidrs serviceCidrs
        properties.networkProfile: ipFamilies
        properties.networkProfile: networkPluginMode@2023-08-01/2022-06-02 networkDataplane@2023-08-01/2023-02-02
        properties.networkProfile: advancedNetworking@2025-01-01/2024-07-02
        properties.networkProfile: staticEgressGatewayProfile@2025-03-01/2024-06-02
        properties.networkProfile: dockerBridgeCidr@-/2022-06-02 podLinkLocalAccess@-/2024-06-02 monitoring@-/2023-06-02
        properties.networkProfile: kubeProxyConfig@-/2022-09-02 ebpfDataplane@-/2022-11-02
        properties.networkProfile.loadBalancerProfile: managedOutboundIPs outboundIPPrefixes outboundIPs
        properties.networkProfile.loadBalancerProfile: effectiveOutboundIPs
        properties.networkProfile.loadBalancerProfile: allocatedOutboundPorts idleTimeoutInMinutes
        properties.networkProfile.loadBalancerProfile: enableMultipleStandardLoadBalancers
        properties.networkProfile.loadBalancerProfile: backendPoolType@2023-08-01/2022-10-02
        properties.networkProfile.loadBalancerProfile: clusterServiceLoadBalancerHealthProbeMode@-/2023-10-02
        properties.networkProfile.natGatewayProfile: managedOutboundIPProfile effectiveOutboundIPs idleTimeoutInMinutes
        properties.networkProfile.advancedNetworking: enabled observability security performance@2026-01-01/2025-07-02
        properties.networkProfile.advancedNetworking.observability: enabled tlsManagement@-/2024-06-02

        """

    private static let pools = """
        properties.agentPoolProfiles[]: name count vmSize osDiskSizeGB osDiskType kubeletDiskType workloadRuntime
        properties.agentPoolProfiles[]: vnetSubnetID
        properties.agentPoolProfiles[]: podSubnetID maxPods osType osSKU maxCount minCount enableAutoScaling type mode
        properties.agentPoolProfiles[]: orchestratorVersion nodeImageVersion upgradeSettings provisioningState
        properties.agentPoolProfiles[]: powerState
        properties.agentPoolProfiles[]: currentOrchestratorVersion scaleDownMode availabilityZones
        properties.agentPoolProfiles[]: enableNodePublicIP nodePublicIPPrefixID scaleSetPriority scaleSetEvictionPolicy
        properties.agentPoolProfiles[]: spotMaxPrice tags nodeLabels nodeTaints proximityPlacementGroupID kubeletConfig
        properties.agentPoolProfiles[]: linuxOSConfig enableEncryptionAtHost enableUltraSSD enableFIPS
        properties.agentPoolProfiles[]: gpuInstanceProfile
        properties.agentPoolProfiles[]: creationData capacityReservationGroupID hostGroupID
        properties.agentPoolProfiles[]: messageOfTheDay@2024-09-01/2022-06-02
        properties.agentPoolProfiles[]: networkProfile@2023-08-01/2022-11-02 windowsProfile@2024-02-01/2023-06-02
        properties.agentPoolProfiles[]: securityProfile@2024-09-01/2023-11-02 gpuProfile@2025-01-01/2024-02-02
        properties.agentPoolProfiles[]: virtualMachinesProfile@2025-03-01/2023-11-02
        properties.agentPoolProfiles[]: virtualMachineNodesStatus@2025-03-01/2023-11-02
        properties.agentPoolProfiles[]: localDNSProfile@2025-10-01/2025-07-02 status@2025-10-01/2024-09-02
        properties.agentPoolProfiles[]: eTag@2026-01-01/2024-07-02 etag@-/2024-02-02 enableCustomCATrust@-/2022-06-02
        properties.agentPoolProfiles[]: upgradeStrategy@-/2025-08-02 upgradeSettingsBlueGreen@-/2025-08-02
        properties.agentPoolProfiles[]: nodeInitializationTaints@-/2023-11-02 artifactStreamingProfile@-/2023-10-02
        properties.agentPoolProfiles[].powerState: code
        properties.agentPoolProfiles[].upgradeSettings: maxSurge drainTimeoutInMinutes@2023-08-01/2023-05-02
        properties.agentPoolProfiles[].upgradeSettings: nodeSoakDurationInMinutes@2024-02-01/2023-11-02
        properties.agentPoolProfiles[].upgradeSettings: undrainableNodeBehavior@2025-01-01/2024-06-02
        properties.agentPoolProfiles[].upgradeSettings: maxUnavailable@2025-03-01/2024-10-02
        properties.agentPoolProfiles[].securityProfile: enableVTPM enableSecureBoot sshAccess@2026-03-01/2024-02-02
        properties.agentPoolProfiles[].virtualMachinesProfile: scale
        properties.agentPoolProfiles[].virtualMachinesProfile.scale: manual autoscale@-/2025-06-02
        properties.agentPoolProfiles[].virtualMachineNodesStatus[]: size count

        """
}
