import Azure
import Text
import Usage

/// Whether the caller may make the changes in ARM for as long as they take, and whether anything forbids them to all.
enum RightsChecks {
    static let all = [onCluster, onVault, RotationChecks.makesVersion, linked, lasting, locks, providers, policies]

    static let onCluster = PreflightCheck(
        "rights-on-cluster", "You may change the cluster",
        why: "KMS is changed by writing the cluster; its credentials are read to know the right API server.",
        mend:
            "Activate the role if it is only eligible. Else ask for the one that kubectl kms-vault rbac --azure prints, "
            + "or one that gives these actions, such as Azure Kubernetes Service Contributor Role.",
        source: "https://learn.microsoft.com/azure/role-based-access-control/permissions/containers",
        ifUnknown: .warns, look: { [listCallerRoles($0.names.clusterID)] }
    ) { facts in
        facts.rights.onCluster.judge { permissions in
            judge(
                permissions, neededActions(on: .cluster, facts, writes: facts.job != .newRotation),
                scope: facts.names.clusterID, subscription: facts.names.subscription, use: facts.job.rights)
        }
    }

    static let onVault = PreflightCheck(
        "rights-on-vault", "You may change the vault",
        why:
            "The vault must be opened or closed in its turn, and opened again at once if the private way fails; on the new "
            + "KMS experience it must let trusted services in. Where nothing of it is set, it is only read.",
        mend:
            "Activate the role if it is only eligible. Else ask for the one that kubectl kms-vault rbac --azure prints, "
            + "or one that gives these actions, such as Key Vault Contributor.",
        source: "https://learn.microsoft.com/azure/role-based-access-control/permissions/security",
        ifUnknown: .warns, for: .endingOnVault, look: { [listCallerRoles($0.names.vaultID)] }
    ) { facts in
        facts.rights.onVault.judge { permissions in
            let needed = neededActions(on: .vault, facts, writes: !facts.vaultSettings.isEmpty)
            return judge(
                permissions, needed, scope: facts.names.vaultID, subscription: facts.names.vaultSubscription,
                use: facts.job.rights)
        }
    }

    /// What the job's command needs, less the right to write where this run only looks.
    private static func neededActions(
        on place: AzureRight.Place, _ facts: PreflightFacts, writes: Bool
    ) -> [String] {
        let needed = AzureRight.neededActions(on: place, for: facts.job.rights)
        guard writes else { return needed.filter { !$0.hasSuffix("/write") } }
        // A migration needs it only where something has to be set.
        let missing = place == .vault && !needed.contains(AzureRight.writeVault)
        return needed + (missing ? [AzureRight.writeVault] : [])
    }

    private static func judge(
        _ permissions: [Permission], _ needed: [String], scope: String, subscription: String, use: RightsUse
    ) -> Finding {
        let missing = needed.filter { !permissions.allow($0) }
        if missing.isEmpty { return .ok("you have \(listed(needed))") }
        return .refuse(
            "you do not have \(listed(missing)) on \(scope)",
            [
                ShellCommand(
                    "kubectl kms-vault rbac --azure", ["--subscription": subscription, "--for": use.rawValue]),
                listCallerRoles(scope),
            ])
    }

    static let linked = PreflightCheck(
        "rights-linked", "You may use what the cluster is linked to",
        why: "A write of the cluster is checked against its identities and subnets too (LinkedAuthorizationFailed).",
        mend: "Ask for a role that gives the action on the resource, such as Managed Identity Operator.",
        source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting", ifUnknown: .warns,
        for: .changingCluster, look: { [listCallerRoles($0.names.clusterID)] }
    ) { facts in
        facts.rights.linked.judge { rights in
            let missing = rights.filter { !$0.allowed }
            if missing.isEmpty { return .ok("you have all \(rights.count) linked rights") }
            return .refuse(
                "you do not have \(listed(missing.map { "\($0.action) on \($0.scope)" }))",
                missing.map { listCallerRoles($0.scope) })
        }
    }

    static let lasting = PreflightCheck(
        "rights-last", "Your rights last as long as the run",
        why: "If a right ends in the middle, you cannot go on: where KMS is off then, Secrets stay plaintext.",
        mend: "Activate the role anew in Privileged Identity Management, with enough time.",
        source: "https://learn.microsoft.com/entra/id-governance/privileged-identity-management/", ifUnknown: .warns,
        before: [.disable], look: { [listSchedules($0)] }
    ) { facts in
        facts.rights.ending.judge { rights in
            let near = rights.filter { $0.ends - facts.now < 4 * 3600 }.sorted { $0.ends < $1.ends }
            guard let first = near.first else { return .ok("no right ends within 4 hours") }
            let reason =
                "rights that end: "
                + listed(near.map { "\($0.role) on \($0.scope) in \(duration(Double(max(0, $0.ends - facts.now))))" })
            // No switch is over in half an hour: two changes of the cluster, two passes and the proofs between them.
            let tooSoon = first.ends - facts.now < (facts.exposesSecrets ? 30 * 60 : 1)
            return tooSoon ? .refuse(reason, [listSchedules(facts)]) : .warn(reason, [listSchedules(facts)])
        }
    }

