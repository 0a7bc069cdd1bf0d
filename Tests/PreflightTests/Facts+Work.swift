import Azure
import SecretRewrite

@testable import Preflight

/// What a sound API server and this machine have, and the rights of a caller who may switch.
extension GoodFact {
    static let rights: [GoodFact] = [
        GoodFact(\.rights.onCluster) { _ in [Permission(actions: ["Microsoft.ContainerService/*"])] },
        GoodFact(\.rights.onVault) { _ in
            [
                Permission(actions: ["*"], notActions: ["Microsoft.Authorization/*/write"]),
                Permission(dataActions: ["Microsoft.KeyVault/vaults/keys/*"]),
            ]
        },
        GoodFact(\.rights.linked) { _ in
            [
                PreflightFacts.LinkedRight(
                    action: "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
                    scope: PreflightFacts.identityID,
                    allowed: true)
            ]
        },
        GoodFact(\.rights.ending) {
            [PreflightFacts.EndingRight(role: "Owner", scope: "/subscriptions/s1", ends: $0.now + 8 * 3600)]
        },
        GoodFact(\.rights.locks) { _ in
            [
                ResourceLock(
                    id: "/subscriptions/s1/providers/Microsoft.Authorization/locks/keep", level: "CanNotDelete")
            ]
        },
        GoodFact(\.rights.providers) { _ in
            [
                PreflightFacts.ProviderRegistration(
                    namespace: "Microsoft.KeyVault", subscription: "s1", state: "Registered")
            ]
        },
        GoodFact(\.rights.policies) { _ in
            [
                PreflightFacts.PolicyRestriction(
                    assignment: PreflightFacts.assignment, effect: "audit", forbids: .open)
            ]
        },
    ]

    static let kubernetes: [GoodFact] = [
        GoodFact(\.kubernetes.serverVersion) { _ in "v1.33.3" },
        GoodFact(\.kubernetes.isTheARMCluster) { _ in true },
        GoodFact(\.kubernetes.skipsTLSVerification) { _ in false },
        GoodFact(\.kubernetes.credential) { PreflightFacts.Credential(renewable: true, expires: $0.now + 3600) },
        GoodFact(\.kubernetes.accessReviews) { _ in
            PreflightFacts.requiredAccess.map { PreflightFacts.AccessReview(request: $0, allowed: true) }
        },
        GoodFact(\.kubernetes.failingHealthChecks) { _ in [] },
        GoodFact(\.kubernetes.replicas) { _ in 2 },
        GoodFact(\.kubernetes.secretCount) { _ in 100 },
        GoodFact(\.kubernetes.dryRun) { _ in PreflightFacts.DryRun(accepted: 99) },
        GoodFact(\.kubernetes.probeDenials) { _ in [] },
        GoodFact(\.kubernetes.otherEncryptedResources) { _ in [] },
        GoodFact(\.kubernetes.previousKeyInUse) { _ in false },
        GoodFact(\.kubernetes.servesMigrations) { _ in true },
    ]

    static let conflicts: [GoodFact] = [
        GoodFact(\.conflicts.lock) { _ in nil },
        GoodFact(\.conflicts.journalWritable) { _ in true },
        GoodFact(\.conflicts.otherClusters) { _ in
            PreflightFacts.OtherClusters(clusters: [
                PreflightFacts.OtherCluster(id: "/subscriptions/s1/x/aks2", mode: .privateAccess)
            ])
        },
        GoodFact(\.conflicts.otherConsumers) { _ in [] },
        GoodFact(\.conflicts.reconcilers) { _ in [] },
        GoodFact(\.conflicts.clockSkew) { _ in -2 },
    ]
}

private typealias Facts = PreflightFacts

