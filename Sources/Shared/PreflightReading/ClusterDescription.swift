import Azure
import AzureAccount
import AzureResources
import JSON
import Preflight
import Text

extension PreflightScene {
    /// What the cluster's and the vault's own documents tell.
    func describe(into facts: inout PreflightFacts) async {
        describeCluster(&facts.cluster)
        describeVault(&facts.vault)
        facts.vault.presence = await presence()
        facts.key.id = subject.vault == nil ? .notApplicable : .known(subject.keyID)
    }

    private func describeCluster(_ facts: inout PreflightFacts.Cluster) {
        let document = cluster.map(\.document)
        func text(_ path: String, absent: String? = nil) -> Fact<String> {
            document.then { try $0.text("properties." + path, absent: absent) }
        }
        func flag(_ path: String) -> Fact<Bool> { document.then { try $0.flag("properties." + path, absent: false) } }
        facts.provisioningState = text("provisioningState")
        // Not every answer has it; of a cluster that is stopped it tells.
        facts.powerState = text("powerState.code", absent: "Running")
        facts.desiredVersion = text("kubernetesVersion")
        facts.currentVersion = text("currentKubernetesVersion")
        facts.identity = document.then(identityKind)
        facts.kms = document.then(kmsProfile)
        facts.encryption = cluster.then { cluster throws(Unreadable) in
            let found = cluster.encryption
            guard found.state != .unknown else {
                throw Unreadable("which KMS cluster \(cluster.name) has cannot be told: \(found.why ?? "")")
            }
            return PreflightFacts.Encryption(
                words: found.description, isNewExperience: found.isNewExperience, doubt: found.note)
        }
        facts.vnetIntegration = flag("apiServerAccessProfile.enableVnetIntegration")
        facts.agentPools = document.then(agentPools)
        facts.autoUpgradeChannel = text("autoUpgradeProfile.upgradeChannel", absent: "none")
        facts.privateCluster = flag("apiServerAccessProfile.enablePrivateCluster")
        facts.localAccountsDisabled = flag("disableLocalAccounts")
    }

    private func describeVault(_ facts: inout PreflightFacts.Vault) {
        let document = vault.map(\.document)
        func text(_ path: String, absent: String? = nil) -> Fact<String> {
            document.then { try $0.text("properties." + path, absent: absent) }
        }
        func flag(_ path: String) -> Fact<Bool> { document.then { try $0.flag("properties." + path, absent: false) } }
        facts.provisioningState = text("provisioningState")
        facts.access = text("publicNetworkAccess", absent: "Enabled").then { text throws(Unreadable) in
            guard let access = VaultAccess(anyCase: text) else {
                throw Unreadable("vault \(vaultID.name) has the public network access \(text)")
            }
            return access
        }
        facts.networkACLs = vault.then(networkACLs)
        facts.ownConnections = vault.and(cluster).then(ownConnections)
        facts.softDelete = flag("enableSoftDelete")
        facts.purgeProtection = flag("enablePurgeProtection")
        facts.rbacAuthorization = flag("enableRbacAuthorization")
        facts.tenant = text("tenantId")
        facts.resourceID = vault.map(\.id.description)
        facts.uri = text("vaultUri")
    }

    /// A vault that is not found may be deleted and recoverable.
    private func presence() async -> Fact<PreflightFacts.Presence> {
        guard vaultIsMissing else { return vault.map { _ in .present } }
        return await .reading {
            let deleted = try await arm.list(
                "/subscriptions/\(percentEncoded(vaultID.subscription))/providers/Microsoft.KeyVault/deletedVaults",
                apiVersion: PreflightAPIVersions.deletedVaults)
            let ids = deleted.compactMap { DeletedVault($0).vaultID.flatMap { try? AzureResourceID(parsing: $0) } }
            return ids.contains(vaultID) ? .softDeleted : .gone
        }
    }
}

private func identityKind(_ document: JSONValue) throws(Unreadable) -> PreflightFacts.IdentityKind {
    switch try document.text("identity.type", absent: "None").lowercased() {
    case "userassigned":
        guard let entries = try document.member("identity.userAssignedIdentities")?.object else {
            throw Unreadable("the cluster's user-assigned identities are missing")
        }
        return .userAssigned(entries.keys.sorted())
    case "systemassigned": return .systemAssigned
    case "none":
        let client = try document.text("properties.servicePrincipalProfile.clientId", absent: "msi")
        return client.lowercased() == "msi" ? .none : .servicePrincipal
    case let other: throw Unreadable("the cluster's identity is of a type that is not known: \(other)")
    }
}

/// What is shown of the key vault, with Azure's default for what is not.
func kmsProfile(_ document: JSONValue) throws(Unreadable) -> ShownKMSProfile {
    guard let profile = try document.member("properties.securityProfile.azureKeyVaultKms") else {
        return ShownKMSProfile(enabled: false)
    }
    // "The default value is Public" (AzureKeyVaultKms, azure-rest-api-specs), and it is not always shown.
    let mode = try profile.text("keyVaultNetworkAccess", absent: "Public")
    return ShownKMSProfile(
        enabled: try profile.flag("enabled", absent: false), keyID: try profile.text("keyId", absent: ""),
        mode: NetworkMode(anyCase: mode),
        vaultID: try profile.text("keyVaultResourceId", absent: ""))
}

/// The node pools; none where the document has no list of them.
func agentPools(_ document: JSONValue) throws(Unreadable) -> [AgentPool] {
    var pools: [AgentPool] = []
    // A cluster whose nodes Azure hosts has none.
    for pool in try document.items("properties.agentPoolProfiles") {
        pools.append(
            AgentPool(
                name: try pool.text("name"), provisioningState: try pool.text("provisioningState", absent: ""),
                // Pools of single virtual machines have no count of their own.
                count: Int(min(max(try pool.number("count") ?? 0, 0), 1_000_000)),
                autoscaling: try pool.flag("enableAutoScaling", absent: false)))
    }
    return pools
}

private func networkACLs(_ vault: Vault) throws(Unreadable) -> PreflightFacts.NetworkACLs {
    let document = vault.document
    _ = try document.text("properties.networkAcls.bypass", absent: "")
    let rules = "properties.networkAcls."
    return PreflightFacts.NetworkACLs(
        defaultAction: try document.text(rules + "defaultAction", absent: "Allow"),
        ruleCount: try document.items(rules + "ipRules").count
            + document.items(rules + "virtualNetworkRules").count,
        trust: vault.trust)
}

private func ownConnections(
    _ vault: Vault, _ cluster: ManagedCluster
) throws(Unreadable) -> [PrivateEndpointConnection] {
    for connection in try vault.document.items("properties.privateEndpointConnections") {
        _ = try connection.text("id")
        _ = try connection.text("properties.privateLinkServiceConnectionState.status")
    }
    return vault.connections(of: cluster)
}
