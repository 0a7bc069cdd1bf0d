import Azure
import ModeSwitch
import Report
import Text
import Usage

/// The sentences of a report that a person reads first.
extension RunReport {
    /// What came of the run, in one line.
    package var verdictLine: String {
        var line = "\(outcome): \(kmsSentence) \(secretsSentence)"
        if let words = exposureSentence { line += " " + words }
        return line
    }

    private var outcome: String {
        switch ExitCode(rawValue: exitCode) {
        case .done: "Done"
        case .doneWithFailures: "Done, but not every Secret was rewritten"
        case .interrupted: "Interrupted"
        case .stoppedInPlaintext: "NOT DONE"
        default: "Not done"
        }
    }

    private var kmsSentence: String {
        if newKMSExperience {
            return kms.isNew
                ? "Secrets are encrypted with the \(kms.words)." : "The cluster is on the new KMS experience."
        }
        return kms.enabled ? "KMS is \(kms.mode.rawValue)." : "KMS is off."
    }

    private var secretsSentence: String {
        switch secretsAtRest {
        case .encrypted: "Every Secret is encrypted."
        case .plaintext: "Secrets are PLAINTEXT in etcd."
        case .mixed: "Secrets are, or may be, PLAINTEXT in etcd."
        case .unknown: "It was not proven whether every Secret is encrypted."
        }
    }

    private var exposureSentence: String? {
        guard let exposure else { return nil }
        guard let seconds = exposure.seconds else {
            return "Exposed since \(rfc3339(exposure.startedAt) ?? "an unknown time"), NOT ended."
        }
        return "Exposed for \(duration(seconds))."
    }
}

/// What an item of the evidence proves, and what it does not; nil for one that is not known.
func meaning(ofEvidence id: String) -> (proves: String, not: String)? {
    switch id {
    case "arm-profile":
        ("Azure shows the wanted KMS mode and key.", "That API servers have taken it, or how Secrets are stored.")
    case "vault-access":
        ("The vault's network setting was read back as wanted.", "That no other setting of the vault changed.")
    case "verifying-pass":
        (
            "Every Secret was patched after KMS came on, and the API server stored each in its present form.",
            "Anything about backups and old revisions of etcd."
        )
    case "rewrite-engine":
        ("Nothing: the verifying pass made up for what the engine had left.", "Why the engine left it.")
    case "convergence":
        (
            "Samples of all API servers were stored alike over at least three minutes.",
            "Anything about an API server that answered no request in that time."
        )
    case "metrics": ("API servers count writes as encrypted.", "Which Secrets these were.")
    case "live-key": ("API servers name the key with which they encrypt.", "How older Secrets are stored.")
    case "settings-kept":
        (
            "Azure shows every other setting of the cluster as before.",
            "Settings that Azure's API version does not show."
        )
    case "update-condition":
        ("Azure took each update only for the cluster as it was read.", "Changes by others after the run.")
    default: nil
    }
}

/// Commands with which an auditor can look at the same things again.
func auditCommands(_ report: RunReport) -> [(purpose: String, command: String)] {
    guard let cluster = try? AzureResourceID(parsing: report.cluster) else { return [] }
    let place = [
        "--subscription \(ShellCommand.quoted(cluster.subscription))",
        "-g \(ShellCommand.quoted(cluster.resourceGroup))",
    ].joined(separator: " ")
    let name = ShellCommand.quoted(cluster.name)
    let verify = ShellCommand.own(
        .verify,
        in: ToolCommand.Cluster(
            subscription: cluster.subscription, resourceGroup: cluster.resourceGroup, name: cluster.name),
        [.flag(.patch)])
    var commands = [
        ("Encrypts and checks every Secret again", verify.line(for: .kubectl)),
        (
            "KMS as Azure shows it",
            "az aks show \(place) -n \(name) --query securityProfile.azureKeyVaultKms"
        ),
    ]
    if let vault = try? AzureResourceID(parsing: report.vault) {
        commands.append(
            (
                "The vault's network access",
                "az keyvault show --subscription \(ShellCommand.quoted(vault.subscription)) "
                    + "-g \(ShellCommand.quoted(vault.resourceGroup)) -n \(ShellCommand.quoted(vault.name)) "
                    + "--query properties.publicNetworkAccess"
            ))
    }
    if let context = report.context {
        commands.append(
            (
                "All changes of this run in Azure's activity log (kept for 90 days)",
                "az monitor activity-log list --subscription \(ShellCommand.quoted(cluster.subscription)) "
                    + "--correlation-id \(ShellCommand.quoted(context.correlationID))"
            ))
    }
    return commands
}