extension Mutation {
    static let rights = [
        Mutation("rights-on-cluster", "reader", .refuse) {
            $0.rights.onCluster = .known([Permission(actions: ["*/read"])])
        },
        Mutation("rights-on-vault", "taken back", .refuse) {
            $0.rights.onVault = .known([
                Permission(actions: ["Microsoft.KeyVault/*"], notActions: ["Microsoft.KeyVault/vaults/write"])
            ])
        },
        Mutation("rights-linked", "may not assign", .refuse) {
            $0.rights.linked = .known([Facts.LinkedRight(action: "assign/action", scope: "/id", allowed: false)])
        },
        Mutation("rights-last", "two hours", .warn) {
            $0.rights.ending = .known([Facts.EndingRight(role: "Owner", scope: "/s", ends: $0.now + 7200)])
        },
        Mutation("rights-last", "ten minutes", .refuse) {
            $0.rights.ending = .known([Facts.EndingRight(role: "Owner", scope: "/s", ends: $0.now + 600)])
        },
        Mutation("locks", "read-only", .refuse) {
            let scope = $0.names.clusterID
            $0.rights.locks = .known([
                ResourceLock(id: "\(scope)/providers/Microsoft.Authorization/locks/l", level: "ReadOnly")
            ])
        },
        Mutation("locks", "on the cluster, with a second vault", .refuse) {
            $0.strategy.secondVault = true
            $0.rights.locks = .known([
                ResourceLock(
                    id: "/subscriptions/s1/resourceGroups/RG1/providers/Microsoft.Authorization/locks/l",
                    level: "ReadOnly")
            ])
        },
        Mutation("providers-registered", "not Key Vault", .refuse) {
            $0.rights.providers = .known([
                Facts.ProviderRegistration(namespace: "Microsoft.KeyVault", subscription: "s1", state: "NotRegistered")
            ])
        },
        Mutation("providers-registered", "no answer", .unknown) { $0.rights.providers = .known([]) },
        Mutation("policy-restrictions", "forbids closing", .refuse) {
            $0.rights.policies = .known([
                Facts.PolicyRestriction(assignment: Facts.assignment, effect: "deny", forbids: .closed)
            ])
        },
        Mutation("policy-restrictions", "silently forbids opening", .refuse, to: .publicAccess) {
            $0.rights.policies = .known([
                Facts.PolicyRestriction(assignment: Facts.assignment, effect: "Modify", forbids: .open)
            ])
        },
        Mutation("policy-restrictions", "forbids the way back", .warn) {
            $0.rights.policies = .known([
                Facts.PolicyRestriction(assignment: Facts.assignment, effect: "modify", forbids: .open)
            ])
        },
    ]

    static let kubernetes = [
        Mutation("api-server-answers", "nonsense", .refuse) { $0.kubernetes.serverVersion = .known("hello") },
        Mutation("api-server-answers", "too old", .refuse) { $0.kubernetes.serverVersion = .known("v1.19.16") },
        Mutation("api-server-is-this-cluster", "another", .refuse) { $0.kubernetes.isTheARMCluster = .known(false) },
        Mutation("tls-verified", "skipped", .refuse) { $0.kubernetes.skipsTLSVerification = .known(true) },
        Mutation("kubernetes-credential-lasts", "an hour", .warn) {
            $0.kubernetes.credential = .known(Facts.Credential(renewable: false, expires: $0.now + 3600))
        },
        Mutation("kubernetes-credential-lasts", "expired", .refuse) {
            $0.cluster.localAccountsDisabled = .known(true)
            $0.kubernetes.credential = .known(Facts.Credential(renewable: false, expires: $0.now - 1))
        },
        Mutation("kubernetes-credential-lasts", "a token that does not tell", .unknown) {
            $0.kubernetes.credential = .unreadable("the bearer token does not say when it ends")
        },
        Mutation("kubernetes-rights", "may not patch", .refuse) {
            $0.kubernetes.accessReviews = .known(
                Facts.requiredAccess.map { Facts.AccessReview(request: $0, allowed: $0.verb != "patch") })
        },
        Mutation("kubernetes-rights", "one was not asked", .unknown) {
            $0.kubernetes.accessReviews = .known(
                Facts.requiredAccess.dropLast().map { Facts.AccessReview(request: $0, allowed: true) })
        },
        Mutation("api-server-healthy", "KMS fails", .refuse) {
            $0.kubernetes.failingHealthChecks = .known(["kms-providers"])
        },
        Mutation("replicas-told-apart", "none", .warn) { $0.kubernetes.replicas = .known(0) },
        Mutation("probes-admitted", "quota", .warn) {
            $0.kubernetes.probeDenials = .known(["exceeded quota: secrets"])
        },
    ]

