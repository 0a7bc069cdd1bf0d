/// The parts of the default managed cluster that no behaviour of the sandbox depends on, as broad as those of clusters
/// that people have. Shapes, casings, nulls and numbers in text are as recordings of azure-cli's tests have them (2022
/// to 2026); the values are made up.
struct RichCluster: Sendable {
    let description: WorldDescription
    let name: String

    /// `properties`, without what tells of a state.
    var properties: JSON {
        [Self.basics, Self.addons, Self.autoScaler, Self.network, Self.profiles, Self.hidden].reduce([:]) {
            $0.merging(filled($1))
        }
    }

    var pools: [JSON] { filled(Self.pools).array ?? [] }

    /// A fixture with the names of this world. One that cannot be read is empty; a test reads each.
    private func filled(_ text: String) -> JSON {
        let values = [
            ("$SUBSCRIPTION", description.subscriptionID), ("$TENANT", description.tenantID),
            ("$GROUP", description.resourceGroup), ("$NODES", description.nodeResourceGroup),
            ("$LOCATION", description.location), ("$VERSION", description.kubernetesVersion), ("$NAME", name),
        ]
        let whole = values.reduce(text) { $0.replacing($1.0, with: $1.1) }
        return (try? JSON(parsing: Array(whole.utf8))) ?? [:]
    }
}

extension RichCluster {
    private static let basics = """
        {
          "powerState": {"code": "Running"}, "maxAgentPools": 100, "enableRBAC": true,
          "supportPlan": "KubernetesOfficial", "servicePrincipalProfile": {"clientId": "msi"},
          "kubernetesVersion": "$VERSION", "currentKubernetesVersion": "$VERSION", "dnsPrefix": "$NAME-dns",
          "azurePortalFQDN": "$NAME-dns-a1b2c3d4.portal.hcp.$LOCATION.azmk8s.io", "nodeResourceGroup": "$NODES",
          "linuxProfile": {
            "adminUsername": "azureuser",
            "ssh": {"publicKeys": [{"keyData": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDsandbox azureuser@sandbox.test\\n"}]}
          },
          "windowsProfile": {"adminUsername": "azureuser", "enableCSIProxy": true, "licenseType": "None"},
          "identityProfile": {
            "kubeletidentity": {
              "resourceId": "/subscriptions/$SUBSCRIPTION/resourcegroups/$NODES/providers/Microsoft.ManagedIdentity/\
        userAssignedIdentities/$NAME-agentpool",
              "clientId": "405182a3-5d7f-4e90-81b2-ad4e5f607005", "objectId": "516293b4-6e80-4fa1-92c3-be5f60718006"
            }
          }
        }
        """

    private static let addons = """
        {
          "addonProfiles": {
            "azureKeyvaultSecretsProvider": {
              "enabled": true, "config": {"enableSecretRotation": "true", "rotationPollInterval": "2m"},
              "identity": {
                "resourceId": "/subscriptions/$SUBSCRIPTION/resourcegroups/$NODES/providers/Microsoft.ManagedIdentity/\
        userAssignedIdentities/azurekeyvaultsecretsprovider-$NAME",
                "clientId": "62739405-7f91-40b2-a3d4-cf6071829107", "objectId": "73840516-8fa2-41c3-b4e5-d07182930208"
              }
            },
            "azurepolicy": {
              "enabled": true, "config": null,
              "identity": {
                "resourceId": "/subscriptions/$SUBSCRIPTION/resourcegroups/$NODES/providers/Microsoft.ManagedIdentity/\
        userAssignedIdentities/azurepolicy-$NAME",
                "clientId": "84951627-90b3-42d4-85f6-e18293041309", "objectId": "95062738-a1c4-43e5-9607-f29304152410"
              }
            },
            "KubeDashboard": {"enabled": false, "config": null},
            "omsagent": {
              "enabled": true,
              "config": {
                "logAnalyticsWorkspaceResourceID": "/subscriptions/$SUBSCRIPTION/resourceGroups/$GROUP/providers/\
        Microsoft.OperationalInsights/workspaces/logs-$NAME",
                "useAADAuth": "true"
              }
            }
          }
        }
        """

    /// Numbers and truth values are texts here.
    private static let autoScaler = """
        {
          "autoScalerProfile": {
            "balance-similar-node-groups": "false", "daemonset-eviction-for-empty-nodes": false,
            "daemonset-eviction-for-occupied-nodes": true, "expander": "random",
            "ignore-daemonsets-utilization": false, "max-empty-bulk-delete": "10",
            "max-graceful-termination-sec": "600", "max-node-provision-time": "15m",
            "max-total-unready-percentage": "45", "new-pod-scale-up-delay": "0s", "ok-total-unready-count": "3",
            "scale-down-delay-after-add": "10m", "scale-down-delay-after-delete": "10s",
            "scale-down-delay-after-failure": "3m", "scale-down-unneeded-time": "10m",
            "scale-down-unready-time": "20m", "scale-down-utilization-threshold": "0.5", "scan-interval": "10s",
            "skip-nodes-with-local-storage": "false", "skip-nodes-with-system-pods": "true"
          }
        }
        """

