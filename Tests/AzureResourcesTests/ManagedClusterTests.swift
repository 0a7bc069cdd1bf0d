import Azure
import JSON
import Testing

@testable import AzureResources

@Test func `a cluster's members are read`() throws {
    let cluster = try ManagedCluster(clusterDocument())
    #expect(cluster.id.description == clusterText)
    #expect(cluster.eTag == "968f973e-087f")
    #expect(cluster.resourceUID == "uid-1")
    #expect(
        cluster.apiServerHosts == ["c-1234.hcp.westeurope.azmk8s.io", "c-1234.portal.hcp.westeurope.azmk8s.io"])
    #expect(cluster.kms?.enabled == true)
    #expect(cluster.kms?.mode == .publicAccess)
    #expect(cluster.kms?.vaultID == "")
    #expect(cluster.hasVNetIntegration)
    #expect(cluster.encryption.state == .legacyOn)
    #expect(cluster.agentPools.map(\.name) == ["nodepool1"])
    #expect(cluster.provisioningError?.code == "X")
    #expect(cluster.busyPools.isEmpty)
    guard case .userAssigned(let identities) = cluster.identity else {
        Issue.record("the identity is user-assigned")
        return
    }
    #expect(identities.first?.principalID == "00000000-0000-0000-0000-0000000000aa")
}

