import Azure
import Testing

@testable import Preflight

/// One fact taken away from a good set.
private struct Loss: Sendable, CustomTestStringConvertible {
    let fact: String
    let take: @Sendable (inout PreflightFacts) -> Void

    init<Value: Sendable>(_ fact: String, _ path: any WritableKeyPath<PreflightFacts, Fact<Value>> & Sendable) {
        self.fact = fact
        take = { $0[keyPath: path] = .unread }
    }

    var testDescription: String { fact }
}

private let losses: [Loss] = [
    Loss("provisioningState", \.cluster.provisioningState), Loss("powerState", \.cluster.powerState),
    Loss("desiredVersion", \.cluster.desiredVersion), Loss("currentVersion", \.cluster.currentVersion),
    Loss("identity", \.cluster.identity), Loss("kms", \.cluster.kms),
    Loss("vnetIntegration", \.cluster.vnetIntegration),
    Loss("encryption", \.cluster.encryption), Loss("agentPools", \.cluster.agentPools),
    Loss("poolsScaling", \.cluster.poolsScaling), Loss("pendingOperations", \.cluster.pendingOperations),
    Loss("autoUpgradeChannel", \.cluster.autoUpgradeChannel), Loss("maintenance", \.cluster.maintenance),
    Loss("privateCluster", \.cluster.privateCluster),
    Loss("tenant", \.cluster.tenant),
    Loss("blockingNetworkRules", \.cluster.blockingNetworkRules), Loss("presence", \.vault.presence),
    Loss("provisioningState", \.vault.provisioningState), Loss("publicNetworkAccess", \.vault.access),
    Loss("networkACLs", \.vault.networkACLs),
    Loss("ownConnections", \.vault.ownConnections), Loss("softDelete", \.vault.softDelete),
    Loss("purgeProtection", \.vault.purgeProtection), Loss("rbacAuthorization", \.vault.rbacAuthorization),
    Loss("tenant", \.vault.tenant), Loss("resourceID", \.vault.resourceID), Loss("uri", \.vault.uri),
    Loss("presence", \.key.presence), Loss("id", \.key.id), Loss("enabled", \.key.enabled),
    Loss("expires", \.key.expires), Loss("notBefore", \.key.notBefore), Loss("operations", \.key.operations),
    Loss("type", \.key.type), Loss("roles", \.identity.roles), Loss("denials", \.identity.denials),
    Loss("onCluster", \.rights.onCluster),
    Loss("onVault", \.rights.onVault), Loss("linked", \.rights.linked), Loss("ending", \.rights.ending),
    Loss("locks", \.rights.locks), Loss("providers", \.rights.providers), Loss("policies", \.rights.policies),
    Loss("serverVersion", \.kubernetes.serverVersion), Loss("isTheARMCluster", \.kubernetes.isTheARMCluster),
    Loss("skipsTLSVerification", \.kubernetes.skipsTLSVerification), Loss("credential", \.kubernetes.credential),
    Loss("accessReviews", \.kubernetes.accessReviews),
    Loss("failingHealthChecks", \.kubernetes.failingHealthChecks), Loss("replicas", \.kubernetes.replicas),
    Loss("secretCount", \.kubernetes.secretCount), Loss("dryRun", \.kubernetes.dryRun),
    Loss("probeDenials", \.kubernetes.probeDenials),
    Loss("otherEncryptedResources", \.kubernetes.otherEncryptedResources),
    Loss("previousKeyInUse", \.kubernetes.previousKeyInUse), Loss("lock", \.conflicts.lock),
    Loss("journalWritable", \.conflicts.journalWritable), Loss("otherClusters", \.conflicts.otherClusters),
    Loss("otherConsumers", \.conflicts.otherConsumers), Loss("clockSkew", \.conflicts.clockSkew),
]

@Test(arguments: losses)
private func `a single fact that nobody has read is seen`(_ loss: Loss) {
    var facts = PreflightFacts.good(to: .privateAccess)
    loss.take(&facts)
    #expect(PreflightReport.full(facts).checks.contains { [.unknown, .warn].contains($0.verdict) })
}

@Test func `with access policies the policy is what must be read`() {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.vault.rbacAuthorization = .known(false)
    facts.identity.accessPolicies = .unread
    let report = PreflightReport.full(facts)
    #expect(report.checks.first { $0.id == "identity-encrypt-decrypt" }?.verdict == .warn, "KMS works with the key")
    facts.identity.accessPolicies = .known([.init(objectID: "me", isOwn: true, keyPermissions: ["All"])])
    #expect(PreflightReport.full(facts).verdict == .ok)
}

@Test func `no fact is left out of these tests`() {
    let facts = PreflightFacts.good(to: .privateAccess)
    let groups: [Any] = [
        facts.cluster, facts.vault, facts.key, facts.identity, facts.rights, facts.kubernetes, facts.conflicts,
    ]
    let members = groups.reduce(0) { $0 + Mirror(reflecting: $1).children.count }
    // The principal and local accounts only fill in commands; access policies have a test of their own.
    #expect(losses.count + 3 == members)
}
