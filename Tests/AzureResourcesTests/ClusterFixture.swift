import JSON

@testable import AzureResources

/// The shape of an answer of 2025, shortened, with members that nobody knows.
let clusterFixture = #"""
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/c",
     "location":"westeurope","name":"c","type":"Microsoft.ContainerService/ManagedClusters","kind":"Base",
     "tags":{"owner":"team"},
     "properties":{"provisioningState":"Succeeded","powerState":{"code":"Running"},"kubernetesVersion":"1.33.3",
      "currentKubernetesVersion":"1.33.3","dnsPrefix":"c","fqdn":"C-1234.hcp.westeurope.azmk8s.io",
      "azurePortalFQDN":"c-1234.portal.hcp.westeurope.azmk8s.io","maxAgentPools":100,"resourceUID":"uid-1",
      "agentPoolProfiles":[{"name":"nodepool1","count":3,"enableAutoScaling":true,"minCount":1,"maxCount":5,
        "provisioningState":"Succeeded","powerState":{"code":"Running"},"orchestratorVersion":"1.33.3",
        "currentOrchestratorVersion":"1.33.3","mode":"System","eTag":"pool-tag","futurePool":{"a":1}}],
      "nodeResourceGroup":"MC_g_c_westeurope","disableLocalAccounts":true,
      "aadProfile":{"managed":true,"enableAzureRBAC":true,"tenantID":"t"},
      "networkProfile":{"networkPlugin":"azure","loadBalancerProfile":{"managedOutboundIPs":{"count":1},
        "effectiveOutboundIPs":[{"id":"/x"}]}},
      "addonProfiles":{"azurepolicy":{"enabled":true,"config":null,"identity":{"clientId":"x"}}},
      "ingressProfile":{"webAppRouting":{"enabled":true,"identity":{"clientId":"x"}}},
      "oidcIssuerProfile":{"enabled":true,"issuerURL":"https://oidc/"},
      "apiServerAccessProfile":{"enablePrivateCluster":false,"enableVnetIntegration":true,"subnetId":""},
      "securityProfile":{"azureKeyVaultKms":{"enabled":true,
        "keyId":"https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef",
        "keyVaultNetworkAccess":"Public","futureKMS":7},"workloadIdentity":{"enabled":true},"futureThing":[1,2]},
      "storageProfile":{"diskCSIDriver":{"enabled":true}},"status":{"provisioningError":{"code":"X"},"kept":1},
      "futureProp":"yes"},
     "identity":{"type":"UserAssigned","userAssignedIdentities":{
       "/subscriptions/s/x":{"clientId":"c1","principalId":"00000000-0000-0000-0000-0000000000aa"}}},
     "sku":{"name":"Base","tier":"Standard"},"systemData":{"createdBy":"x"},"eTag":"968f973e-087f"}
    """#

func clusterDocument() throws -> JSONValue { try json(clusterFixture) }