    private static let network = """
        {
          "networkProfile": {
            "networkPlugin": "azure", "networkPluginMode": "overlay", "networkPolicy": "cilium",
            "networkDataplane": "cilium", "loadBalancerSku": "standard",
            "loadBalancerProfile": {
              "managedOutboundIPs": {"count": 2},
              "effectiveOutboundIPs": [
                {"id": "/subscriptions/$SUBSCRIPTION/resourceGroups/$NODES/providers/Microsoft.Network/\
        publicIPAddresses/4c1f7a52-0d3e-4b6a-8f21-6e5d4c3b2a10"},
                {"id": "/subscriptions/$SUBSCRIPTION/resourceGroups/$NODES/providers/Microsoft.Network/\
        publicIPAddresses/5d2a8b63-1e4f-4c7b-9032-7f6e5d4c3b21"}
              ],
              "allocatedOutboundPorts": 0, "idleTimeoutInMinutes": 30, "backendPoolType": "nodeIPConfiguration"
            },
            "podCidr": "10.244.0.0/16", "serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10",
            "outboundType": "loadBalancer", "podCidrs": ["10.244.0.0/16"], "serviceCidrs": ["10.0.0.0/16"],
            "ipFamilies": ["IPv4"],
            "advancedNetworking": {
              "enabled": true, "observability": {"enabled": true},
              "security": {"enabled": true, "advancedNetworkPolicies": "FQDN"}
            }
          }
        }
        """

    private static let profiles = """
        {
          "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage"},
          "securityProfile": {
            "imageCleaner": {"enabled": true, "intervalHours": 168}, "workloadIdentity": {"enabled": true},
            "defender": {
              "logAnalyticsWorkspaceResourceId": "/subscriptions/$SUBSCRIPTION/resourceGroups/$GROUP/providers/\
        Microsoft.OperationalInsights/workspaces/logs-$NAME",
              "securityMonitoring": {"enabled": true}
            }
          },
          "storageProfile": {
            "diskCSIDriver": {"enabled": true}, "fileCSIDriver": {"enabled": true},
            "snapshotController": {"enabled": true}
          },
          "oidcIssuerProfile": {
            "enabled": true,
            "issuerURL": "https://$LOCATION.oic.sandbox.test/$TENANT/0617a4b8-c2d5-4e6f-9718-293a4b5c6d7e/"
          },
          "nodeResourceGroupProfile": {"restrictionLevel": "Unrestricted"},
          "ingressProfile": {
            "webAppRouting": {
              "enabled": true, "dnsZoneResourceIds": null,
              "identity": {
                "resourceId": "/subscriptions/$SUBSCRIPTION/resourcegroups/$NODES/providers/Microsoft.ManagedIdentity/\
        userAssignedIdentities/webapprouting-$NAME",
                "clientId": "a6173849-b2d5-44f6-a718-03a415263511", "objectId": "b728495a-c3e6-4507-b829-14b526374612"
              },
              "nginx": {"defaultIngressControllerType": "AnnotationControlled"}
            }
          },
          "workloadAutoScalerProfile": {"keda": {"enabled": true}, "verticalPodAutoscaler": {"enabled": true}},
          "azureMonitorProfile": {
            "metrics": {
              "enabled": true, "kubeStateMetrics": {"metricLabelsAllowlist": "", "metricAnnotationsAllowList": ""}
            }
          },
          "metricsProfile": {"costAnalysis": {"enabled": false}},
          "nodeProvisioningProfile": {"mode": "Manual", "defaultNodePools": "Auto"},
          "bootstrapProfile": {"artifactSource": "Direct"}
        }
        """

    /// What only preview versions show: Azure's own defaults, and what a preview's user has set.
    private static let hidden = """
        {
          "controlPlanePluginProfiles": {
            "azure-monitor-metrics-ccp": {"enableV2": true}, "gpu-provisioner": {"enableV2": true},
            "karpenter": {"enableV2": true}, "kubelet-serving-csr-approver": {"enableV2": true},
            "live-patching-controller": {"enableV2": true}, "static-egress-controller": {"enableV2": true}
          },
          "networkProfile": {
            "podLinkLocalAccess": "IMDS", "kubeProxyConfig": {},
            "advancedNetworking": {"observability": {"tlsManagement": "Managed"}},
            "loadBalancerProfile": {"clusterServiceLoadBalancerHealthProbeMode": "ServiceNodePort"}
          },
          "safeguardsProfile": {
            "level": "Warning", "version": "v1.0.0",
            "systemExcludedNamespaces": ["kube-system", "calico-system", "tigera-system", "gatekeeper-system"]
          },
          "schedulerProfile": {"schedulerInstanceProfiles": {}},
          "securityProfile": {"nodeRestriction": {"enabled": true}},
          "storageProfile": {"diskCSIDriver": {"version": "v1"}},
          "workloadAutoScalerProfile": {"verticalPodAutoscaler": {"addonAutoscaling": "Unspecified"}}
        }
        """
}

