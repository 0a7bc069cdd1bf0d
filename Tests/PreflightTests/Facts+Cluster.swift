import Azure

@testable import Preflight

/// What a sound cluster has.
extension GoodFact {
    static let cluster: [GoodFact] = [
        GoodFact(\.cluster.provisioningState) { _ in "Succeeded" },
        GoodFact(\.cluster.powerState) { _ in "Running" },
        GoodFact(\.cluster.desiredVersion) { _ in "1.33" },
        GoodFact(\.cluster.currentVersion) { _ in "1.33.3" },
        GoodFact(\.cluster.identity) { _ in .userAssigned([PreflightFacts.identityID]) },
        GoodFact(\.cluster.kms) {
            ShownKMSProfile(
                enabled: true, keyID: $0.isNew ? PreflightFacts.versionlessKeyID : PreflightFacts.keyID,
                mode: $0.before,
                vaultID: $0.before == .privateAccess || $0.isNew ? $0.names.vaultID : "")
        },
        GoodFact(\.cluster.vnetIntegration) { _ in true },
        GoodFact(\.cluster.encryption) {
            .init(words: $0.isNew ? "customer-managed key" : "on (legacy KMS)", isNewExperience: $0.isNew)
        },
        GoodFact(\.cluster.agentPools) { _ in
            [
                AgentPool(name: "nodepool1", provisioningState: "Succeeded", count: 3, autoscaling: true)
            ]
        },
        GoodFact(\.cluster.poolsScaling) { _ in [] },
        GoodFact(\.cluster.pendingOperations) { _ in [] },
        GoodFact(\.cluster.autoUpgradeChannel) { _ in "none" },
        GoodFact(\.cluster.maintenance) {
            [
                PreflightFacts.MaintenanceWindow(name: "weekly", starts: $0.now + 86400, ends: $0.now + 2 * 86400)
            ]
        },
        GoodFact(\.cluster.privateCluster) { _ in false },
        GoodFact(\.cluster.localAccountsDisabled) { _ in false },
        GoodFact(\.cluster.tenant) { _ in "T1" },
        GoodFact(\.cluster.blockingNetworkRules) { _ in [] },
    ]
}

private typealias Facts = PreflightFacts

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
}
