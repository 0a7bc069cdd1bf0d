import Azure

@testable import Preflight

private typealias Facts = PreflightFacts

private func connection(_ status: String) -> PrivateEndpointConnection {
    PrivateEndpointConnection(id: "/pec", status: status)
}

private let wrapsOnly = Permission(dataActions: [
    "Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/wrap/action",
    "Microsoft.KeyVault/vaults/keys/unwrap/action",
])

/// The role that gives what the key needs, with something that makes it unsure.
private func unsureRole(_ change: (inout Facts.HeldRole) -> Void) -> Facts.HeldRole {
    var role = Facts.HeldRole(name: "Custom", permissions: [Facts.cryptoUser, Permission(actions: ["*"])])
    change(&role)
    return role
}

extension Mutation {
    static let cluster = [
        Mutation("cluster-provisioning-state", "updating", .refuse) {
            $0.cluster.provisioningState = .known("Updating")
        },
        Mutation("cluster-provisioning-state", "failed", .refuse) { $0.cluster.provisioningState = .known("Failed") },
        Mutation("cluster-power-state", "stopped", .refuse) { $0.cluster.powerState = .known("Stopped") },
        Mutation("cluster-operations", "upgrading", .refuse) { $0.cluster.pendingOperations = .known(["Upgrading"]) },
        Mutation("cluster-upgrade-settled", "half done", .refuse) { $0.cluster.desiredVersion = .known("1.34.1") },
        Mutation("cluster-upgrade-settled", "1.3 is no alias of 1.33", .refuse) {
            $0.cluster.desiredVersion = .known("1.3")
        },
        Mutation("agent-pools-settled", "one is updating", .refuse) {
            $0.cluster.agentPools = .known([
                AgentPool(name: "p", provisioningState: "Updating", count: 1, autoscaling: false)
            ])
        },
        Mutation("agent-pools-settled", "one is in a state of next year", .refuse) {
            $0.cluster.agentPools = .known([
                AgentPool(name: "p", provisioningState: "Migrating", count: 1, autoscaling: false)
            ])
        },
        Mutation("agent-pools-settled", "one failed", .warn) {
            $0.cluster.agentPools = .known([
                AgentPool(name: "p", provisioningState: "Failed", count: 1, autoscaling: false)
            ])
        },
        Mutation("autoscaler-at-rest", "adding nodes", .warn) { $0.cluster.poolsScaling = .known(["nodepool1"]) },
        Mutation("node-count", "no nodes", .warn) {
            $0.cluster.agentPools = .known([
                AgentPool(name: "a", provisioningState: "Succeeded", count: 0, autoscaling: false)
            ])
        },
        Mutation("maintenance-window", "within the hour", .warn) {
            $0.cluster.maintenance = .known([Facts.MaintenanceWindow(name: "w", starts: $0.now + 60, ends: $0.now + 90)]
            )
        },
        Mutation("maintenance-window", "upgrades at any time", .warn) {
            $0.cluster.maintenance = .known([])
            $0.cluster.autoUpgradeChannel = .known("stable")
        },
    ]

    static let kms = [
        Mutation("kms-enabled", "off", .refuse) { $0.cluster.kms = .known(ShownKMSProfile(enabled: false)) },
        Mutation("kms-mode-differs", "already there", .warn) {
            $0.cluster.kms = .known(ShownKMSProfile(enabled: true, keyID: Facts.keyID, mode: .privateAccess))
        },
        Mutation("kms-mode-differs", "switched by someone else meanwhile", .refuse) {
            $0.step = .disable
            $0.cluster.kms = .known(ShownKMSProfile(enabled: true, keyID: Facts.keyID, mode: .privateAccess))
        },
        Mutation("kms-mode-differs", "no mode", .unknown) {
            $0.cluster.kms = .known(ShownKMSProfile(enabled: true, keyID: Facts.keyID))
        },
        Mutation("kms-new-experience", "on", .refuse) {
            $0.cluster.encryption = .known(Facts.Encryption(words: "platform-managed key", isNewExperience: true))
        },
        Mutation("strategy", "closed first", .warn) { $0.strategy.closeVaultFirst = true },
        Mutation("strategy", "closed first to Public", .refuse, to: .publicAccess) {
            $0.strategy.closeVaultFirst = true
        },
        Mutation("strategy", "closed first with two vaults", .refuse) {
            $0.strategy = Facts.Strategy(secondVault: true, closeVaultFirst: true)
        },
        Mutation("vnet-integration", "off", .refuse) { $0.cluster.vnetIntegration = .known(false) },
        Mutation("network-rules", "one blocks", .refuse) { $0.cluster.blockingNetworkRules = .known(["deny-443"]) },
        Mutation("kms-v1-limits", "KMS v1", .warn) { $0.cluster.currentVersion = .known("1.26.3") },
        Mutation("kms-v1-limits", "KMS v1 with too many Secrets", .refuse) {
            $0.cluster.currentVersion = .known("1.26.3")
            $0.kubernetes.secretCount = .known(2001)
        },
        Mutation("kms-v1-limits", "no version", .unknown) { $0.cluster.currentVersion = .known("latest") },
    ]

