import Azure

@testable import Preflight

private typealias Facts = PreflightFacts

private let readsKeys = Facts.HeldRole(name: "Key Vault Crypto User", permissions: [Facts.cryptoUser])

/// What is wrong for a rotation, or on the way on, in and to the new KMS experience.
extension Mutation {
    static let jobs = rotation + newVersion + newSwitch + migration

    private static let rotation = [
        Mutation("kms-enabled", "off", .refuse, by: .legacyRotation) {
            $0.cluster.kms = .known(ShownKMSProfile(enabled: false))
        },
        Mutation("kms-v1-rotation", "KMS v1", .refuse, by: .legacyRotation) {
            $0.cluster.currentVersion = .known("1.26.3")
        },
        Mutation("kms-v1-rotation", "KMS v1, by the API server", .refuse, by: .legacyRotation) {
            $0.cluster.currentVersion = .unread
            $0.kubernetes.serverVersion = .known("v1.26.3")
        },
        Mutation("kms-v1-rotation", "no version", .unknown, by: .legacyRotation) {
            $0.cluster.currentVersion = .known("latest")
        },
        Mutation("vnet-integration", "off", .warn, by: .legacyRotation) { $0.cluster.vnetIntegration = .known(false) },
        Mutation("vault-network-mode", "closed under a Public cluster", .refuse, to: .publicAccess, by: .legacyRotation)
        { $0.vault.access = .known(.disabled) },
        Mutation("vault-network-mode", "a perimeter", .warn, to: .publicAccess, by: .legacyRotation) {
            $0.vault.access = .known(.securedByPerimeter)
        },
        Mutation("vault-firewall", "selected networks", .refuse, to: .publicAccess, by: .legacyRotation) {
            $0.vault.networkACLs = .known(Facts.NetworkACLs(defaultAction: "Deny", ruleCount: 1))
        },
        Mutation("key-enabled", "the new one is disabled", .refuse, by: .legacyRotation) {
            $0.key.enabled = .known(false)
        },
        Mutation("key-lifetime", "the new one ends this month", .warn, by: .legacyRotation) {
            $0.key.expires = .known($0.now + 10 * 86400)
        },
        Mutation("vault-owns-key", "the new one is in another vault", .refuse, by: .legacyRotation) {
            $0.key.id = .known("https://kv2.vault.azure.net/keys/kms/abcdefabcdefabcdefabcdefabcdefab")
        },
        Mutation("present-key", "disabled", .refuse, by: .legacyRotation) { $0.presentKey.enabled = .known(false) },
        Mutation("present-key", "gone", .refuse, by: .legacyRotation) { $0.presentKey.presence = .known(.gone) },
        Mutation("present-key", "expired, which still decrypts", .warn, by: .legacyRotation) {
            $0.presentKey.expires = .known($0.now - 60)
        },
        Mutation("identity-approves-endpoint", "no role for it", .warn, by: .legacyRotation) {
            $0.identity.roles = .known([readsKeys])
        },
        Mutation("previous-key-released", "in use", .warn, by: .legacyRotation) {
            $0.kubernetes.previousKeyInUse = .known(true)
        },
        Mutation("rights-on-cluster", "reader", .refuse, by: .legacyRotation) {
            $0.rights.onCluster = .known([Permission(actions: ["*/read"])])
        },
        Mutation("rights-last", "ten minutes", .warn, by: .legacyRotation) {
            $0.rights.ending = .known([Facts.EndingRight(role: "Owner", scope: "/s", ends: $0.now + 600)])
        },
    ]

    private static let newVersion = [PreflightJob.legacyRotation, .newRotation].flatMap { job in
        [
            Mutation("vault-lets-you-in", "closed", .refuse, by: job) {
                $0.strategy.makesKeyVersion = true
                $0.vault.door = .known(.closed)
            },
            Mutation("vault-lets-you-in", "silent", .unknown, by: job) {
                $0.strategy.makesKeyVersion = true
                $0.vault.door = .unreadable("no answer")
            },
            Mutation("rights-make-version", "no role at the vault", .warn, by: job) {
                $0.strategy.makesKeyVersion = true
                $0.rights.onVault = .known([Permission(actions: ["*"])])
            },
            Mutation("rights-make-version", "no access policy", .warn, by: job) {
                $0.strategy.makesKeyVersion = true
                $0.vault.rbacAuthorization = .known(false)
            },
            Mutation("rights-make-version", "an access policy of somebody", .unknown, by: job) {
                $0.strategy.makesKeyVersion = true
                $0.vault.rbacAuthorization = .known(false)
                $0.identity.accessPolicies = .known([
                    Facts.AccessPolicy(objectID: "me?", isOwn: false, keyPermissions: ["Rotate"])
                ])
            },
        ]
    }

