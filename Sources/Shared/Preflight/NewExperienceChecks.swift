import Azure
import Usage

/// What the new KMS experience asks for and the legacy KMS does not.
enum NewExperienceChecks {
    static let kubernetesVersion = PreflightCheck(
        "kms-new-kubernetes", "Kubernetes has the new KMS experience",
        why:
            "The new KMS experience needs Kubernetes 1.33 or later; what Azure does with an older one, no source tells.",
        mend: "Upgrade Kubernetes first.",
        source: "https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts", ifUnknown: .warns,
        for: .migrations, before: [.disable], look: { [$0.showCluster] }
    ) { facts in
        facts.kubernetesVersion.judge { text in
            guard let version = MinorVersion(text) else { return .unknown("\(text) is not a Kubernetes version") }
            if version >= MinorVersion(1, 33) { return .ok("Kubernetes \(text) has it") }
            return .refuse(
                "Kubernetes \(text) is older than 1.33", [facts.onCluster("az aks get-upgrades --output table")])
        }
    }

    static let wayIn = PreflightCheck(
        "vault-way-in", "The vault lets the cluster in, or the run can make it",
        why:
            "As Private, AKS comes through the vault's exception for trusted services; as Public, from any network. The "
            + "run sets either, but not against a network security perimeter: that the exception holds there is nowhere "
            + "said (inferred: it does not).",
        mend: "Take the vault out of its network security perimeter, or use a key in another vault.",
        source: "https://learn.microsoft.com/azure/aks/kms-data-encryption", ifUnknown: .refuses,
        for: [.newSwitch, .toCustomerKey], before: [.disable, .closeVault], look: { [$0.showVault] }
    ) { facts in
        facts.vault.access.and(facts.vault.networkACLs).judge { access, _ in
            let vault = facts.names.vault
            if access == .securedByPerimeter {
                return .refuse("vault \(vault) is secured by a network security perimeter", [facts.showVault])
            }
            let opening = facts.vaultSettings.filter { !$0.narrows }.map(\.rawValue)
            if opening.isEmpty { return .ok("vault \(vault) lets a cluster in that is \(facts.target.rawValue)") }
            return .ok("the run sets of vault \(vault) first: \(opening.joined(separator: ", "))")
        }
    }

    static let readsVault = PreflightCheck(
        "identity-reads-vault", "The identity may read the vault",
        why:
            "As Private, the new KMS experience needs more than the key: the documentation names Key Vault Contributor in "
            + "one place and Key Vault Reader in another, and Azure's own test adds Key Vault Reader for Private only. "
            + "What all of them give is vaults/read, so that is asked for.",
        mend: "Give the identity the role Key Vault Reader on the vault.",
        source:
            "https://learn.microsoft.com/azure/aks/migrate-key-management-service-platform-managed-key-customer-managed-key",
        ifUnknown: .warns, for: [.newSwitch, .toCustomerKey], before: [.disable], look: { [$0.listIdentityRoles] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        return facts.identity.roles.judge { roles in
            switch roles.filter({ !$0.isOnKeyOnly }).grant({ $0.allow(IdentityChecks.reading) }) {
            case .sure: return .ok("the identity may read vault \(facts.names.vault)")
            case .unsure(let names): return .unknown(IdentityChecks.hangsOn(names))
            case .none:
                return .refuse(
                    "no role lets the identity read vault \(facts.names.vault)",
                    [facts.grantIdentity("Key Vault Reader")])
            }
        }
    }
}

extension PreflightFacts {
    /// What ARM says that the control plane runs, else what the API server says.
    var kubernetesVersion: Fact<String> {
        cluster.currentVersion.value == nil ? kubernetes.serverVersion : cluster.currentVersion
    }
}
