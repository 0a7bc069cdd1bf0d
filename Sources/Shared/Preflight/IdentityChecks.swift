/// Whether the cluster's own identity may use the key, and approve its way to a private vault.
enum IdentityChecks {
    static let all = [userAssigned, encryptDecrypt, settled, approvesEndpoint]

    static let userAssigned = PreflightCheck(
        "identity-user-assigned", "The cluster has a user-assigned identity",
        why: "KMS works only with a user-assigned identity; with another, turning KMS on is refused.",
        mend: "Create an identity, give it rights on the vault, and assign it to the cluster.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .refuses,
        before: [.disable, .enable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.identity.judge { identity in
            let kind: String
            switch identity {
            case .userAssigned(let ids) where !ids.isEmpty: return .ok("the identity is \(listed(ids))")
            case .userAssigned: kind = "no user-assigned identity, though its kind is that"
            case .systemAssigned: kind = "a system-assigned identity"
            case .servicePrincipal: kind = "a service principal"
            case .none: kind = "no identity"
            }
            return .refuse("cluster \(facts.names.cluster) has \(kind)", assignIdentity(facts))
        }
    }

    private static func assignIdentity(_ facts: PreflightFacts) -> [ShellCommand] {
        let names = facts.names
        let identity = "\(names.cluster)-kms"
        let id =
            "/subscriptions/\(names.subscription)/resourceGroups/\(names.resourceGroup)/providers/"
            + "Microsoft.ManagedIdentity/userAssignedIdentities/\(identity)"
        return [
            ShellCommand(
                "az identity create",
                [
                    "--resource-group": names.resourceGroup, "--name": identity, "--subscription": names.subscription,
                ]),
            ShellCommand(
                "az aks update --enable-managed-identity",
                [
                    "--resource-group": names.resourceGroup, "--name": names.cluster,
                    "--subscription": names.subscription, "--assign-identity": id,
                ]),
        ]
    }

    static let encryptDecrypt = PreflightCheck(
        "identity-encrypt-decrypt", "The identity may encrypt and decrypt with the key",
        why:
            "Turning KMS on fails without these permissions, and for a private vault AKS cannot check them itself. The "
            + "role Key Vault Crypto Service Encryption User does not give them.",
        mend: "Give the identity the role Key Vault Crypto User, or an access policy with both permissions.",
        source: "Azure/AKS#3575", ifUnknown: .refuses, before: [.disable, .closeVault, .enable],
        look: { [$0.listIdentityRoles, $0.showVault] }
    ) { facts in
        facts.vault.rbacAuthorization.judge { byRole in
            byRole ? judgeRoles(facts) : judgePolicy(facts)
        }
    }

    private static func judgeRoles(_ facts: PreflightFacts) -> Finding {
        facts.identity.permissions.judge { permissions in
            let missing = ["encrypt", "decrypt"].filter {
                !permissions.allowData("Microsoft.KeyVault/vaults/keys/\($0)/action")
            }
            if missing.isEmpty { return .ok("the identity's roles on the vault give encrypt and decrypt") }
            let roles = facts.identity.roles.value ?? []
            let has = roles.isEmpty ? "" : "; its roles are \(listed(roles))"
            return .refuse(
                "the identity may not \(missing.joined(separator: " or ")) in vault \(facts.names.vault)\(has)",
                [facts.grantIdentity("Key Vault Crypto User")])
        }
    }

    private static func judgePolicy(_ facts: PreflightFacts) -> Finding {
        facts.identity.accessPolicyKeys.judge { granted in
            let granted = granted.map { $0.lowercased() }
            let missing = ["encrypt", "decrypt"].filter { !granted.contains($0) && !granted.contains("all") }
            if missing.isEmpty { return .ok("the identity's access policy gives encrypt and decrypt") }
            return .refuse(
                "no access policy of vault \(facts.names.vault) lets the identity \(missing.joined(separator: " or "))",
                [
                    ShellCommand(
                        "az keyvault set-policy --key-permissions encrypt decrypt",
                        [
                            "--name": facts.names.vault, "--resource-group": facts.names.vaultResourceGroup,
                            "--subscription": facts.names.vaultSubscription, "--object-id": facts.principal,
                        ])
                ])
        }
    }

    static let settled = PreflightCheck(
        "identity-rights-settled", "The identity's rights have had time to spread",
        why: "A role takes up to ten minutes until Key Vault knows it: turning KMS on fails until then.",
        mend: "Wait ten minutes after the assignment.", source: "MicrosoftDocs/azure-docs#98954", ifUnknown: .warns,
        before: [.disable], look: { [$0.listIdentityRoles] }
    ) { facts in
        facts.identity.newestAssignment.judge { assigned in
            guard let assigned, facts.now - assigned < 600 else { return .ok("no role was assigned lately") }
            return .warn(
                "a role of the identity was assigned \(duration(max(0, facts.now - assigned))) ago",
                [facts.listIdentityRoles])
        }
    }

    static let approvesEndpoint = PreflightCheck(
        "identity-approves-endpoint", "The identity may approve its private endpoint",
        why: "Turning KMS on as Private creates a private endpoint; if the identity cannot approve it, that fails with "
            + "LinkedAuthorizationFailed.",
        mend:
            "Give the identity the role Key Vault Contributor, or one with privateEndpointConnectionsApproval/action.",
        source: "MicrosoftDocs/azure-docs#77213", ifUnknown: .refuses, before: [.disable, .enable],
        look: { [$0.listIdentityRoles] }
    ) { facts in
        guard facts.target == .private else { return .notApplicable("only the Private mode needs it") }
        return facts.identity.permissions.judge { permissions in
            if permissions.allow("Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action") {
                return .ok("the identity may approve private endpoint connections of vault \(facts.names.vault)")
            }
            return .refuse(
                "the identity may not approve private endpoint connections of vault \(facts.names.vault)",
                [facts.grantIdentity("Key Vault Contributor")])
        }
    }
}
