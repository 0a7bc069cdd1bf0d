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
    static let assignment = "/subscriptions/s1/providers/Microsoft.Authorization/policyAssignments/no-public-vaults"

    /// Facts of a cluster and a vault that are fit for the switch, in the mode that is not the target.
    static func good(to target: NetworkMode) -> PreflightFacts {
        var facts = PreflightFacts(
            target: target,
            names: Names(
                subscription: "s1", resourceGroup: "rg1", cluster: "aks1", vaultSubscription: "s2",
                vaultResourceGroup: "rg2", vault: "kv1", kubeconfigCluster: "aks1"),
            now: 1_795_478_400)
        for fact in GoodFact.all { fact.give(&facts) }
        return facts
    }

    /// The mode from which the switch begins.
    var before: NetworkMode { target == .privateAccess ? .publicAccess : .privateAccess }
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