    private static let newSwitch = [
        Mutation("kms-mode-differs", "already there", .warn, by: .newSwitch) {
            $0.cluster.kms = .known(ShownKMSProfile(enabled: true, keyID: Facts.keyID, mode: .privateAccess))
        },
        Mutation("vault-way-in", "a perimeter, to Private", .refuse, by: .newSwitch) {
            $0.vault.access = .known(.securedByPerimeter)
        },
        Mutation("vault-way-in", "a perimeter, to Public", .refuse, to: .publicAccess, by: .newSwitch) {
            $0.vault.access = .known(.securedByPerimeter)
        },
        Mutation("vault-way-in", "a setting that is not known", .unknown, by: .newSwitch) {
            $0.vault.access = .unreadable("Sometimes")
        },
        Mutation("identity-reads-vault", "the key alone", .refuse, by: .newSwitch) {
            $0.identity.roles = .known([readsKeys])
        },
        Mutation("identity-reads-vault", "a role with a condition", .unknown, by: .newSwitch) {
            let reader = Permission(actions: ["Microsoft.KeyVault/*/read"])
            $0.identity.roles = .known([
                readsKeys, Facts.HeldRole(name: "Custom", permissions: [reader], isConditional: true),
            ])
        },
        Mutation("identity-not-denied", "reading the vault is denied", .refuse, by: .newSwitch) {
            $0.identity.denials = .known([
                Facts.Denial(name: "d", permissions: [Permission(actions: ["*/read"])], surelyHolds: true)
            ])
        },
        Mutation("identity-user-assigned", "system-assigned", .warn, by: .newSwitch) {
            $0.cluster.identity = .known(.systemAssigned)
        },
        Mutation("identity-user-assigned", "service principal", .refuse, by: .newSwitch) {
            $0.cluster.identity = .known(.servicePrincipal)
        },
        Mutation("key-enabled", "the newest version is disabled", .refuse, by: .newSwitch) {
            $0.key.enabled = .known(false)
        },
        Mutation("key-type", "EC", .refuse, by: .newSwitch) { $0.key.type = .known("EC") },
        Mutation("policy-restrictions", "forbids closing", .refuse, by: .newSwitch) { $0.forbid(.closed) },
        Mutation("policy-restrictions", "forbids the firewall", .refuse, by: .newSwitch) {
            $0.strategy.closesFirewall = true
            $0.forbid(.denyNetworks)
        },
        Mutation("policy-restrictions", "forbids the bypass", .refuse, by: .newSwitch) { $0.forbid(.trustServices) },
        Mutation("policy-restrictions", "forbids the way back", .warn, by: .newSwitch) { $0.forbid(.open) },
        Mutation("policy-restrictions", "forbids opening", .refuse, to: .publicAccess, by: .newSwitch) {
            $0.forbid(.open)
        },
        Mutation("policy-restrictions", "keeps the firewall up", .refuse, to: .publicAccess, by: .newSwitch) {
            $0.vault.networkACLs = .known(Facts.NetworkACLs(defaultAction: "Deny", ruleCount: 0, trust: .explicit))
            $0.forbid(.allowNetworks)
        },
        Mutation("rights-on-vault", "reader", .refuse, by: .newSwitch) {
            $0.rights.onVault = .known([Permission(actions: ["*/read"])])
        },
        Mutation("locks", "on the vault", .refuse, to: .publicAccess, by: .newSwitch) {
            $0.rights.locks = .known([
                ResourceLock(id: "\($0.names.vaultID)/providers/Microsoft.Authorization/locks/l", level: "ReadOnly")
            ])
        },
        Mutation("shared-vault", "with a Public cluster", .refuse, by: .newSwitch) {
            $0.conflicts.otherClusters = .known(
                Facts.OtherClusters(clusters: [Facts.OtherCluster(id: "/aks2", mode: .publicAccess)]))
        },
        Mutation("other-encrypted-resources", "ConfigMaps, which Azure rewrites", .warn, by: .newSwitch) {
            $0.kubernetes.otherEncryptedResources = .known(["configmaps"])
        },
    ]

    private static let migration =
        [PreflightJob.toCustomerKey, .toPlatformKey].flatMap { job in
            [
                Mutation("kms-new-kubernetes", "1.32", .refuse, by: job) {
                    $0.cluster.currentVersion = .known("1.32.9")
                },
                Mutation("kms-new-kubernetes", "no version", .unknown, by: job) {
                    $0.cluster.currentVersion = .known("latest")
                },
                Mutation("admission-dry-run", "denied", .refuse, by: job) {
                    $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 90, denied: ["policy.example.com": 10]))
                },
                Mutation("present-key", "disabled", .refuse, by: job) { $0.presentKey.enabled = .known(false) },
                Mutation("vault-present", "gone", .refuse, by: job) { $0.vault.presence = .known(.gone) },
                Mutation("cluster-provisioning-state", "failed", .refuse, by: job) {
                    $0.cluster.provisioningState = .known("Failed")
                },
            ]
        } + [
            Mutation("identity-reads-vault", "the key alone", .refuse, by: .toCustomerKey) {
                $0.identity.roles = .known([readsKeys])
            },
            Mutation("vault-way-in", "a perimeter", .refuse, by: .toCustomerKey) {
                $0.vault.access = .known(.securedByPerimeter)
            },
            Mutation("rights-on-vault", "a reader, and no trusted services", .refuse, by: .toCustomerKey) {
                $0.rights.onVault = .known([Permission(actions: ["*/read"])])
            },
            Mutation("policy-restrictions", "forbids the bypass", .refuse, by: .toCustomerKey) {
                $0.forbid(.trustServices)
            },
        ]
}

extension PreflightFacts {
    mutating func forbid(_ setting: VaultSetting) {
        rights.policies = .known([
            PolicyRestriction(assignment: PreflightFacts.assignment, effect: "deny", forbids: setting)
        ])
    }
}
