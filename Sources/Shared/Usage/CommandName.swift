/// The commands, as people type them after `kubectl kms-vault`.
package enum CommandName: String, Sendable, Hashable, CaseIterable {
    case status
    case preflight
    case switchMode = "switch"
    case resume
    case makeSafe = "make-safe"
    case rotate
    case migrate
    case rewriteSecrets = "rewrite-secrets"
    case verify
    case list
    case history
    case report
    case rbac
    case options
    case completion
    case version

    /// The command that az calls so.
    package init?(az name: String) {
        guard let found = Self.allCases.first(where: { $0.entry.az?.name == name }) else { return nil }
        self = found
    }

    package var entry: CommandEntry {
        switch self {
        case .status: .status
        case .preflight: .preflight
        case .switchMode: .switchMode
        case .resume: .resume
        case .makeSafe: .makeSafe
        case .rotate: .rotate
        case .migrate: .migrate
        case .rewriteSecrets: .rewriteSecrets
        case .verify: .verify
        case .list: .list
        case .history: .history
        case .report: .report
        case .rbac: .rbac
        case .options: .options
        case .completion: .completion
        case .version: .version
        }
    }
}

extension CommandEntry {
    fileprivate static let status = CommandEntry(
        "Show the cluster's KMS mode, its key and vault, an unfinished run, and what to do next.",
        [.watch] + OptionEntry.fleet + OptionEntry.connection + OptionEntry.shown,
        az: AzForm(
            name: "show", options: ofAzCluster, table: "show",
            details: """
                secretsAtRest is unknown unless an unfinished run of this machine has proven more: that KMS is on does \
                not tell how older Secrets are stored. "verify --patch" checks every Secret.
                """,
            examples: [
                "Show the KMS mode of a cluster.": "",
                "Show only how Secrets are stored.": "--query secretsAtRest -o tsv",
            ]))

    fileprivate static let preflight = CommandEntry(
        "Check everything that could make a switch fail; changes nothing.",
        ofSwitch + [.engine, .allChecks] + OptionEntry.fleet + ofCluster,
        az: AzForm(
            name: "preflight",
            options: [.mode, .newKeyID, .closeVaultFirst, .engine] + acceptance + pace + ofAzCluster,
            table: "preflight",
            examples: ["Check whether the vault can go private.": "--mode Private -o table"]))

    fileprivate static let switchMode = CommandEntry(
        "Switch the vault to private or public: the whole job.",
        ofSwitch + [.vaultFirewall, .viaPlatformKey, .dryRun, .planID, .onFailure, .engine] + reporting
            + OptionEntry.fleet + ofCluster,
        az: AzForm(
            name: "switch", changes: true,
            options: [
                .mode, .newKeyID, .closeVaultFirst, .vaultFirewall, .viaPlatformKey, .dryRun, .planID, .onFailure,
                .engine,
            ] + reporting + ofAzChange,
            table: "plan_or_report",
            details: """
                Shows the plan and asks before it changes anything. If the switch cannot go on while Secrets may be \
                plaintext, it turns KMS on again by itself (--on-failure).
                """,
            examples: [
                "Make the vault private.": "--mode Private",
                "Show what that would do, without changing anything.": "--mode Private --dry-run -o table",
                "Make it public again, without a question.": "--mode Public --yes",
                "If the switch cannot go on, stop and leave everything as it is.": "--mode Private --on-failure stop",
            ]))

    fileprivate static let resume = CommandEntry(
        "Go on with a switch that was interrupted, from any state.",
        [.resumedToPrivate, .resumedToPublic, .runID, .knownKeyID, .onFailure, .engine] + reporting + ofCluster,
        az: AzForm(
            name: "resume", changes: true,
            options: [.resumedMode, .runID, .knownKeyID, .onFailure, .engine] + reporting + ofAzChange,
            table: "report",
            details: """
                What the cluster says of a run that began on another machine is only a hint: name its target with \
                --mode.
                """,
            examples: [
                "Go on with an interrupted switch.": "",
                "Go on with a switch that began on another machine.": "--mode Private",
            ]))

    fileprivate static let makeSafe = CommandEntry(
        "Go back to encrypted and readable, from any state.",
        [.knownKeyID] + reporting + OptionEntry.fleet + ofCluster,
        az: AzForm(
            name: "make-safe", changes: true, options: [.knownKeyID] + reporting + ofAzChange, table: "report",
            examples: ["Have all Secrets encrypted and readable again.": ""]))

    fileprivate static let rotate = CommandEntry(
        "Move KMS to another version of its key, rewrite all Secrets and say which version must stay.",
        [.rotatedKeyID, .newVersion, .wait, .dryRun, .planID] + reporting + OptionEntry.fleet + ofCluster,
        az: AzForm(
            name: "rotate", changes: true,
            options: [.rotatedKeyID, .newVersion, .wait, .dryRun, .planID] + reporting + ofAzChange,
            table: "plan_or_report",
            details: """
                Takes the newest enabled version of the key, or the one that is named or made. On the new KMS experience \
                Azure takes a new version by itself within six hours; this waits for it and verifies every Secret.
                """,
            examples: [
                "Make a new version of the key and move KMS to it.": "--new-version",
                "Show what that would do, without changing anything.": "--new-version --dry-run -o table",
            ]))

