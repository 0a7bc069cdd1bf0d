/// What a run is to reach, how it goes about it and what it lets through.
extension OptionEntry {
    package static let toPrivate = OptionEntry("private", .flag, "Make the vault private.")
    package static let toPublic = OptionEntry("public", .flag, "Make the vault public.")
    package static let resumedToPrivate = OptionEntry(
        "private", .flag, "The run's target. Needed for a run that began on another machine.")
    package static let resumedToPublic = OptionEntry("public", .flag, "The same, for a run to public.")
    /// What az has for the two flags.
    package static let mode = OptionEntry(
        az: "mode", .choice(["Private", "Public"]), isRequired: true, "The network mode for the vault.")
    package static let resumedMode = OptionEntry(
        az: "mode", .choice(["Private", "Public"]), resumedToPrivate.help)

    package static let newKeyID = OptionEntry(
        "key-id", .text,
        "A versioned key; in another vault, already in the target mode, for a switch without plaintext.", az: .same)
    package static let knownKeyID = OptionEntry(
        "key-id", .text, "The versioned key, if neither Azure nor the record shows it.", az: .same)
    package static let closeVaultFirst = OptionEntry(
        "close-vault-first", .flag, "The older order: close the vault while KMS is off. Riskier.", az: .same)
    package static let vaultFirewall = OptionEntry(
        "vault-firewall", .flag,
        "On the new KMS experience: close the vault by its firewall, which keeps the networks that it names.", az: .same
    )
    package static let viaPlatformKey = OptionEntry(
        "via-platform-key", .flag,
        "On the new KMS experience, if Azure refuses the direct way: by way of Azure's own key.", az: .same)
    package static let rotatedKeyID = OptionEntry(
        "key-id", .text, "The version to rotate to; the newest enabled one by default.", az: .same)
    package static let newVersion = OptionEntry(
        "new-version", .flag, "Make a new version of the key in Key Vault and rotate to it.", az: .same)
    package static let wait = OptionEntry(
        "wait", .duration, default: "6h",
        "How long Azure may take to notice the new version, on the new KMS experience.", az: .same)
    package static let platformManaged = OptionEntry(
        "platform-managed", .flag, "Encrypt Secrets with a key that Azure manages.", az: .same)
    package static let customerManaged = OptionEntry(
        "customer-managed", .flag, "Encrypt Secrets with your key in your vault, in the mode that KMS has.", az: .same)
    package static let migratedKeyID = OptionEntry(
        "key-id", .text, "The key, if it is not the one that KMS uses already.", az: .same)
    package static let dryRun = OptionEntry("dry-run", .flag, "Print the plan and its id; change nothing.", az: .same)
    package static let planID = OptionEntry("plan-id", .text, "Run only if the plan still has this id.", az: .same)
    package static let runID = OptionEntry("run-id", .text, "The run to go on with, if there are two.", az: .same)
    package static let onFailure = OptionEntry(
        "on-failure", .choice(["make-safe", "stop"]), default: "make-safe",
        "If the switch cannot go on with KMS off: make-safe (turn it on again) or stop.", az: .same)

    package static let yes = OptionEntry(
        "yes", short: "y", .flag, "Do not ask. Without a terminal this needs -g and --name too.",
        az: AzForm(spellings: ["--yes", "-y"], help: "Do not prompt for confirmation."))
    package static let acceptFailures = OptionEntry(
        "accept-failures", .choice(["denied", "invalid"]), repeats: true,
        "A class of failed Secrets that does not stop the job: denied or invalid; may be repeated.",
        az: AzForm(
            group: "Acceptance", help: "Space-separated classes of failed Secrets that do not stop the job."))
    package static let acceptUnprovenConvergence = OptionEntry(
        "accept-unproven-convergence", .flag,
        "Go on although it is not proven that every API server has the new configuration.",
        az: AzForm(spellings: ["--accept-unproven-convergence", "--accept-unproven"], group: "Acceptance"))
    package static let vaultSharedOK = OptionEntry(
        "vault-shared-ok", .flag, "Close the vault although other clusters use it as Public.",
        az: AzForm(group: "Acceptance"))
    package static let acceptUnknown = OptionEntry(
        "accept-unknown", .text, repeats: true, "A preflight check that may stay unknown; may be repeated.",
        az: AzForm(
            group: "Acceptance", help: "Space-separated preflight checks whose answer may stay unknown."))
    package static let soak = OptionEntry(
        "soak", .duration, default: "10m",
        "How long to watch after the vault was closed; 4m are enough once Key Vault was seen to be closed.",
        az: AzForm(group: "Pace"))
    package static let operationTimeout = OptionEntry(
        "operation-timeout", .duration, default: "60m",
        "How long one Azure operation may take before it counts as unknown.", az: AzForm(group: "Pace"))
    package static let timeout = OptionEntry(
        "timeout", .duration,
        "How long the command may run; then it stops, and resume goes on. Unlimited by default.", az: .same)
    package static let concurrency = OptionEntry(
        "concurrency", .integer, default: "400",
        "The most requests to the API server at a time; more than 64 only as far as they are on their way.",
        az: AzForm(group: "Pace"))
    package static let qps = OptionEntry(
        "qps", .number, "The most requests to the API server per second; unlimited by default.",
        az: AzForm(group: "Pace"))

    package static let report = OptionEntry(
        "report", .file,
        "Write the report to this file as well, whatever the end: JSON, or a page if it ends with .html.",
        az: .same)
    package static let keep = OptionEntry(
        "keep", .integer, default: "50", "How many reports of this cluster's runs stay on this machine.", az: .same)
    package static let run = OptionEntry(
        az: "run", .text, "The run's id, or the beginning of it; the newest run if it is not given.")
    package static let reportToCheck = OptionEntry(
        "verify", .file, "Say whether this file is as it was written. Nothing is asked of Azure.")
    package static let digest = OptionEntry(
        "digest", .text, "With --verify: the digest that the end of the run printed.")

    package static let patch = OptionEntry(
        "patch", .flag, "Also run the verifying pass over all Secrets, under the lock.", az: .same)
    package static let allChecks = OptionEntry("all", .flag, "List the checks that passed, too.")
    package static let namespace = OptionEntry(
        "namespace", short: "n", .text, repeats: true, "Only this namespace; may be repeated.")
    package static let passDryRun = OptionEntry(
        "dry-run", .choice(["none", "server"]), default: "none", "none, or server: run admission only, write nothing.")

    /// The plugin's group of these.
    static let change: [OptionEntry] = [
        yes, acceptFailures, acceptUnprovenConvergence, vaultSharedOK, acceptUnknown, soak, operationTimeout, timeout,
        concurrency, qps,
    ]
}
