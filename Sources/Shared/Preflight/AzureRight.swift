/// A right in Azure: an action of a role.
///
/// This is the one list: `rights-on-cluster`, `rights-on-vault` and `rights-linked` ask for what a run needs of it,
/// and `rbac --azure` prints it. Each is an action that Azure lists (learn.microsoft.com, "Azure permissions"): a role
/// with any other is refused.
package struct AzureRight: ListedRight, Hashable {
    /// What an action acts on.
    package enum Place: Sendable, Hashable {
        case cluster
        case vault
        /// Whose checks refuse without it only as long as the vault is open.
        case key
        /// The cluster's identities, against which a write of the cluster is checked too.
        case identity
        /// The same of the subnets of a network that is not AKS's own.
        case subnet
        /// Cluster, vault and what they are linked to.
        case each
        case subscription
    }

    /// As a role names it; `*` stands for any text.
    package let action: String
    package let place: Place
    /// Whether it is an action on what the vault holds, which a role gives as a data action.
    package let isOnData: Bool
    package let why: String
    package let neededFor: Set<RightsUse>
    package let helps: Set<RightsUse>

    private init(
        _ action: String, on place: Place, _ why: String, isOnData: Bool = false, neededFor: Set<RightsUse> = [],
        helps: Set<RightsUse> = []
    ) {
        self.isOnData = isOnData
        self.action = action
        self.place = place
        self.why = why
        self.neededFor = neededFor
        self.helps = helps
    }

    private static let clusters = "Microsoft.ContainerService/managedClusters"
    private static let vaults = "Microsoft.KeyVault/vaults"
    private static let authorization = "Microsoft.Authorization"
    private static let resources = "Microsoft.Resources/subscriptions"

    /// What a command needs on a resource, by the names that Azure lists. Whether one has what a pattern stands for,
    /// only the request itself tells.
    package static func neededActions(on place: Place, for use: RightsUse = .switchMode) -> [String] {
        all.of(use, neededOnly: true).filter { $0.place == place }.map(\.action).filter { !$0.contains("*") }
    }

    package static let writeVault = "\(vaults)/write"

    /// What makes a version of a key: "Creates a new version of an existing key (with the same parameters)"
    /// (learn.microsoft.com, "Azure permissions for Security").
    package static let rotateKey = "\(vaults)/keys/rotate/action"

    package static let all = onCluster + onVault + onSubscription + onAny

    private static let onCluster: [AzureRight] = [
        AzureRight("\(clusters)/read", on: .cluster, "the cluster is read", neededFor: Set(RightsUse.allCases)),
        AzureRight(
            "\(clusters)/write", on: .cluster, "KMS is turned off and on, or given another key", neededFor: .changes),
        AzureRight(
            "\(clusters)/listClusterUserCredential/action", on: .cluster,
            "the certificate authority in it proves that the API server is this cluster's",
            neededFor: .changesAndPreflight.union([.rewriteSecrets]), helps: [.status, .verify]),
        // Azure lists no action for operations/latest, so that only a pattern can give it.
        AzureRight(
            "\(clusters)/*/read", on: .cluster,
            "whether another operation runs, and planned maintenance", helps: .changesAndPreflight),
        AzureRight(
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", on: .identity,
            "a write of the cluster is checked against its identity", neededFor: .changes),
        AzureRight(
            "Microsoft.Network/virtualNetworks/subnets/join/action", on: .subnet,
            "the same against its subnets, in a network that is not AKS's own", neededFor: .changes),
    ]

    private static let onVault: [AzureRight] = [
        AzureRight(
            "\(vaults)/read", on: .vault, "the vault is read", neededFor: .changesAndPreflight,
            helps: [.status, .verify]),
        AzureRight(
            writeVault, on: .vault, "the vault is opened or closed, or lets trusted services in",
            neededFor: [.switchMode], helps: [.migrate]),
        AzureRight(
            "\(vaults)/keys/read", on: .key, "whether the key can be used", neededFor: .changesAndPreflight,
            helps: [.status, .verify]),
        AzureRight(
            rotateKey, on: .key,
            "--new-version makes a version of the key; a vault with access policies has its own rotate",
            isOnData: true, helps: [.rotate]),
    ]

    private static let onSubscription: [AzureRight] = [
        AzureRight(
            "\(resources)/read", on: .subscription, "the tenant, which must be the vault's",
            helps: .changesAndPreflight),
        AzureRight(
            "\(resources)/providers/read", on: .subscription,
            "whether Key Vault is registered, where the vault is in another subscription",
            helps: [.preflight, .switchMode]),
        AzureRight(
            "\(resources)/resources/read", on: .subscription,
            "the vault of a key is found by its name, where it is in another group than the cluster",
            helps: .changesAndPreflight.union([.status, .verify])),
        AzureRight(
            "Microsoft.ContainerService/locations/operations/read", on: .subscription, "the stages of an operation",
            helps: .changes),
        AzureRight(
            "Microsoft.KeyVault/deletedVaults/read", on: .subscription, "whether a vault that is gone can be recovered",
            helps: .changesAndPreflight),
        AzureRight(
            "Microsoft.Compute/diskEncryptionSets/read", on: .subscription, "whether disks take keys from the vault",
            helps: [.preflight, .switchMode]),
    ]

    private static let onAny: [AzureRight] = [
        AzureRight(
            "\(authorization)/permissions/read", on: .each, "your own rights", helps: .changesAndPreflight),
        AzureRight(
            "\(authorization)/roleAssignments/read", on: .each, "the roles of the cluster's identity",
            neededFor: .changesAndPreflight),
        AzureRight(
            "\(authorization)/roleDefinitions/read", on: .each, "what these roles allow",
            neededFor: .changesAndPreflight),
        AzureRight(
            "\(authorization)/denyAssignments/read", on: .each, "whether these roles are taken back",
            helps: .changesAndPreflight),
        AzureRight(
            "\(authorization)/roleAssignmentScheduleInstances/read", on: .each, "whether your rights end soon",
            helps: .changesAndPreflight),
        AzureRight(
            "\(authorization)/locks/read", on: .each, "whether a lock forbids the change",
            helps: .changesAndPreflight),
        AzureRight(
            "Microsoft.PolicyInsights/checkPolicyRestrictions/read", on: .each,
            "whether a policy forbids the vault's change", helps: [.preflight, .switchMode, .migrate]),
        AzureRight(
            "Microsoft.Network/virtualNetworks/subnets/read", on: .subnet,
            "the security group of the API server's subnet",
            helps: [.preflight, .switchMode]),
        AzureRight(
            "Microsoft.Network/networkSecurityGroups/read", on: .subnet, "whether its rules let the endpoint through",
            helps: [.preflight, .switchMode]),
    ]
}