    fileprivate static let migrate = CommandEntry(
        "Move the cluster to the new KMS experience, from which there is no way back.",
        [.platformManaged, .customerManaged, .migratedKeyID, .viaPlatformKey, .dryRun, .planID] + reporting + ofCluster,
        az: AzForm(
            name: "migrate", changes: true,
            options: [.platformManaged, .customerManaged, .migratedKeyID, .viaPlatformKey, .dryRun, .planID]
                + reporting + ofAzChange,
            table: "plan_or_report",
            details: """
                A cluster on the new KMS experience never goes back to the legacy one. Secrets are encrypted throughout, \
                if they were before.
                """,
            examples: [
                "Have Azure's own key encrypt Secrets.": "--platform-managed",
                "Keep the key in the vault.": "--customer-managed",
            ]))

    fileprivate static let rewriteSecrets = CommandEntry(
        "Rewrite every Secret with the cluster's present encryption.",
        [.namespace, .passDryRun, .engine, .resources] + ofCluster)

    fileprivate static let verify = CommandEntry(
        "Gather evidence that Secrets are encrypted and readable; only reads.",
        [.patch] + OptionEntry.fleet + ofCluster,
        az: AzForm(
            name: "verify", options: [.patch] + pace + ofAzCluster, table: "verify",
            summary: "Gather evidence that Secrets are encrypted and readable. Only reads, unless --patch is given.",
            examples: [
                "Read the evidence.": "-o table",
                "Send an empty patch to every Secret, to see that it is encrypted.": "--patch",
            ]))

    fileprivate static let list = CommandEntry(
        "Show the KMS mode of every cluster in the subscriptions that you can read.", takesCluster: false,
        [.listedSubscription] + OptionEntry.shown,
        az: AzForm(
            name: "list", options: [.allSubscriptions], table: "clusters",
            summary: "List the clusters of the subscription with their KMS mode.",
            examples: [
                "List clusters as a table.": "-o table",
                "Look into every subscription that can be read.": "--all-subscriptions",
            ]))

    fileprivate static let history = CommandEntry(
        "List the runs of this cluster, from this machine and from the cluster.",
        OptionEntry.connection + OptionEntry.shown,
        az: AzForm(
            name: "history", options: ofAzCluster, table: "history",
            examples: ["List the runs of a cluster as a table.": "-o table"]))

    fileprivate static let report = CommandEntry(
        "Show the report of a run, or check that a report is as it was written.",
        [.reportToCheck, .digest] + OptionEntry.connection + OptionEntry.shown,
        az: AzForm(
            name: "report", options: [.run] + ofAzCluster, table: "report",
            summary: "Show the report of a run.",
            examples: [
                "Show the report of the newest run.": "",
                "Show who made a run.": "--run 3f2a --query context.author",
            ]))

    fileprivate static let rbac = CommandEntry(
        "Print the least roles that a command needs, for the cluster or for Azure.", takesCluster: false,
        [
            .rightsOf, .engine, .neededOnly, .roleUser, .roleGroup, .roleServiceAccount, .azureRole, .roleSubscription,
            .roleResourceGroup,
        ])

    fileprivate static let options = CommandEntry(
        "List the options of the connection, which every command on a cluster takes.", takesCluster: false, [])

    fileprivate static let completion = CommandEntry(
        "Set up completion with the Tab key, in kubectl or in a shell.", takesCluster: false, [.linkFolder])

    fileprivate static let version = CommandEntry(
        "Print the version; with -o json also those of the libraries in it.", takesCluster: false, OptionEntry.shown)

    /// What a switch and its preflight take.
    private static let ofSwitch: [OptionEntry] = [.toPrivate, .toPublic, .newKeyID, .closeVaultFirst]
    /// What az's commands take: those about a cluster, and those that change one.
    private static let ofAzCluster: [OptionEntry] = [
        .name, .kubeconfig, .context, .admin, .timeout, .keyVaultResourceID,
    ]
    private static let acceptance: [OptionEntry] = [
        .acceptUnknown, .acceptFailures, .acceptUnprovenConvergence, .vaultSharedOK,
    ]
    private static let reporting: [OptionEntry] = [.report, .keep]
    private static let pace: [OptionEntry] = [.concurrency, .qps]
    private static let ofAzChange: [OptionEntry] =
        [.yes, .soak, .operationTimeout] + acceptance + pace + ofAzCluster
    /// What every command takes that works on the Secrets of one cluster.
    private static let ofCluster = OptionEntry.change + OptionEntry.connection + OptionEntry.shown
}
