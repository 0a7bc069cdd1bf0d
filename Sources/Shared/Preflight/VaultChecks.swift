import Azure
import Usage

/// Whether the vault is the key's, serves the mode, and can be opened or closed when its turn comes.
enum VaultChecks {
    static let all = [
        presence, provisioningState, ownsKey, tenant, networkMode, firewall, NewExperienceChecks.wayIn,
        endpointConnections, purgeProtection, RotationChecks.door,
    ]

    static let presence = PreflightCheck(
        "vault-present", "The vault is there",
        why: "Without its vault a key cannot be used: Secrets that it encrypted are lost, and KMS cannot be turned on.",
        mend: "Recover the vault. If it was purged, no one can.",
        source: "https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery", ifUnknown: .refuses,
        before: [.disable, .openVault, .closeVault, .enable], look: { [$0.showVault] }
    ) { facts in
        facts.vault.presence.judge { presence in
            switch presence {
            case .present: .ok("vault \(facts.names.vault) is there")
            case .softDeleted:
                .refuse(
                    "vault \(facts.names.vault) is deleted, but can be recovered",
                    [
                        ShellCommand(
                            "az keyvault recover",
                            [
                                "--name": facts.names.vault, "--resource-group": facts.names.vaultResourceGroup,
                                "--subscription": facts.names.vaultSubscription,
                            ])
                    ])
            case .gone: .refuse("vault \(facts.names.vault) does not exist", [facts.showVault])
            }
        }
    }

    static let provisioningState = PreflightCheck(
        "vault-provisioning-state", "The vault's last change succeeded",
        why: "A vault that is not in the state Succeeded may not answer, or not under its name yet.",
        mend: "Wait until the vault is in the state Succeeded.",
        source: "https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get", ifUnknown: .warns,
        for: .movingVault, before: [.disable, .openVault, .closeVault], look: { [$0.showVault] }
    ) { facts in
        facts.vault.provisioningState.judge { state in
            state.lowercased() == "succeeded"
                ? .ok("vault \(facts.names.vault) is in the state Succeeded")
                : .refuse("vault \(facts.names.vault) is in the state \(state)", [facts.showVault])
        }
    }

    static let ownsKey = PreflightCheck(
        "vault-owns-key", "The vault is the one that the key is in",
        why:
            "Private and the new KMS experience need the vault's resource id: with another vault's, KMS cannot reach the "
            + "key, and the wrong vault would be opened or closed.",
        mend: "Name the vault that holds the key, or leave the vault out and let it be found.",
        source: "Azure/telescope#1121", ifUnknown: .refuses, for: .endingOnVault,
        before: [.disable, .openVault, .closeVault, .enable], look: { [$0.showVault] }
    ) { facts in
        facts.key.id.and(facts.vault.uri).and(facts.vault.resourceID).judge { pair, resourceID in
            let (keyID, uri) = pair
            guard let key = try? KeyIdentifier(parsing: keyID), let host = Origin(ofHTTPS: uri)?.authority else {
                return .refuse("the key \(keyID) or the vault's address \(uri) is not well formed", [facts.showVault])
            }
            guard key.vaultAuthority == host else {
                return .refuse("the key is on \(key.vaultAuthority), but the vault is \(host)", [facts.showVault])
            }
            guard resourceID.lowercased() == facts.names.vaultID.lowercased() else {
                return .refuse(
                    "the vault in use is \(resourceID), not \(facts.names.vaultID)", [facts.showVault])
            }
            let profile = facts.cluster.kms.value?.vaultID ?? ""
            let differs = !profile.isEmpty && profile.lowercased() != resourceID.lowercased()
            if differs, !facts.strategy.secondVault, facts.job != .toCustomerKey {
                return .refuse(
                    "the cluster's KMS names the vault \(profile), but its key is in \(resourceID)", [facts.showCluster]
                )
            }
            return .ok("\(host) is \(resourceID)")
        }
    }

