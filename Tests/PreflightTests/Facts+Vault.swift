import Azure

@testable import Preflight

/// What a sound vault and its key have, and what the cluster's identity may do there.
extension GoodFact {
    static let vault: [GoodFact] = [
        GoodFact(\.vault.presence) { _ in .present },
        GoodFact(\.vault.provisioningState) { _ in "Succeeded" },
        GoodFact(\.vault.access) { $0.before.vaultAccess },
        GoodFact(\.vault.networkACLs) { _ in PreflightFacts.NetworkACLs(defaultAction: "Allow", ruleCount: 0) },
        GoodFact(\.vault.ownConnections) {
            [
                PrivateEndpointConnection(
                    id: "\($0.names.vaultID)/privateEndpointConnections/c1", status: "Approved")
            ]
        },
        GoodFact(\.vault.softDelete) { _ in true },
        GoodFact(\.vault.purgeProtection) { _ in true },
        GoodFact(\.vault.rbacAuthorization) { _ in true },
        GoodFact(\.vault.tenant) { _ in "t1" },
        GoodFact(\.vault.resourceID) { _ in
            "/subscriptions/s2/resourcegroups/rg2/providers/Microsoft.KeyVault/vaults/kv1"
        },
        GoodFact(\.vault.uri) { _ in "https://KV1.vault.azure.net/" },
        GoodFact(\.vault.door) { _ in .open },
    ]

    static let key: [GoodFact] = [
        GoodFact(\.key.presence) { _ in .present },
        GoodFact(\.key.id) {
            switch $0.job {
            case .legacySwitch, .toPlatformKey: PreflightFacts.keyID
            case .legacyRotation: PreflightFacts.nextKeyID
            case .newSwitch, .newRotation, .toCustomerKey: PreflightFacts.versionlessKeyID
            }
        },
        GoodFact(\.key.enabled) { _ in true },
        GoodFact(\.key.expires) { $0.now + 300 * 86400 },
        GoodFact(\.key.notBefore) { _ in nil },
        GoodFact(\.key.operations) { _ in ["encrypt", "decrypt", "sign"] },
        GoodFact(\.key.type) { _ in "RSA" },
        GoodFact(\.presentKey.id) { $0.cluster.kms.value?.keyID ?? "" },
        GoodFact(\.presentKey.presence) { _ in .present },
        GoodFact(\.presentKey.enabled) { _ in true },
        GoodFact(\.presentKey.expires) { _ in nil },
    ]

    static let identity: [GoodFact] = [
        GoodFact(\.identity.principalID) { _ in "11111111-2222-3333-4444-555555555555" },
        GoodFact(\.identity.roles) {
            [
                PreflightFacts.HeldRole(
                    name: "Key Vault Crypto User", permissions: [PreflightFacts.cryptoUser], isOnKeyOnly: true,
                    assigned: $0.now - 86400),
                PreflightFacts.HeldRole(
                    name: "Key Vault Contributor", permissions: [Permission(actions: ["Microsoft.KeyVault/*"])],
                    assigned: $0.now - 86400),
            ]
        },
        GoodFact(\.identity.denials) { _ in [] },
        GoodFact(\.identity.accessPolicies) { _ in [] },
    ]
}

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
