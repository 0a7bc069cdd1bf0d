import Azure
import Usage

/// Whether this cluster's KMS can go to the target mode at all, in the way that was asked for.
enum KMSChecks {
    static let all = [
        enabled, modeDiffers, newExperience, strategy, vnetIntegration, networkRules, versionOne,
        RotationChecks.versionOne, NewExperienceChecks.kubernetesVersion,
    ]

    static let enabled = PreflightCheck(
        "kms-enabled", "KMS etcd encryption is on",
        why: "Mode and key are those of a KMS that is on; with KMS off there is neither, and Secrets are plaintext.",
        mend: "If a run was interrupted, finish it; else turn KMS on in the wanted mode.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .refuses,
        for: .legacy, before: [.disable], look: { [$0.showCluster] }
    ) { facts in
        if facts.cluster.encryption.value?.isNewExperience == true {
            return .notApplicable("the cluster is on the new KMS experience")
        }
        return facts.cluster.kms.judge { kms in
            kms.enabled
                ? .ok("KMS is on (\(kms.mode?.rawValue ?? "no mode given")) with the key \(kms.keyID)")
                : .refuse(
                    "KMS of cluster \(facts.names.cluster) is off",
                    [facts.ours(.status), facts.ours(.resume)])
        }
    }

    static let modeDiffers = PreflightCheck(
        "kms-mode-differs", "The cluster is not in the target mode yet",
        why:
            "A switch to the mode that the cluster has changes nothing; on the legacy KMS it would expose the Secrets for it.",
        mend: "Check the present mode instead of switching.",
        source: "https://learn.microsoft.com/azure/aks/update-kms-key-vault", ifUnknown: .refuses,
        for: [.legacySwitch, .newSwitch], before: [.disable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.kms.judge { kms in
            guard kms.enabled else { return .notApplicable("KMS is off") }
            guard let mode = kms.mode else {
                return .unknown("the KMS profile of cluster \(facts.names.cluster) gives no mode")
            }
            if mode != facts.target { return .ok("\(mode.rawValue) now, \(facts.target.rawValue) wanted") }
            let verify = [facts.ours(.verify)]
            // Right before KMS goes off, it means that someone else has switched the cluster meanwhile.
            return facts.step == .disable
                ? .refuse("the cluster has become \(mode.rawValue) meanwhile", verify)
                : .warn("the cluster is \(mode.rawValue) already", verify)
        }
    }

    static let newExperience = PreflightCheck(
        "kms-new-experience", "The cluster uses the legacy KMS, which this changes",
        why:
            "A cluster on the new KMS experience (platform encryption, keys without a version) cannot turn it off or go "
            + "back, and reaches a private vault in another way.",
        mend: "Look again: what is asked for is made for the legacy KMS. See "
            + "https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts",
        source: "https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts", ifUnknown: .refuses,
        for: .legacy, before: [.disable, .enable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.encryption.judge { encryption in
            let reason = "KMS of cluster \(facts.names.cluster) is \(encryption.words)"
            if encryption.isNewExperience {
                return .refuse("encryption of cluster \(facts.names.cluster): \(encryption.words)", [facts.showCluster])
            }
            return .ok(encryption.doubt.map { "\(reason). \($0)" } ?? reason)
        }
    }

    static let strategy = PreflightCheck(
        "strategy", "The way of switching fits the target",
        why: "The older order closes the vault while Secrets are plaintext: whatever then fails leaves them so.",
        mend: "Leave --close-vault-first out unless your procedure demands that order.",
        source: "https://learn.microsoft.com/azure/aks/update-kms-key-vault", ifUnknown: .refuses,
        for: [.legacySwitch], look: { _ in [] }
    ) { facts in
        let again = facts.ours(.switchMode, .target(facts.target))
        if facts.strategy.closeVaultFirst, facts.strategy.secondVault {
            return .refuse("--close-vault-first makes no sense with a key in another vault, which stays open", [again])
        }
        if facts.strategy.closeVaultFirst, facts.target == .publicAccess {
            return .refuse("--close-vault-first makes no sense on the way to Public", [again])
        }
        if facts.strategy.closeVaultFirst {
            return .warn("the vault is to be closed while KMS is off and Secrets are plaintext", [again])
        }
        return .ok(
            facts.strategy.secondVault
                ? "KMS stays on: the key moves to another vault" : "the vault is never closed before its new path works"
        )
    }

    static let vnetIntegration = PreflightCheck(
        "vnet-integration", "The API server is in the virtual network",
        why:
            "ARM refuses the Private mode without API Server VNet Integration, after KMS has been turned off. A rotation "
            + "sends the mode again, and is harmed by no refusal.",
        mend:
            "Turn API Server VNet Integration on, which cannot be undone, then stop and start the cluster at once: only "
            + "that takes it into use. A cluster in its own network also needs --apiserver-subnet-id.",
        source: "Azure/terraform-azurerm-aks#599", ifUnknown: .refuses, for: .legacy, before: [.disable],
        look: { [$0.showCluster] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        return facts.cluster.vnetIntegration.judge { integrated in
            if integrated { return .ok("API Server VNet Integration is on") }
            let reason = "cluster \(facts.names.cluster) has no API Server VNet Integration"
            let turnOn = [
                facts.onCluster("az aks update --enable-apiserver-vnet-integration"),
                facts.onCluster("az aks stop"), facts.onCluster("az aks start"),
            ]
            // A cluster may have become Private before ARM asked for it (Azure/AKS, CHANGELOG of 2024-09-18).
            return facts.job == .legacyRotation ? .warn(reason, turnOn) : .refuse(reason, turnOn)
        }
    }

    static let networkRules = PreflightCheck(
        "network-rules", "No network rule stands between the API server and the vault's private endpoint",
        why: "If port 443 from the API server's subnet to the private endpoint is blocked, KMS cannot reach the key.",
        mend: "Allow TCP 443 from the API server's subnet to the subnet of the private endpoint.",
        source: "MicrosoftDocs/azure-aks-docs#343", ifUnknown: .warns, for: [.legacySwitch], before: [.disable],
        look: { [listRules($0)] }
    ) { facts in
        guard facts.target == .privateAccess else { return .notApplicable("only the Private mode needs it") }
        return facts.cluster.blockingNetworkRules.and(facts.cluster.privateCluster).judge { rules, isPrivate in
            let kind = isPrivate ? "private cluster" : "cluster"
            return rules.isEmpty
                ? .ok("no rule blocks port 443 from the API server's subnet of the \(kind)")
                : .refuse("these rules of the \(kind)'s network block port 443: \(listed(rules))", [listRules(facts)])
        }
    }

    static let versionOne = PreflightCheck(
        "kms-v1-limits", "The cluster's KMS can take all Secrets",
        why: "KMS v1, before Kubernetes 1.27, takes at most 2,000 Secrets: with more, KMS cannot be turned on again.",
        mend: "Remove Secrets that are not needed; an upgrade is not possible while KMS v1 is on.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .warns,
        for: [.legacySwitch], before: [.disable], look: { [$0.showCluster, countSecrets] }
    ) { facts in
        facts.cluster.currentVersion.judge { text in
            guard let version = MinorVersion(text) else { return .unknown("\(text) is not a Kubernetes version") }
            if version >= MinorVersion(1, 27) { return .ok("Kubernetes \(text) has KMS v2, without a limit") }
            return facts.kubernetes.secretCount.judge { secrets in
                let reason = "Kubernetes \(text) has KMS v1, and the cluster has \(secrets) Secrets"
                return secrets > 2000
                    ? .refuse("\(reason), more than 2,000", [countSecrets]) : .warn(reason, [countSecrets])
            }
        }
    }

    private static let countSecrets = ShellCommand("kubectl get secrets --all-namespaces --output=name | wc -l")

    private static func listRules(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand("az network nsg list --output=table", ["--subscription": facts.names.subscription])
    }
}