    static let tenant = PreflightCheck(
        "vault-tenant", "The vault and the cluster are in one tenant",
        why: "KMS takes keys only from vaults in the cluster's own tenant.",
        mend: "Use a key in a vault of the cluster's tenant.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .warns,
        for: .endingOnVault, look: { [showTenants($0), $0.showVault] }
    ) { facts in
        facts.vault.tenant.and(facts.cluster.tenant).judge { vault, cluster in
            vault.lowercased() == cluster.lowercased()
                ? .ok("both are in tenant \(cluster)")
                : .refuse("the vault is in tenant \(vault), the cluster in \(cluster)", [facts.showVault])
        }
    }

    static let networkMode = PreflightCheck(
        "vault-network-mode", "The vault's network setting fits the step",
        why: "KMS reaches the vault in the mode that the cluster has: a vault that does not serve it makes Secrets "
            + "unreadable and keeps KMS from being turned on.",
        mend: "Set the vault's public network access as given; a network security perimeter has to be left first.",
        source: "MicrosoftDocs/azure-docs#105101", ifUnknown: .refuses, for: .legacy,
        before: [.disable, .openVault, .closeVault, .enable], look: { [$0.showVault] }
    ) { facts in
        facts.vault.access.judge { access in
            let vault = facts.names.vault
            if facts.job == .legacyRotation { return duringRotation(access, facts) }
            if access == .securedByPerimeter {
                return .refuse("vault \(vault) is secured by a network security perimeter", [facts.showVault])
            }
            let closedEarly =
                facts.step == .enable && facts.target == .privateAccess && access == .disabled
            if closedEarly, !facts.strategy.secondVault, !facts.strategy.closeVaultFirst {
                // No refusal: KMS is off now, and its being on as Private ends that.
                return .warn("vault \(vault) is closed already, so AKS cannot check the key before", [facts.showVault])
            }
            guard let wanted = wantedAccess(facts), access != wanted else {
                return .ok("public network access of vault \(vault) is \(access.rawValue)")
            }
            return .refuse(
                "public network access of vault \(vault) is \(access.rawValue), but must be \(wanted.rawValue) \(when(facts))",
                [setAccess(wanted, facts)])
        }
    }

    /// A rotation leaves the network as it is, so that it asks only for what KMS has needed all along.
    private static func duringRotation(_ access: VaultAccess, _ facts: PreflightFacts) -> Finding {
        let reason = "public network access of vault \(facts.names.vault) is \(access.rawValue)"
        if facts.target == .privateAccess { return .ok("\(reason), and a rotation leaves it so") }
        switch access {
        case .enabled: return .ok(reason)
        case .disabled: return .refuse("\(reason), but KMS is Public", [setAccess(.enabled, facts)])
        case .securedByPerimeter:
            return .warn("\(reason): whether its rules let KMS in shows only when the key changes", [facts.showVault])
        }
    }

    /// The setting without which what comes next cannot work; nil if either will do.
    private static func wantedAccess(_ facts: PreflightFacts) -> VaultAccess? {
        if facts.strategy.secondVault { return facts.target.vaultAccess }
        switch facts.step {
        // With another key the run leaves the network alone.
        case .openVault, .closeVault, .changeKey: return nil
        // Open in both directions: either the plugin that is running is Public, or Public comes next.
        case .disable: return .enabled
        // A private endpoint works whether the vault is open or closed.
        case .enable: return facts.target == .publicAccess ? .enabled : nil
        case nil:
            // On the way from Private to Public the run itself opens the vault, as its first step.
            let usual: NetworkMode = facts.target == .privateAccess ? .publicAccess : .privateAccess
            return (facts.cluster.kms.value?.mode ?? usual) == .publicAccess ? .enabled : nil
        }
    }

    private static func when(_ facts: PreflightFacts) -> String {
        if facts.strategy.secondVault { return "for the mode \(facts.target.rawValue)" }
        return facts.step == .enable ? "when KMS is turned on" : "when KMS is turned off"
    }

