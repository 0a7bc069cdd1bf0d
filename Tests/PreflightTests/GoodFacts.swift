import Azure

@testable import Preflight

extension PreflightFacts {
    static let keyID = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"
    static let identityID =
        "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/aks"
    static let cryptoUser = Permission(dataActions: [
        "Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action",
    ])
    static let assignment = "/subscriptions/s1/providers/Microsoft.Authorization/policyAssignments/no-public-vaults"

    /// Facts of a cluster and a vault that are fit for the switch, in the mode that is not the target.
    static func good(to target: NetworkMode) -> PreflightFacts {
        var facts = PreflightFacts(
            target: target,
            names: Names(
                subscription: "s1", resourceGroup: "rg1", cluster: "aks1", vaultSubscription: "s2",
                vaultResourceGroup: "rg2", vault: "kv1", kubeconfigCluster: "aks1"),
            now: 1_795_478_400)
        facts.setCluster()
        facts.setVaultAndKey()
        facts.setIdentityAndRights()
        facts.setKubernetes()
        facts.setConflicts()
        return facts
    }

    private mutating func setCluster() {
        let before: NetworkMode = target == .privateAccess ? .publicAccess : .privateAccess
        cluster.provisioningState = .known("Succeeded")
        cluster.powerState = .known("Running")
        cluster.desiredVersion = .known("1.33")
        cluster.currentVersion = .known("1.33.3")
        cluster.identity = .known(.userAssigned([Self.identityID]))
        cluster.kms = .known(
            ShownKMSProfile(
                enabled: true, keyID: Self.keyID, mode: before,
                vaultID: before == .privateAccess ? names.vaultID : ""))
        cluster.vnetIntegration = .known(true)
        cluster.encryption = .known(.init(words: "on (legacy KMS)", isNewExperience: false))
        cluster.agentPools = .known([
            AgentPool(name: "nodepool1", provisioningState: "Succeeded", count: 3, autoscaling: true)
        ])
        cluster.poolsScaling = .known([])
        cluster.pendingOperations = .known([])
        cluster.autoUpgradeChannel = .known("none")
        cluster.maintenance = .known([
            MaintenanceWindow(name: "weekly", starts: now + 86400, ends: now + 2 * 86400)
        ])
        cluster.privateCluster = .known(false)
        cluster.localAccountsDisabled = .known(false)
        cluster.tenant = .known("T1")
        cluster.blockingNetworkRules = .known([])
    }

    private mutating func setVaultAndKey() {
        vault.presence = .known(.present)
        vault.provisioningState = .known("Succeeded")
        vault.access = .known(target.opposite.vaultAccess)
        vault.networkACLs = .known(NetworkACLs(defaultAction: "Allow", ruleCount: 0))
        vault.ownConnections = .known([
            PrivateEndpointConnection(
                id: "\(names.vaultID)/privateEndpointConnections/c1", status: "Approved")
        ])
        vault.softDelete = .known(true)
        vault.purgeProtection = .known(true)
        vault.rbacAuthorization = .known(true)
        vault.tenant = .known("t1")
        vault.resourceID = .known("/subscriptions/s2/resourcegroups/rg2/providers/Microsoft.KeyVault/vaults/kv1")
        vault.uri = .known("https://KV1.vault.azure.net/")
        key.presence = .known(.present)
        key.id = .known(Self.keyID)
        key.enabled = .known(true)
        key.expires = .known(now + 300 * 86400)
        key.notBefore = .known(nil)
        key.operations = .known(["encrypt", "decrypt", "sign"])
        key.type = .known("RSA")
    }

    private mutating func setIdentityAndRights() {
        identity.principalID = .known("11111111-2222-3333-4444-555555555555")
        identity.roles = .known([
            HeldRole(
                name: "Key Vault Crypto User", permissions: [Self.cryptoUser], isOnKeyOnly: true,
                assigned: now - 86400),
            HeldRole(
                name: "Key Vault Contributor", permissions: [Permission(actions: ["Microsoft.KeyVault/*"])],
                assigned: now - 86400),
        ])
        identity.denials = .known([])
        identity.accessPolicies = .known([])
        rights.onCluster = .known([Permission(actions: ["Microsoft.ContainerService/*"])])
        rights.onVault = .known([Permission(actions: ["*"], notActions: ["Microsoft.Authorization/*/write"])])
        rights.linked = .known([
            LinkedRight(
                action: "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", scope: Self.identityID,
                allowed: true)
        ])
        rights.ending = .known([EndingRight(role: "Owner", scope: "/subscriptions/s1", ends: now + 8 * 3600)])
        rights.locks = .known([
            ResourceLock(id: "/subscriptions/s1/providers/Microsoft.Authorization/locks/keep", level: "CanNotDelete")
        ])
        rights.providers = .known(
            [ProviderRegistration(namespace: "Microsoft.KeyVault", subscription: "s1", state: "Registered")])
        rights.policies = .known([PolicyRestriction(assignment: Self.assignment, effect: "audit", forbids: .enabled)])
    }

    private mutating func setKubernetes() {
        kubernetes.serverVersion = .known("v1.33.3")
        kubernetes.isTheARMCluster = .known(true)
        kubernetes.skipsTLSVerification = .known(false)
        kubernetes.credential = .known(Credential(renewable: true, expires: now + 3600))
        kubernetes.accessReviews = .known(Self.requiredAccess.map { AccessReview(request: $0, allowed: true) })
        kubernetes.failingHealthChecks = .known([])
        kubernetes.replicas = .known(2)
        kubernetes.secretCount = .known(100)
        kubernetes.dryRun = .known(DryRun(accepted: 99))
        kubernetes.probeDenials = .known([])
        kubernetes.otherEncryptedResources = .known([])
        kubernetes.previousKeyInUse = .known(false)
    }

    private mutating func setConflicts() {
        conflicts.lock = .known(nil)
        conflicts.journalWritable = .known(true)
        conflicts.otherClusters = .known(
            OtherClusters(clusters: [OtherCluster(id: "/subscriptions/s1/x/aks2", mode: .privateAccess)]))
        conflicts.otherConsumers = .known([])
        conflicts.clockSkew = .known(-2)
    }
}