    static let vault = [
        Mutation("vault-present", "deleted", .refuse) { $0.vault.presence = .known(.softDeleted) },
        Mutation("vault-present", "purged", .refuse) { $0.vault.presence = .known(.gone) },
        Mutation("vault-provisioning-state", "registering", .refuse) {
            $0.vault.provisioningState = .known("RegisteringDns")
        },
        Mutation("vault-owns-key", "another host", .refuse) { $0.vault.uri = .known("https://kv2.vault.azure.net/") },
        Mutation("vault-owns-key", "a host that only begins alike", .refuse) {
            $0.vault.uri = .known("https://kv1.vault.azure.net.example.com/")
        },
        Mutation("vault-owns-key", "another resource", .refuse) { $0.vault.resourceID = .known("/subscriptions/s9") },
        Mutation("vault-owns-key", "not an address", .refuse) { $0.vault.uri = .known("kv1") },
        Mutation("vault-owns-key", "the profile names another vault", .refuse, to: .publicAccess) {
            $0.cluster.kms = .known(
                ShownKMSProfile(enabled: true, keyID: Facts.keyID, mode: .privateAccess, vaultID: "/other"))
        },
        Mutation("vault-tenant", "another", .refuse) { $0.vault.tenant = .known("t2") },
        Mutation("vault-network-mode", "secured by perimeter", .refuse) {
            $0.vault.access = .known(.securedByPerimeter)
        },
        Mutation("vault-network-mode", "closed under a Public cluster", .refuse) {
            $0.vault.access = .known(.disabled)
        },
        Mutation("vault-network-mode", "closed when Public is turned on", .refuse, to: .publicAccess) {
            $0.step = .enable
        },
        Mutation("vault-network-mode", "closed when KMS goes off", .refuse, to: .publicAccess) { $0.step = .disable },
        Mutation("vault-network-mode", "closed too early when Private is turned on", .warn) {
            $0.step = .enable
            $0.vault.access = .known(.disabled)
        },
        Mutation("vault-network-mode", "a second vault in the wrong mode", .refuse) { $0.strategy.secondVault = true },
        Mutation("vault-firewall", "selected networks", .refuse, to: .publicAccess) {
            $0.vault.networkACLs = .known(Facts.NetworkACLs(defaultAction: "Deny", ruleCount: 2))
        },
        Mutation("private-endpoint-connections", "one waits", .warn) {
            $0.vault.ownConnections = .known([connection("Pending")])
        },
        Mutation("private-endpoint-connections", "ours waits when the vault is to be closed", .refuse) {
            $0.step = .closeVault
            $0.vault.ownConnections = .known([connection("Pending")])
        },
        Mutation("private-endpoint-connections", "an older one of ours is approved and the new one waits", .refuse) {
            $0.step = .closeVault
            $0.vault.ownConnections = .known([connection("Approved"), connection("Pending")])
        },
        Mutation("private-endpoint-connections", "ours is rejected", .refuse) {
            $0.step = .closeVault
            $0.vault.ownConnections = .known([connection("Rejected")])
        },
        Mutation("private-endpoint-connections", "one of ours is approved and another was rejected", .warn) {
            $0.step = .closeVault
            $0.vault.ownConnections = .known([connection("Rejected"), connection("Approved")])
        },
        Mutation("private-endpoint-connections", "none when the vault is to be closed", .refuse) {
            $0.step = .closeVault
            $0.vault.ownConnections = .known([])
        },
        Mutation("vault-purge-protection", "off", .warn) { $0.vault.purgeProtection = .known(false) },
        Mutation("vault-purge-protection", "no soft delete", .warn) { $0.vault.softDelete = .known(false) },
    ]

