import Azure
import Usage

/// Whether someone or something else is at work on the cluster, or needs the vault as it is.
enum ConflictChecks {
    static let all = [runLock, journal, sharedVault, otherConsumers, reconcilers, clockSkew]

    static let runLock = PreflightCheck(
        "run-lock", "No other run holds the cluster",
        why: "Two runs at once change KMS under each other.", mend: "Wait for the other run, or ask who runs it.",
        source: "https://kubernetes.io/docs/concepts/architecture/leases/", ifUnknown: .refuses, before: [.disable],
        look: { _ in [showLease] }
    ) { facts in
        facts.conflicts.lock.judge { holder in
            guard let holder, !holder.isThisRun else { return .ok("no other run holds the cluster") }
            return .refuse("the run of \(holder.identity) holds the cluster", [showLease])
        }
    }

    static let journal = PreflightCheck(
        "journal-writable", "The journal can be written",
        why: "Key and vault are put on disk before the first change, so that a crash loses nothing.",
        mend: "Make the folder writable, or set XDG_STATE_HOME to one that is.",
        source: "https://specifications.freedesktop.org/basedir-spec/latest/", ifUnknown: .refuses, before: [.disable],
        look: { _ in [showStateFolder] }
    ) { facts in
        facts.conflicts.journalWritable.judge { writable in
            writable
                ? .ok("the journal can be written") : .refuse("the journal cannot be written", [showStateFolder])
        }
    }

    static let sharedVault = PreflightCheck(
        "shared-vault", "No other cluster needs the vault as it is",
        why: "Closing a vault that another cluster reaches as Public makes that cluster's Secrets unreadable.",
        mend: "Move the other clusters to keys in a vault of their own, or give --vault-shared-ok if you know better.",
        source: "https://learn.microsoft.com/azure/aks/update-kms-key-vault", ifUnknown: .warns,
        for: [.legacySwitch, .newSwitch],
        look: { [listClusters($0)] }
    ) { facts in
        // Opening a vault takes nothing from a cluster that is Private: its endpoint stays.
        guard facts.strategy.closesVault(facts.target) else { return .notApplicable("the vault is not to be closed") }
        return facts.conflicts.otherClusters.judge { others in judge(others, facts) }
    }

    private static func judge(_ others: PreflightFacts.OtherClusters, _ facts: PreflightFacts) -> Finding {
        let harmed = others.clusters.filter { $0.mode != .privateAccess }
        if !harmed.isEmpty {
            let reason = "clusters that reach vault \(facts.names.vault) as Public: \(listed(harmed.map(\.id)))"
            return facts.strategy.vaultSharedOK
                ? .warn("\(reason); let through with --vault-shared-ok", [listClusters(facts)])
                : .refuse(reason, [listClusters(facts)])
        }
        if !others.notLooked.isEmpty {
            return .warn(
                "no other cluster was found, but nobody could look everywhere: \(listed(others.notLooked))",
                [listClusters(facts)])
        }
        return .ok("\(others.clusters.count) other clusters use vault \(facts.names.vault), none of them as Public")
    }

    static let otherConsumers = PreflightCheck(
        "other-consumers", "Nothing else takes keys from the vault",
        why: "Disk encryption sets and applications that reach the vault publicly stop working when it is closed.",
        mend: "Give each of them a private endpoint, or check that it is a trusted service.",
        source: "https://learn.microsoft.com/azure/key-vault/general/network-security", ifUnknown: .warns,
        for: [.legacySwitch, .newSwitch],
        look: { [$0.showVault] }
    ) { facts in
        guard facts.strategy.closesVault(facts.target) else { return .notApplicable("the vault is not to be closed") }
        return facts.conflicts.otherConsumers.judge { consumers in
            consumers.isEmpty
                ? .ok("no other resource is known to take keys from the vault")
                : .warn(
                    "these take keys from vault \(facts.names.vault): \(listed(consumers))",
                    consumers.map { ShellCommand("az resource show", ["--ids": $0]) })
        }
    }

    static let reconcilers = PreflightCheck(
        "reconcilers", "Nothing puts the present state back",
        why: """
            What keeps the cluster or the vault as a definition says undoes what a run changes, also in the middle of it: \
            it turns KMS off, puts the key or the mode back, or opens or closes the vault.
            """,
        mend: "Pause it before the run, change its definition alike, then let it go on.",
        source: "https://cluster-api.sigs.k8s.io/developer/providers/contracts/infra-cluster", ifUnknown: .warns,
        look: { [showTags($0)] }
    ) { facts in
        facts.conflicts.reconcilers.judge { found in
            guard !found.isEmpty else { return .ok("no tag and no API of the cluster tells of one") }
            let words = found.map { "\($0.tool) (\($0.seen)): \($0.pause)" }
            return .warn("pause it first: \(listed(words))", [showTags(facts)])
        }
    }

    static let clockSkew = PreflightCheck(
        "clock-skew", "This machine's clock is right",
        why: "With a wrong clock, expiries are misjudged and tokens are refused.", mend: "Set the clock.",
        source: "https://learn.microsoft.com/entra/identity-platform/access-tokens", ifUnknown: .warns,
        look: { _ in [showClock] }
    ) { facts in
        facts.conflicts.clockSkew.judge { skew in
            // Entra allows five minutes, by which validity times are judged.
            let off = skew.magnitude
            if off <= 30 { return .ok("the clock is right within 30 seconds") }
            let reason = "this machine's clock is \(off) seconds \(skew > 0 ? "ahead" : "behind")"
            return off > 300 ? .refuse(reason, [showClock]) : .warn(reason, [showClock])
        }
    }

    private static let showLease = ShellCommand(
        "kubectl get lease kms-vault-switch --namespace=kube-system --output=yaml")
    private static let showClock = ShellCommand("timedatectl status")
    private static let showStateFolder = ShellCommand(#"ls -ld "${XDG_STATE_HOME:-$HOME/.local/state}""#)

    private static func showTags(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand("az resource show --query tags", ["--ids": facts.names.clusterID])
    }

    private static func listClusters(_ facts: PreflightFacts) -> ShellCommand {
        .own(.list, .value(.subscription, facts.names.subscription))
    }
}