extension RichCluster {
    /// A system pool, one that scales by itself, one of single machines (no count and no size), one of Windows.
    private static let pools = """
        [
          {
            "name": "nodepool1", "count": 3, "vmSize": "Standard_D4ds_v5", "osDiskSizeGB": 128,
            "osDiskType": "Ephemeral", "kubeletDiskType": "OS", "workloadRuntime": "OCIContainer", "maxPods": 110,
            "type": "VirtualMachineScaleSets", "availabilityZones": ["3", "2", "1"], "enableAutoScaling": false,
            "scaleDownMode": "Delete", "orchestratorVersion": "$VERSION", "enableNodePublicIP": false,
            "currentOrchestratorVersion": "$VERSION", "powerState": {"code": "Running"}, "mode": "System",
            "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"], "enableEncryptionAtHost": false,
            "enableUltraSSD": false, "osType": "Linux", "osSKU": "Ubuntu",
            "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202610.05.0", "upgradeStrategy": "Rolling",
            "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"}, "upgradeSettingsBlueGreen": {},
            "enableFIPS": false, "networkProfile": {},
            "securityProfile": {"sshAccess": "LocalUser", "enableVTPM": false, "enableSecureBoot": false}
          },
          {
            "name": "nodepool2", "count": 2, "vmSize": "Standard_D8ds_v5", "osDiskSizeGB": 256, "osDiskType": "Managed",
            "kubeletDiskType": "OS", "workloadRuntime": "OCIContainer", "maxPods": 250, "maxCount": 6, "minCount": 1,
            "type": "VirtualMachineScaleSets", "enableAutoScaling": true, "scaleDownMode": "Delete",
            "orchestratorVersion": "$VERSION", "enableNodePublicIP": false, "currentOrchestratorVersion": "$VERSION",
            "powerState": {"code": "Running"}, "mode": "User", "nodeLabels": {"team": "payments", "tier": "1"},
            "tags": {"costCentre": "4711"}, "enableEncryptionAtHost": true, "enableUltraSSD": false, "osType": "Linux",
            "osSKU": "AzureLinux", "nodeImageVersion": "AKSAzureLinux-V3gen2-202610.05.0",
            "upgradeStrategy": "Rolling",
            "upgradeSettings": {"maxSurge": "33%", "maxUnavailable": "0", "drainTimeoutInMinutes": 30},
            "enableFIPS": false,
            "kubeletConfig": {
              "cpuManagerPolicy": "static", "cpuCfsQuota": true, "cpuCfsQuotaPeriod": "200ms",
              "imageGcHighThreshold": 90, "imageGcLowThreshold": 70, "allowedUnsafeSysctls": ["kernel.msg*", "net.*"],
              "failSwapOn": false
            },
            "linuxOSConfig": {
              "sysctls": {"netCoreSomaxconn": 163849, "netIpv4TcpTwReuse": true, "netIpv4IpLocalPortRange": "32000 60000"},
              "transparentHugePageEnabled": "madvise", "swapFileSizeMB": 1500
            },
            "securityProfile": {"sshAccess": "LocalUser", "enableVTPM": true, "enableSecureBoot": true}
          },
          {
            "name": "machines", "count": null, "vmSize": "", "osDiskSizeGB": 128, "osDiskType": "Managed",
            "kubeletDiskType": "OS", "workloadRuntime": "OCIContainer", "maxPods": 110, "type": "VirtualMachines",
            "scaleDownMode": "Delete", "orchestratorVersion": "$VERSION", "enableNodePublicIP": false,
            "currentOrchestratorVersion": "$VERSION", "powerState": {"code": "Running"}, "mode": "User",
            "enableEncryptionAtHost": false, "enableUltraSSD": false, "osType": "Linux", "osSKU": "Ubuntu",
            "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202610.05.0", "upgradeStrategy": "Rolling",
            "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"}, "enableFIPS": false,
            "virtualMachinesProfile": {"scale": {"manual": [{"size": "Standard_D2s_v5", "count": 2}]}},
            "virtualMachineNodesStatus": [{"size": "Standard_D2s_v5", "count": 2}],
            "securityProfile": {"sshAccess": "LocalUser", "enableVTPM": false, "enableSecureBoot": false}
          },
          {
            "name": "win1", "count": 1, "vmSize": "Standard_D4s_v5", "osDiskSizeGB": 128, "osDiskType": "Managed",
            "kubeletDiskType": "OS", "maxPods": 30, "type": "VirtualMachineScaleSets", "enableAutoScaling": false,
            "scaleDownMode": "Delete", "orchestratorVersion": "$VERSION", "enableNodePublicIP": false,
            "currentOrchestratorVersion": "$VERSION", "powerState": {"code": "Running"}, "mode": "User",
            "enableEncryptionAtHost": false, "enableUltraSSD": false, "osType": "Windows", "osSKU": "Windows2022",
            "nodeImageVersion": "AKSWindows-2022-containerd-20348.4294.261014", "upgradeStrategy": "Rolling",
            "upgradeSettings": {"maxSurge": "10%"}, "enableFIPS": false, "windowsProfile": {"disableOutboundNat": false}
          }
        ]
        """
}
