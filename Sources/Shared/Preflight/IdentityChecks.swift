import Azure
import Text
import Usage

/// Whether the cluster's own identity may use the key, and approve its way to a private vault.
enum IdentityChecks {
    static let all = [
        userAssigned, encryptDecrypt, settled, approvesEndpoint, NewExperienceChecks.readsVault, notDenied,
    ]

    static let userAssigned = PreflightCheck(
        "identity-user-assigned", "The cluster has a user-assigned identity",
        why:
            "KMS works only with a user-assigned identity; with another, Azure refuses it. For the new KMS experience the "
            + "documentation asks for a managed one, and shows user-assigned ones only.",
        mend: "Create an identity, give it rights on the vault, and assign it to the cluster.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .refuses,
        for: .newToAzure, before: [.disable, .enable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.identity.judge { identity in
            let kind: String
            switch identity {
            case .userAssigned(let ids) where !ids.isEmpty: return .ok("the identity is \(listed(ids))")
            case .userAssigned: kind = "no user-assigned identity, though its kind is that"
            case .systemAssigned where [.newSwitch, .toCustomerKey].contains(facts.job):
                return .warn("cluster \(facts.names.cluster) has a system-assigned identity", assignIdentity(facts))
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
            "KMS cannot use the key without these permissions, and for a private vault AKS cannot check them itself. The "
            + "role Key Vault Crypto Service Encryption User does not give them.",
        mend: "Give the identity the role Key Vault Crypto User, or an access policy with both permissions.",
        source: "Azure/AKS#3575", ifUnknown: .refuses, for: .newToAzure, before: [.disable, .enable],
        look: { [$0.listIdentityRoles, $0.showVault] + memberChecks($0) }
    ) { facts in
        let finding = facts.vault.rbacAuthorization.judge { byRole in
            byRole ? judgeRoles(facts) : judgePolicies(facts)
        }
        // What the rights themselves do not prove, the plugin that runs with them does.
        guard case .unknown(let reason) = finding, facts.kmsWorksWithTheKey else { return finding }
        return .warn(
            "\(reason); but KMS works with this key now, so the identity has the permissions",
            [facts.listIdentityRoles, facts.showVault] + memberChecks(facts))
    }

    private static func judgeRoles(_ facts: PreflightFacts) -> Finding {
        facts.identity.roles.judge { roles in
            var missing: [String] = []
            var unsure: [String] = []
            for operation in ["encrypt", "decrypt"] {
                let action = "Microsoft.KeyVault/vaults/keys/\(operation)/action"
                switch roles.grant({ $0.allowData(action) }) {
                case .sure: break
                case .unsure(let names): unsure += names.filter { !unsure.contains($0) }
                case .none: missing.append(operation)
                }
            }
            if !missing.isEmpty {
                let names = roles.map(\.name)
                let has = names.isEmpty ? "; it has no role there" : "; its roles are \(listed(names))"
                return .refuse(
                    "no role lets the identity \(missing.joined(separator: " or ")) with the key in vault "
                        + "\(facts.names.vault)\(has)",
                    [facts.grantIdentity("Key Vault Crypto User")])
            }
            if !unsure.isEmpty { return .unknown(hangsOn(unsure)) }
            return .ok("the identity's roles give encrypt and decrypt")
        }
    }

    private static func judgePolicies(_ facts: PreflightFacts) -> Finding {
        facts.identity.accessPolicies.judge { policies in
            let own = policies.filter(\.isOwn)
            let missing = ["encrypt", "decrypt"].filter { operation in !own.contains { $0.allows(operation) } }
            if missing.isEmpty { return .ok("the identity's access policy gives encrypt and decrypt") }
            let wanted = missing.joined(separator: " or ")
            let others = possibleGroups(facts)
            if !others.isEmpty {
                return .unknown(
                    "no access policy of vault \(facts.names.vault) names the identity to \(wanted); one of another "
                        + "object does, which may be a group that the identity is in: \(listed(others))")
            }
            return .refuse(
                "no access policy of vault \(facts.names.vault) lets the identity \(wanted)",
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

    /// The objects of policies that give what those of the identity do not.
    private static func possibleGroups(_ facts: PreflightFacts) -> [String] {
        let policies = facts.identity.accessPolicies.value ?? []
        let own = policies.filter(\.isOwn)
        let missing = ["encrypt", "decrypt"].filter { operation in !own.contains { $0.allows(operation) } }
        let others = policies.filter { !$0.isOwn }
        guard missing.allSatisfy({ operation in others.contains { $0.allows(operation) } }) else { return [] }
        return others.filter { policy in missing.contains { policy.allows($0) } }.map(\.objectID)
    }

    private static func memberChecks(_ facts: PreflightFacts) -> [ShellCommand] {
        guard facts.vault.rbacAuthorization.value == false else { return [] }
        return possibleGroups(facts).prefix(5).map {
            ShellCommand("az ad group member check", ["--group": $0, "--member-id": facts.principal])
        }
    }

    static func hangsOn(_ roles: [String]) -> String {
        "it hangs on a role with a condition, or whose definition cannot be read: \(listed(roles))"
    }

    static let settled = PreflightCheck(
        "identity-rights-settled", "The identity's rights have had time to spread",
        why: "A role takes up to ten minutes until Key Vault knows it: KMS cannot use the key until then.",
        mend: "Wait ten minutes after the assignment.", source: "MicrosoftDocs/azure-docs#98954", ifUnknown: .warns,
        for: .newToAzure,
        look: { [$0.listIdentityRoles] }
    ) { facts in
        facts.identity.roles.judge { roles in
            guard let assigned = roles.compactMap(\.assigned).max(), facts.now - assigned < 600 else {
                return .ok("no role was assigned lately")
            }
            return .warn(
                "a role of the identity was assigned \(duration(Double(max(0, facts.now - assigned)))) ago",
                [facts.listIdentityRoles])
        }
    }

    static let reading = "Microsoft.KeyVault/vaults/read"
    private static let approval = "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action"

    static let approvesEndpoint = PreflightCheck(
        "identity-approves-endpoint", "The identity may approve its private endpoint",
        why: "Turning KMS on as Private creates a private endpoint; if the identity cannot approve it, that fails with "
            + "LinkedAuthorizationFailed. Whether a rotation makes one anew, no source tells.",
        mend:
            "Give the identity the role Key Vault Contributor, or one with privateEndpointConnectionsApproval/action.",
        source: "MicrosoftDocs/azure-docs#77213", ifUnknown: .refuses, for: .legacy,
        before: [.disable, .enable], look: { [$0.listIdentityRoles] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        return facts.identity.roles.judge { roles in
            switch roles.filter({ !$0.isOnKeyOnly }).grant({ $0.allow(approval) }) {
            case .sure:
                return .ok("the identity may approve private endpoint connections of vault \(facts.names.vault)")
            case .unsure(let names): return .unknown(hangsOn(names))
            case .none:
                let reason = "the identity may not approve private endpoint connections of vault \(facts.names.vault)"
                let grant = [facts.grantIdentity("Key Vault Contributor")]
                return facts.job == .legacyRotation ? .warn(reason, grant) : .refuse(reason, grant)
            }
        }
    }

    static let notDenied = PreflightCheck(
        "identity-not-denied", "No deny assignment takes the identity's rights",
        why: "A deny assignment beats every role: KMS cannot use the key, although a role gives the right.",
        mend:
            "Have the identity excluded from the deny assignment. Managed applications and deployment stacks make such.",
        source: "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments", ifUnknown: .warns,
        for: .newToAzure,
        look: { [listDenials($0)] }
    ) { facts in
        facts.identity.denials.judge { denials in
            let onVault = facts.job == .legacySwitch || facts.job == .legacyRotation ? approval : reading
            let actions = ["encrypt", "decrypt"].map { "Microsoft.KeyVault/vaults/keys/\($0)/action" }
            let harmful = denials.filter { denial in
                actions.contains { denial.permissions.allowData($0) }
                    || facts.target == .privateAccess && denial.permissions.allow(onVault)
            }
            if harmful.isEmpty { return .ok("no deny assignment takes what the identity needs") }
            let sure = harmful.filter(\.surelyHolds).map(\.name)
            if !sure.isEmpty {
                return .refuse("denied to the identity by: \(listed(sure))", [listDenials(facts)])
            }
            return .unknown("these deny assignments may hold for the identity: \(listed(harmful.map(\.name)))")
        }
    }

    private static func listDenials(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az rest --method get",
            [
                "--url": "\(facts.names.vaultID)/providers/Microsoft.Authorization/denyAssignments"
                    + "?api-version=2022-04-01&$filter=atScope()"
            ])
    }
}

/// Whether roles give an action.
enum Grant {
    case sure
    /// Only these may, by name.
    case unsure([String])
    case none
}

extension [PreflightFacts.HeldRole] {
    func grant(_ allows: ([Permission]) -> Bool) -> Grant {
        // What one role excludes, another may give: only one that gives it counts.
        let giving = filter { $0.permissions.map(allows) ?? true }
        if giving.contains(where: { $0.permissions != nil && !$0.isConditional }) { return .sure }
        return giving.isEmpty ? .none : .unsure(giving.map(\.name))
    }
}

extension PreflightFacts {
    /// Whether the API servers use the very key now and are well, which they are not without its KMS plugin.
    fileprivate var kmsWorksWithTheKey: Bool {
        guard let kms = cluster.kms.value, kms.enabled, let key = key.id.value else { return false }
        return kms.keyID.lowercased() == key.lowercased() && kubernetes.failingHealthChecks.value?.isEmpty == true
    }
}