    static let secrets = [
        Mutation("rewrite-engine", "asked for, and not there", .refuse) {
            $0.strategy.engine = .svm
            $0.kubernetes.servesMigrations = .known(false)
        },
        Mutation("rewrite-engine", "asked for, and not told", .unknown) {
            $0.strategy.engine = .svm
            $0.kubernetes.servesMigrations = .unreadable("403")
        },
        Mutation("admission-dry-run", "denied", .refuse) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 90, denied: ["policy.example.com": 10]))
        },
        Mutation("admission-dry-run", "denied and accepted", .warn) {
            $0.strategy.acceptedFailures = [.denied]
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 90, denied: ["policy.example.com": 10]))
        },
        Mutation("admission-dry-run", "side effects", .warn) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 0, untestable: ["audit.example.com": 100]))
        },
        Mutation("secrets-decryptable", "one is not", .refuse) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 99, undecryptable: 1))
        },
        Mutation("secrets-decryptable", "and it cannot be accepted", .refuse) {
            $0.strategy.acceptedFailures = FailureClass.acceptable
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 99, undecryptable: 1))
        },
        Mutation("secrets-valid", "one is not", .refuse) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 99, invalid: 1))
        },
        Mutation("secrets-valid", "one is not, and that is accepted", .warn) {
            $0.strategy.acceptedFailures = [.invalid]
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 99, invalid: 1))
        },
        Mutation("secrets-answered", "one got none", .warn) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 99, failed: ["InternalError": 1]))
        },
        Mutation("secrets-answered", "half got none", .unknown) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 50, failed: ["hook.example.com": 50]))
        },
        Mutation("secrets-answered", "none got any", .refuse) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 0, failed: ["hook.example.com": 60, "Timeout": 40]))
        },
        Mutation("secrets-counted", "half were not seen", .warn) {
            $0.kubernetes.dryRun = .known(Facts.DryRun(accepted: 50))
        },
        Mutation("other-encrypted-resources", "ConfigMaps", .refuse) {
            $0.kubernetes.otherEncryptedResources = .known(["configmaps"])
        },
        Mutation("previous-key-released", "in use", .warn) { $0.kubernetes.previousKeyInUse = .known(true) },
        Mutation("previous-key-released", "in use, and a third key wanted", .refuse) {
            $0.strategy.secondVault = true
            $0.kubernetes.previousKeyInUse = .known(true)
        },
    ]

    static let conflicts = [
        Mutation("run-lock", "held", .refuse) {
            $0.conflicts.lock = .known(Facts.LockHolder(identity: "alice@host", isThisRun: false))
        },
        Mutation("journal-writable", "no", .refuse) { $0.conflicts.journalWritable = .known(false) },
        Mutation("shared-vault", "with a Public cluster", .refuse) {
            $0.conflicts.otherClusters = .known(
                Facts.OtherClusters(clusters: [Facts.OtherCluster(id: "/aks2", mode: .publicAccess)]))
        },
        Mutation("shared-vault", "with one of no known mode", .refuse) {
            $0.conflicts.otherClusters = .known(
                Facts.OtherClusters(clusters: [Facts.OtherCluster(id: "/aks2", mode: nil)]))
        },
        Mutation("shared-vault", "accepted", .warn) {
            $0.strategy.vaultSharedOK = true
            $0.conflicts.otherClusters = .known(
                Facts.OtherClusters(clusters: [Facts.OtherCluster(id: "/aks2", mode: .publicAccess)]))
        },
        Mutation("shared-vault", "a subscription out of sight", .warn) {
            $0.conflicts.otherClusters = .known(Facts.OtherClusters(clusters: [], notLooked: ["subscription s7"]))
        },
        Mutation("other-consumers", "a disk encryption set", .warn) { $0.conflicts.otherConsumers = .known(["/des"]) },
        Mutation("reconcilers", "a tag of Cluster API", .warn) {
            $0.conflicts.reconcilers = .known(
                Reconciler.tagging("cluster", with: ["sigs.k8s.io_cluster-api-provider-azure_cluster_a": "owned"]))
        },
        Mutation("clock-skew", "two minutes", .warn) { $0.conflicts.clockSkew = .known(120) },
        Mutation("clock-skew", "an hour", .refuse) { $0.conflicts.clockSkew = .known(-3600) },
    ]
}
