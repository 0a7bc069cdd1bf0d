import Azure
import Usage

/// The commands that several checks share.
extension PreflightFacts {
    /// A command of az that takes a cluster and nothing else.
    func onCluster(_ command: StaticString) -> ShellCommand {
        ShellCommand(
            command,
            ["--resource-group": names.resourceGroup, "--name": names.cluster, "--subscription": names.subscription])
    }

    var showCluster: ShellCommand { onCluster("az aks show") }

    var waitForCluster: ShellCommand { onCluster("az aks wait --updated") }

    var listPools: ShellCommand {
        ShellCommand(
            "az aks nodepool list",
            [
                "--resource-group": names.resourceGroup, "--cluster-name": names.cluster,
                "--subscription": names.subscription,
            ])
    }

    var showVault: ShellCommand {
        ShellCommand(
            "az keyvault show",
            [
                "--resource-group": names.vaultResourceGroup, "--name": names.vault,
                "--subscription": names.vaultSubscription,
            ])
    }

    /// Without a key id, the cluster shows it first.
    var showKey: ShellCommand {
        guard let id = key.id.value else { return showCluster }
        return ShellCommand("az keyvault key show", ["--id": id])
    }

    /// The principal of the cluster's identity; a command that has to show where it goes if it could not be read.
    var principal: String { identity.principalID.value ?? "PRINCIPAL-ID-OF-THE-IDENTITY" }

    var listIdentityRoles: ShellCommand {
        // At the key itself: what is given at the vault and above it is inherited there.
        let key = key.id.value.flatMap { try? KeyIdentifier(parsing: $0) }.map { "/keys/\($0.name)" } ?? ""
        return ShellCommand(
            "az role assignment list --include-inherited --include-groups",
            ["--assignee": principal, "--scope": names.vaultID + key])
    }

    func grantIdentity(_ role: String) -> ShellCommand {
        ShellCommand(
            "az role assignment create --assignee-principal-type ServicePrincipal",
            ["--assignee-object-id": principal, "--role": role, "--scope": names.vaultID])
    }

    /// The documented repair of a cluster whose last KMS update failed: the same update once more.
    func repeatUpdate(_ kms: ShownKMSProfile) -> ShellCommand {
        let mode = kms.mode ?? .publicAccess
        guard kms.enabled else {
            return onCluster("az aks update --disable-azure-keyvault-kms")
        }
        if mode == .publicAccess {
            return ShellCommand(
                "az aks update --enable-azure-keyvault-kms --azure-keyvault-kms-key-vault-network-access Public",
                [
                    "--resource-group": names.resourceGroup, "--name": names.cluster,
                    "--subscription": names.subscription, "--azure-keyvault-kms-key-id": kms.keyID,
                ])
        }
        return ShellCommand(
            "az aks update --enable-azure-keyvault-kms --azure-keyvault-kms-key-vault-network-access Private",
            [
                "--resource-group": names.resourceGroup, "--name": names.cluster, "--subscription": names.subscription,
                "--azure-keyvault-kms-key-id": kms.keyID,
                "--azure-keyvault-kms-key-vault-resource-id":
                    kms.vaultID.isEmpty ? names.vaultID : kms.vaultID,
            ])
    }

    /// The documented repair where what failed can be told; on the new KMS experience `make-safe` repeats what is set.
    var repeatedUpdate: [ShellCommand] {
        if cluster.encryption.value?.isNewExperience == true { return [ours(.makeSafe)] }
        guard let kms = cluster.kms.value, kms.enabled || !kms.keyID.isEmpty || job == .legacySwitch else {
            return [showCluster]
        }
        return [repeatUpdate(kms)]
    }

    /// A command of this program for this cluster.
    func ours(_ command: CommandName, _ options: ToolCommand.Argument...) -> ShellCommand {
        .own(
            command,
            in: ToolCommand.Cluster(
                subscription: names.subscription, resourceGroup: names.resourceGroup, name: names.cluster),
            options)
    }
}

/// The first names of a list, and how many more there are: a reason stays readable however many things are wrong.
func listed(_ names: [String], showing limit: Int = 5) -> String {
    let shown = names.prefix(limit).map { $0.isEmpty ? "(no name)" : $0 }.joined(separator: ", ")
    return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
