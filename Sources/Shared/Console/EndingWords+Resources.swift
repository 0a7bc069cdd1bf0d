import Azure
import ModeSwitch
import Plan
import Preflight
import Text
import Usage

/// Stops that the cluster, the vault or the key is the reason of.
extension EndingWords {
    func clusterGone() -> Told {
        Told(
            "cluster-gone", "The \(cluster) does not exist any more.", "See which clusters there are",
            ["az aks list --subscription \(names.subscription) -o table"])
    }

    func clusterRecreated() -> Told {
        Told(
            "cluster-recreated",
            "The \(cluster) is not the one that this run began with: a UID differs. It was not changed.",
            "Look at the cluster as it is now", [names.tool(.status)])
    }

    func clusterStopped() -> Told {
        Told("cluster-stopped", "The \(cluster) is stopped.", "Start it, then go on", [names.aks("start"), again])
    }

    func clusterFailed(_ why: String) -> Told {
        Told(
            "cluster-failed",
            "The \(cluster) was in the state Failed before this run changed anything: \(shown(why)).",
            "Repeat the update that failed and rewrite the Secrets", [names.tool(.makeSafe)])
    }

    func newKMSExperience() -> Told {
        let what =
            "The \(cluster) is on the new KMS experience: it has no legacy KMS to switch or to turn on again, and there is no "
            + "way back to it."
        guard mayBePlaintext(intent, seen) else {
            return Told(
                "new-kms-experience", what, "Leave the cluster as it is, and see how it is set", [names.tool(.status)])
        }
        return Told(
            "new-kms-experience", what,
            "Azure encrypts Secrets there by itself. This command makes sure that it is done for every one of them",
            [names.tool(.verify, .flag(.patch))])
    }

    func unknownKMS(_ why: String) -> Told {
        Told(
            "unknown-kms", "It cannot be told which KMS \(cluster) has, so it was not changed: \(shown(why)).",
            "See which KMS it has (with az's extension aks-preview this shows more), and change it with az if that must be",
            [names.aks("show --query securityProfile")])
    }

    func changedByOthers(_ profile: KMSProfile) -> Told {
        let now =
            profile.isNew
            ? "the new KMS experience, \(profile.words)"
            : profile.enabled
                ? "on, mode \(profile.mode.rawValue), key \(profile.keyID.printable(limit: 200))" : "off"
        return Told(
            "changed-by-others",
            "Someone else (another admin, Terraform, GitOps) changed KMS of \(cluster): it is now \(now).",
            "Make sure that it is not changed again, then encrypt every Secret with the present KMS settings",
            [names.tool(.status), names.tool(.makeSafe)])
    }

    func vaultFirewall() -> Told {
        Told(
            "vault-firewall",
            "The firewall of \(vault) allows selected networks only. KMS in mode Public needs all networks.",
            "Allow all networks, then go on", [names.keyVault("update --default-action Allow"), again])
    }

    func vaultPerimeter() -> Told {
        Told(
            "vault-perimeter", "The \(vault) is in a network security perimeter, which this tool never overrides.",
            "Take the vault out of the perimeter, then go on",
            [names.keyVault("show --query properties.publicNetworkAccess"), again])
    }

    func vaultShared(_ others: [String]) -> Told {
        Told(
            "vault-shared", "The \(vault) was not closed, because other clusters use it as Public: \(listed(others)).",
            "Switch the other clusters first, then go on. The last command closes the vault anyway",
            [names.list, again, again(.flag(.vaultSharedOK))])
    }

    func vaultKeeps(_ access: VaultAccess) -> Told {
        let wanted = access == .enabled ? "closed" : "opened"
        let refusal = seen.receipts.vaultChanges.last?.refusal
        let why =
            refusal.map { "\(shown($0.what)).\(forSupport($0))" }
            ?? "a policy, a lock or a missing right may be the cause."
        return Told(
            "vault-keeps-access", "The \(vault) was to be \(wanted), but it reads back as \(access.rawValue): \(why)",
            refusal.flatMap { advice($0) }
                ?? "Find out what blocks the change, have it lifted for this vault, then go on",
            [
                "az policy state list --resource \(names.vaultID) -o table",
                "az lock list --resource \(names.vaultID) -o table", again,
            ])
    }