    static let locks = PreflightCheck(
        "locks", "No lock holds the cluster or the vault",
        why: "A ReadOnly lock makes ARM refuse every write (ScopeLocked), also of those who may write.",
        mend: "Remove the lock for the time of the run, and put it back afterwards.",
        source: "https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
        ifUnknown: .warns, for: .changingCluster, before: [.disable], look: { listLocks($0) }
    ) { facts in
        facts.rights.locks.judge { locks in
            let readOnly = locks.filter {
                $0.level.lowercased() == "readonly"
                    && (!facts.vaultSettings.isEmpty || $0.holds(for: facts.names.clusterID))
            }
            if readOnly.isEmpty { return .ok("\(locks.count) locks, none of them in the way") }
            return .refuse(
                "read-only locks: \(listed(readOnly.map(\.id)))",
                readOnly.map { ShellCommand("az lock delete", ["--ids": $0.id]) })
        }
    }

    static let providers = PreflightCheck(
        "providers-registered", "Key Vault is registered where the private endpoint is made",
        why:
            "A private endpoint to the vault is approved only if Microsoft.KeyVault is registered in its subscription.",
        mend: "Register the provider; it takes some minutes.", source: "MicrosoftDocs/azure-docs#120274",
        ifUnknown: .warns, for: [.legacySwitch], look: { [listProviders($0)] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        if facts.names.subscription.lowercased() == facts.names.vaultSubscription.lowercased() {
            return .ok("the vault is in the cluster's subscription, so Microsoft.KeyVault is registered there")
        }
        return facts.rights.providers.judge { providers in
            guard let provider = providers.first(where: { $0.namespace.lowercased() == "microsoft.keyvault" }) else {
                return .unknown("no answer for Microsoft.KeyVault")
            }
            if provider.state.lowercased() == "registered" { return .ok("Microsoft.KeyVault is registered") }
            return .refuse(
                "\(provider.namespace) is not registered in \(provider.subscription) (\(provider.state))",
                [
                    ShellCommand(
                        "az provider register --wait",
                        ["--namespace": provider.namespace, "--subscription": provider.subscription])
                ])
        }
    }

    static let policies = PreflightCheck(
        "policy-restrictions", "No policy forbids what is set of the vault's network",
        why: "A policy can deny the change, or accept it and keep the old value without a word.",
        mend: "Ask for an exemption of the vault for the time of the run.",
        source: "Azure-Samples/azuresandbox#556", ifUnknown: .warns, for: .movingVault,
        look: {
            [ShellCommand("az policy assignment list --disable-scope-strict-match", ["--scope": $0.names.vaultID])]
        }
    ) { facts in
        let settings = facts.vaultSettings
        if settings.isEmpty { return .notApplicable("the vault's network is not touched") }
        let wanted = settings.map(\.rawValue).joined(separator: " and ")
        return facts.rights.policies.judge { policies in
            let binding = policies.filter { ["deny", "modify"].contains($0.effect.lowercased()) }
            let inTheWay = binding.filter { settings.contains($0.forbids) }
            if !inTheWay.isEmpty {
                return .refuse(
                    "policies keep the vault from \(wanted): \(listed(inTheWay.map(\.assignment)))",
                    inTheWay.map { exempt($0, facts) })
            }
            // A migration has no way back.
            if !binding.isEmpty, facts.job != .toCustomerKey {
                return .warn(
                    "policies keep the vault from going back: \(listed(binding.map(\.assignment)))",
                    binding.map { exempt($0, facts) })
            }
            return .ok("no policy keeps the vault from \(wanted)")
        }
    }

    private static func exempt(_ policy: PreflightFacts.PolicyRestriction, _ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az policy exemption create --name kms-vault-switch --exemption-category Waiver",
            ["--policy-assignment": policy.assignment, "--scope": facts.names.vaultID])
    }

    private static func listCallerRoles(_ scope: String) -> ShellCommand {
        ShellCommand(
            #"""
            az role assignment list --include-inherited --include-groups \#
            --assignee "$(az ad signed-in-user show --query id --output tsv)"
            """#, ["--scope": scope])
    }

    private static func listSchedules(_ facts: PreflightFacts) -> ShellCommand {
        let scope = facts.names.clusterID
        return ShellCommand(
            "az rest --method get",
            [
                "--url": "\(scope)/providers/Microsoft.Authorization/roleAssignmentScheduleInstances"
                    + "?api-version=2020-10-01&$filter=asTarget()"
            ])
    }

    private static func listLocks(_ facts: PreflightFacts) -> [ShellCommand] {
        [
            ShellCommand(
                "az lock list",
                ["--resource-group": facts.names.resourceGroup, "--subscription": facts.names.subscription]),
            ShellCommand(
                "az lock list",
                ["--resource-group": facts.names.vaultResourceGroup, "--subscription": facts.names.vaultSubscription]),
        ]
    }

    private static func listProviders(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az provider list --query \"[].{namespace:namespace,state:registrationState}\" --output table",
            ["--subscription": facts.names.subscription])
    }
}