@Test func `members of unexpected types read as absent`() throws {
    let cluster = try ManagedCluster(
        json(
            #"{"id":"\#(clusterText)","eTag":7,"identity":[],"properties":{"powerState":"Running","securityProfile":[],"#
                + #""agentPoolProfiles":{},"apiServerAccessProfile":{"enableVnetIntegration":"true"},"fqdn":false}}"#))
    #expect(cluster.eTag == nil && cluster.powerState == nil && cluster.kms == nil)
    #expect(cluster.agentPools.isEmpty && cluster.apiServerHosts.isEmpty && !cluster.hasVNetIntegration)
    #expect(cluster.identity == .other(""))
}

@Test(arguments: [
    "[]", "{}", #"{"id":"x","properties":{}}"#, #"{"id":"\#(clusterText)"}"#,
    #"{"id":"\#(vaultText)","properties":{}}"#,
])
func `a document that is no cluster is refused`(text: String) throws {
    let document = try json(text)
    #expect(throws: JSONError.self) { try ManagedCluster(document) }
}

@Test func `a pool with an operation under way is busy`() throws {
    var document = try clusterDocument()
    var properties = try #require(document["properties"])
    properties["agentPoolProfiles"] = try json(#"[{"name":"p","provisioningState":"Upgrading"}]"#)
    document["properties"] = properties
    #expect(try ManagedCluster(document).busyPools == ["p: Upgrading"])
}

@Test func `an update changes the KMS profile, drops what is read-only and keeps what nobody knows`() throws {
    let cluster = try ManagedCluster(clusterDocument())
    let key = try KeyIdentifier(parsingVersioned: keyText)
    let vault = try AzureResourceID(parsing: vaultText)
    let body = try cluster.updateBody(settingKMS: .onPrivate(key: key, vault: vault))
    let expected = try json(
        #"""
        {"location":"westeurope","kind":"Base","tags":{"owner":"team"},
         "properties":{"kubernetesVersion":"1.33.3","dnsPrefix":"c",
          "agentPoolProfiles":[{"name":"nodepool1","count":3,"enableAutoScaling":true,"minCount":1,"maxCount":5,
            "powerState":{"code":"Running"},"orchestratorVersion":"1.33.3","mode":"System","futurePool":{"a":1}}],
          "nodeResourceGroup":"MC_g_c_westeurope","disableLocalAccounts":true,
          "aadProfile":{"managed":true,"enableAzureRBAC":true,"tenantID":"t"},
          "networkProfile":{"networkPlugin":"azure","loadBalancerProfile":{"managedOutboundIPs":{"count":1}}},
          "addonProfiles":{"azurepolicy":{"enabled":true,"config":null}},
          "ingressProfile":{"webAppRouting":{"enabled":true}},
          "oidcIssuerProfile":{"enabled":true},
          "apiServerAccessProfile":{"enablePrivateCluster":false,"enableVnetIntegration":true,"subnetId":""},
          "securityProfile":{"azureKeyVaultKms":{"enabled":true,
            "keyId":"https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef",
            "keyVaultNetworkAccess":"Private","keyVaultResourceId":"\#(vaultText)","futureKMS":7},
            "workloadIdentity":{"enabled":true},"futureThing":[1,2]},
          "storageProfile":{"diskCSIDriver":{"enabled":true}},"status":{"kept":1},"futureProp":"yes"},
         "identity":{"type":"UserAssigned","userAssignedIdentities":{"/subscriptions/s/x":{}}},
         "sku":{"name":"Base","tier":"Standard"}}
        """#)
    #expect(body == expected)
}

@Test(arguments: ["2026-06-01", "2025-10-01"])
func `turning KMS off by an older version keeps the key's id and the mode`(version: String) throws {
    let body = try ManagedCluster(clusterDocument(), apiVersion: version).updateBody(settingKMS: .off)
    #expect(
        body[path: "properties", "securityProfile", "azureKeyVaultKms"]
            == (try json(#"{"enabled":false,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Public","futureKMS":7}"#)))
}

@Test(arguments: ["2026-07-01", "2026-08-01", "2027-01-01"])
func `turning KMS off by a version that forbids the key's id sends nothing else`(version: String) throws {
    let body = try ManagedCluster(clusterDocument(), apiVersion: version).updateBody(settingKMS: .off)
    #expect(body[path: "properties", "securityProfile", "azureKeyVaultKms"] == (try json(#"{"enabled":false}"#)))
    #expect(body[path: "properties", "securityProfile", "futureThing"] == (try json("[1,2]")))
}

@Test func `Public sends an empty vault id`() throws {
    let key = try KeyIdentifier(parsingVersioned: keyText)
    let body = try ManagedCluster(clusterDocument()).updateBody(settingKMS: .onPublic(key: key))
    let kms = body[path: "properties", "securityProfile", "azureKeyVaultKms"]
    #expect(kms?["keyVaultResourceId"] == .string("") && kms?["keyVaultNetworkAccess"] == .string("Public"))
}

@Test func `a cluster without a security profile gets one with nothing else in it`() throws {
    let cluster = try ManagedCluster(json(#"{"id":"\#(clusterText)","properties":{"identityProfile":null}}"#))
    #expect(
        try cluster.updateBody(settingKMS: .off)
            == (try json(
                #"{"properties":{"identityProfile":null,"securityProfile":{"azureKeyVaultKms":{"enabled":false}}}}"#)))
}

@Test func `a security profile that is no object is refused: an update of it would say nothing of KMS`() throws {
    let cluster = try ManagedCluster(json(#"{"id":"\#(clusterText)","properties":{"securityProfile":[]}}"#))
    #expect(throws: ARMError.self) { try cluster.updateBody(settingKMS: .off) }
}

@Test func `what Azure alone writes is left out wherever it stands`() throws {
    let cluster = try ManagedCluster(
        json(
            #"{"id":"\#(clusterText)","properties":{"agentPoolProfiles":[{"name":"a","status":{"provisioningError":{},"k":1},"#
                + #""localDNSProfile":{"mode":"Preferred","state":"Enabled"}},7],"#
                + #""networkProfile":{"natGatewayProfile":{"effectiveOutboundIPs":[{"id":"/x"}],"idleTimeoutInMinutes":4}},"#
                + #""podIdentityProfile":{"userAssignedIdentities":[{"name":"p","provisioningState":"Assigned","#
                + #""provisioningInfo":{}}]}}}"#))
    #expect(
        try cluster.updateBody(settingKMS: .off)["properties"]
            == (try json(
                #"{"agentPoolProfiles":[{"name":"a","status":{"k":1},"localDNSProfile":{"mode":"Preferred"}},7],"#
                    + #""networkProfile":{"natGatewayProfile":{"idleTimeoutInMinutes":4}},"#
                    + #""podIdentityProfile":{"userAssignedIdentities":[{"name":"p"}]},"#
                    + #""securityProfile":{"azureKeyVaultKms":{"enabled":false}}}"#)))
}