    func vaultKeepsRules(_ setting: VaultSetting) -> Told {
        let refusal = seen.receipts.vaultChanges.last?.refusal
        let why =
            refusal.map { "\(shown($0.what)).\(forSupport($0))" }
            ?? "a policy, a lock or a missing right may be the cause."
        return Told(
            "vault-keeps-rules",
            "The firewall of \(vault) was to get \(setting.rawValue), and does not show it: \(why)",
            refusal.flatMap { advice($0) }
                ?? "Find out what blocks the change, have it lifted for this vault, then go on",
            [
                "az policy state list --resource \(names.vaultID) -o table",
                names.keyVault("show --query properties.networkAcls"), again,
            ])
    }

    func keyNotMade(_ refusal: AzureRefusal) -> Told {
        Told(
            "key-not-made",
            "Key Vault made no new version of the key \(names.keyName.printable()) of \(cluster): \(shown(refusal.what)).",
            "Make it where the vault can be reached, by somebody who may, then name its id with --key-id",
            ["az keyvault key rotate --vault-name \(names.vault) --name \(names.keyName)", names.tool(.status)])
    }

    func privateEndpoint(_ state: VaultObservation.PrivateEndpoint) -> Told {
        let what =
            switch state {
            case .none: "has no private endpoint connection for the cluster"
            case .rejected: "has rejected the cluster's private endpoint connection"
            case .pending: "has not approved the cluster's private endpoint connection yet"
            case .approved: "has approved a private endpoint connection that is not enough"
            }
        return Told(
            "private-endpoint", "The \(vault) was not closed: it \(what).",
            "Create and approve the connection, then go on", [listConnections, again])
    }

    func keyUnusable(_ state: KeyState) -> Told {
        let key = "key \(names.keyID.printable(limit: 200))"
        let id = names.keyID
        return switch state {
        case .disabled:
            Told(
                "key-unusable", "The \(key) is disabled.", "Enable it, then go on",
                ["az keyvault key set-attributes --id \(id) --enabled true", again])
        case .expired:
            Told(
                "key-unusable", "The \(key) has expired.", "Set a later expiry date, then go on",
                [
                    """
                    az keyvault key set-attributes --id \(id) --expires "$(date -u -d '+1 year' +%Y-%m-%dT%H:%M:%SZ)"
                    """, again,
                ])
        case .deleted:
            Told(
                "key-unusable", "The \(key) is deleted. Secrets that it encrypted cannot be read without it.",
                "Recover it, then go on",
                [
                    "az keyvault key recover --vault-name \(names.vault) --name \(names.keyName)",
                    again,
                ])
        case .unreadable, .usable:
            Told(
                "key-unusable", "The \(key) cannot be used.", "Check its state, then go on",
                ["az keyvault key show --id \(id)", again])
        }
    }

    func vaultUnusable(_ presence: VaultObservation.Presence) -> Told {
        switch presence {
        case .softDeleted:
            Told(
                "vault-unusable", "The \(vault) is deleted.", "Recover it, then go on",
                [
                    "az keyvault recover --subscription \(names.vaultSubscription) -n \(names.vault)",
                    again,
                ])
        case .gone:
            Told(
                "vault-unusable", "The \(vault) does not exist. If it was purged, it cannot be recovered.",
                "Check whether it can be recovered",
                [
                    """
                    az keyvault list-deleted --subscription \(names.vaultSubscription) --resource-type vault -o table
                    """, again,
                ])
        case .forbidden:
            Told(
                "vault-unusable", "Your account has no right to read \(vault).",
                "Ask for the role Key Vault Contributor on it, then go on",
                ["az role assignment list --scope \(names.vaultID) --include-inherited -o table", again])
        case .unreadable(let why):
            Told(
                "vault-unusable", "The \(vault) could not be read: \(shown(why)).", "Go on when Azure answers", [again])
        case .present:
            Told(
                "vault-unusable", "The \(vault) cannot be used.", "Check its state, then go on",
                [names.keyVault("show"), again])
        }
    }
}

/// The first names of a list, made printable, and how many more there are.
func listed(_ names: [String], limit: Int = 5) -> String {
    let shown = names.prefix(limit).map { $0.printable(limit: 200) }.joined(separator: ", ")
    return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
