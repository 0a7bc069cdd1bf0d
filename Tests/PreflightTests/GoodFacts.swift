import Azure
import Testing

@testable import Preflight

extension PreflightFacts {
    static let keyID = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"
    static let identityID =
        "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/aks"
    static let cryptoUser = Permission(dataActions: [
        "Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action",
    ])
    static let nextKeyID = "https://kv1.vault.azure.net/keys/kms/abcdefabcdefabcdefabcdefabcdefab"
    static let versionlessKeyID = "https://kv1.vault.azure.net/keys/kms"
    static let assignment = "/subscriptions/s1/providers/Microsoft.Authorization/policyAssignments/no-public-vaults"

    /// Facts of a cluster and a vault that are fit for the job; for a switch, in the mode that is not the target.
    static func good(to target: NetworkMode, by job: PreflightJob = .legacySwitch) -> PreflightFacts {
        var facts = PreflightFacts(
            target: target, strategy: Strategy(job: job, makesKeyVersion: job == .newRotation),
            names: Names(
                subscription: "s1", resourceGroup: "rg1", cluster: "aks1", vaultSubscription: "s2",
                vaultResourceGroup: "rg2", vault: "kv1", kubeconfigCluster: "aks1"),
            now: 1_795_478_400)
        for fact in GoodFact.all { fact.give(&facts) }
        return facts
    }

    /// The mode from which the run begins.
    var before: NetworkMode {
        guard job == .legacySwitch || job == .newSwitch else { return target }
        return target == .privateAccess ? .publicAccess : .privateAccess
    }

    var isNew: Bool { job == .newSwitch || job == .newRotation }
}

/// One fact of a cluster and a vault that are fit for the switch.
struct GoodFact: Sendable, CustomTestStringConvertible {
    /// Takes it away from a set.
    let take: @Sendable (inout PreflightFacts) -> Void
    let give: @Sendable (inout PreflightFacts) -> Void
    let testDescription: String

    init<Value: Sendable>(
        _ path: any WritableKeyPath<PreflightFacts, Fact<Value>> & Sendable,
        _ value: @escaping @Sendable (PreflightFacts) -> Value
    ) {
        take = { $0[keyPath: path] = .unread }
        give = { $0[keyPath: path] = .known(value($0)) }
        testDescription = "\(path)"
    }

    /// A group uses what stands before it: the mode and the names.
    static let all = cluster + vault + key + identity + rights + kubernetes + conflicts
}