    static let key = [
        Mutation("key-present", "deleted", .refuse) { $0.key.presence = .known(.softDeleted) },
        Mutation("key-present", "purged", .refuse) { $0.key.presence = .known(.gone) },
        Mutation("key-versioned", "no version", .refuse) { $0.key.id = .known("https://kv1.vault.azure.net/keys/kms") },
        Mutation("key-versioned", "not a key", .refuse) {
            $0.key.id = .known("https://kv1.vault.azure.net/secrets/a/b")
        },
        Mutation("key-enabled", "disabled", .refuse) { $0.key.enabled = .known(false) },
        Mutation("key-lifetime", "expired", .refuse) { $0.key.expires = .known($0.now) },
        Mutation("key-lifetime", "ends today", .refuse) { $0.key.expires = .known($0.now + 3600) },
        Mutation("key-lifetime", "ends this month", .warn) { $0.key.expires = .known($0.now + 10 * 86400) },
        Mutation("key-lifetime", "not yet valid", .refuse) { $0.key.notBefore = .known($0.now + 60) },
        Mutation("key-operations", "no decrypt", .refuse) { $0.key.operations = .known(["encrypt", "wrapKey"]) },
        Mutation("key-type", "EC", .refuse) { $0.key.type = .known("EC") },
    ]

    static let identity = [
        Mutation("identity-user-assigned", "system-assigned", .refuse) {
            $0.cluster.identity = .known(.systemAssigned)
        },
        Mutation("identity-user-assigned", "none", .refuse) { $0.cluster.identity = .known(.none) },
        Mutation("identity-user-assigned", "service principal", .refuse) {
            $0.cluster.identity = .known(.servicePrincipal)
        },
        Mutation("identity-user-assigned", "an empty list", .refuse) {
            $0.cluster.identity = .known(.userAssigned([]))
        },
        Mutation("identity-encrypt-decrypt", "the role that wraps only", .refuse) {
            $0.identity.roles = .known([Facts.HeldRole(name: "Service Encryption User", permissions: [wrapsOnly])])
        },
        Mutation("identity-encrypt-decrypt", "a custom role that takes decrypt back", .refuse) {
            let all = Permission(
                dataActions: ["Microsoft.KeyVault/*"], notDataActions: ["Microsoft.KeyVault/vaults/keys/decrypt/*"])
            $0.identity.roles = .known([Facts.HeldRole(name: "Custom", permissions: [all])])
        },
        Mutation("identity-encrypt-decrypt", "a condition, and nothing shows that KMS works", .unknown) {
            $0.kubernetes.failingHealthChecks = .unreadable("403")
            $0.identity.roles = .known([unsureRole { $0.isConditional = true }])
        },
        Mutation("identity-encrypt-decrypt", "a role that cannot be read, with another key than the present", .unknown)
        {
            $0.key.id = .known("https://kv1.vault.azure.net/keys/next/0123456789abcdef0123456789abcdef")
            $0.identity.roles = .known([unsureRole { $0.permissions = nil }])
        },
        Mutation("identity-encrypt-decrypt", "a condition, but KMS works with the key", .warn) {
            $0.identity.roles = .known([unsureRole { $0.isConditional = true }])
        },
        Mutation("identity-encrypt-decrypt", "roles do not count with access policies", .refuse) {
            $0.vault.rbacAuthorization = .known(false)
        },
        Mutation("identity-encrypt-decrypt", "a policy without decrypt", .refuse) {
            $0.vault.rbacAuthorization = .known(false)
            $0.identity.accessPolicies = .known([
                Facts.AccessPolicy(objectID: "me", isOwn: true, keyPermissions: ["get", "encrypt"])
            ])
        },
        Mutation("identity-encrypt-decrypt", "a policy of what may be a group", .unknown) {
            $0.vault.rbacAuthorization = .known(false)
            $0.kubernetes.failingHealthChecks = .unreadable("403")
            $0.identity.accessPolicies = .known([
                Facts.AccessPolicy(objectID: "group", isOwn: false, keyPermissions: ["all"])
            ])
        },
        Mutation("identity-rights-settled", "a minute ago", .warn) {
            $0.identity.roles = .known([
                Facts.HeldRole(name: "Key Vault Crypto User", permissions: [Facts.cryptoUser], assigned: $0.now - 60)
            ])
        },
        Mutation("identity-approves-endpoint", "no role for it", .refuse) { $0.identity.roles = .known([]) },
        Mutation("identity-approves-endpoint", "a role on the key alone", .refuse) {
            $0.identity.roles = .known([unsureRole { $0.isOnKeyOnly = true }])
        },
        Mutation("identity-approves-endpoint", "a role with a condition", .unknown) {
            $0.identity.roles = .known([unsureRole { $0.isConditional = true }])
        },
        Mutation("identity-not-denied", "decrypt is denied", .refuse) {
            $0.identity.denials = .known([
                Facts.Denial(name: "d", permissions: [Facts.cryptoUser], surelyHolds: true)
            ])
        },
        Mutation("identity-not-denied", "a group may be denied", .unknown) {
            $0.identity.denials = .known([
                Facts.Denial(name: "d", permissions: [Permission(actions: ["*"])], surelyHolds: false)
            ])
        },
    ]
}