    private static func setAccess(_ access: VaultAccess, _ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az keyvault update",
            [
                "--resource-group": facts.names.vaultResourceGroup, "--name": facts.names.vault,
                "--subscription": facts.names.vaultSubscription, "--public-network-access": access.rawValue,
            ])
    }

    static let firewall = PreflightCheck(
        "vault-firewall", "The vault's firewall lets the Public mode through",
        why: "In the Public mode KMS comes from addresses that change: a vault that is open to selected networks only "
            + "refuses it, and ARM's own check of the key fails as well.",
        mend: "Let the vault's firewall allow all networks for the time in which the mode is Public.",
        source: "MicrosoftDocs/azure-docs#103199", ifUnknown: .refuses, for: .legacy,
        before: [.disable, .enable], look: { [$0.showVault] }
    ) { facts in
        if facts.strategy.secondVault || facts.job == .legacyRotation, facts.target == .privateAccess {
            return .notApplicable("the vault is Private")
        }
        return facts.vault.networkACLs.judge { rules in
            if rules.defaultAction.lowercased() == "allow" {
                return .ok("the firewall of vault \(facts.names.vault) allows all networks")
            }
            let reason = "the firewall of vault \(facts.names.vault) denies all but \(rules.ruleCount) networks"
            let open = ShellCommand(
                "az keyvault update --default-action Allow",
                [
                    "--resource-group": facts.names.vaultResourceGroup, "--name": facts.names.vault,
                    "--subscription": facts.names.vaultSubscription,
                ])
            return .refuse(reason, [open])
        }
    }

    static let endpointConnections = PreflightCheck(
        "private-endpoint-connections", "The cluster's private endpoint connection is not stuck",
        why:
            "Private creates a connection for this cluster, which must be approved before the vault is closed. Those "
            + "of other endpoints say nothing of it.",
        mend: "Approve the connection of the cluster. Remove one that was left behind and is not needed any more.",
        source: "Azure/AKS#3542", ifUnknown: .warns, for: [.legacySwitch], before: [.closeVault],
        look: { [listConnections($0)] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        return facts.vault.ownConnections.judge { ours in
            let stuck = ours.filter { ["pending", "rejected"].contains($0.status.lowercased()) }
            let reason = "not approved: \(listed(stuck.map { "\($0.id) (\($0.status))" }))"
            let approve = stuck.map { ShellCommand("az keyvault private-endpoint-connection approve", ["--id": $0.id]) }
            guard facts.step == .closeVault else {
                return stuck.isEmpty
                    ? .ok("\(ours.count) connections of this cluster, none stuck") : .warn(reason, approve)
            }
            // Which of several is in use, Azure does not tell; the new one is the one that waits (Azure/AKS#3542).
            let isApproved = ours.contains { $0.status.lowercased() == "approved" }
            let waits = stuck.contains { $0.status.lowercased() == "pending" }
            if isApproved, !waits {
                return stuck.isEmpty
                    ? .ok("the connection of this cluster is approved") : .warn(reason, approve)
            }
            if !stuck.isEmpty { return .refuse(reason, approve) }
            return .refuse(
                "vault \(facts.names.vault) has no private endpoint connection of cluster \(facts.names.cluster)",
                [listConnections(facts)])
        }
    }

    static let purgeProtection = PreflightCheck(
        "vault-purge-protection", "The vault cannot be purged",
        why: "A key that is purged takes every Secret that it encrypted with it.",
        mend: "Turn purge protection on. It cannot be turned off again.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .warns,
        for: .endingOnVault, look: { [$0.showVault] }
    ) { facts in
        facts.vault.softDelete.and(facts.vault.purgeProtection).judge { soft, purge in
            if soft, purge { return .ok("vault \(facts.names.vault) has soft delete and purge protection") }
            return .warn(
                "vault \(facts.names.vault) has no \(soft ? "purge protection" : "soft delete")",
                [
                    ShellCommand(
                        "az keyvault update --enable-purge-protection true",
                        [
                            "--resource-group": facts.names.vaultResourceGroup, "--name": facts.names.vault,
                            "--subscription": facts.names.vaultSubscription,
                        ])
                ])
        }
    }

    private static func showTenants(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand("az account show --query tenantId", ["--subscription": facts.names.subscription])
    }

    private static func listConnections(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az network private-endpoint-connection list --type Microsoft.KeyVault/vaults",
            [
                "--resource-group": facts.names.vaultResourceGroup, "--name": facts.names.vault,
                "--subscription": facts.names.vaultSubscription,
            ])
    }
}
