import Azure
package import ModeSwitch
import Plan
import Report
import SecretRewrite
import Usage

extension Words {
    /// An ending of each kind, for the documentation and for tests that ask for words about all of them.
    package static let examples: [Ending] =
        [
            .clusterGone, .clusterRecreated, .clusterStopped, .clusterFailed("ARM's words"), .newKMSExperience,
            .unknownKMS("what Azure shows or hides"),
            .changedByOthers(
                KMSProfile(
                    enabled: true, keyID: "https://VAULT.vault.azure.net/keys/KEY/VERSION", mode: .publicAccess,
                    vaultID: "")),
            .keyUnusable(.disabled), .keyUnusable(.expired), .keyUnusable(.deleted), .keyUnusable(.unreadable),
            .vaultUnusable(.softDeleted), .vaultUnusable(.gone), .vaultUnusable(.forbidden),
            .vaultUnusable(.unreadable("ARM's words")), .vaultFirewall, .vaultPerimeter,
            .vaultKeepsAccess(.enabled), .vaultKeepsAccess(.disabled), .vaultKeepsRules(.trustServices),
            .keyNotMade(AzureRefusal(.right, what: "Key Vault's words")), .vaultShared(["OTHER-CLUSTER"]),
            .privateEndpoint(.none), .privateEndpoint(.pending), .privateEndpoint(.rejected), .privateImpossible,
            .oldPathUnproven, .convergenceUnproven(.homogeneous, ""), .convergenceUnproven(.mixed, ""),
            .convergenceUnproven(.silent, "the reason"),
            .convergenceUnproven(.unavailable, "the reason"), .secretsFailed([.denied: 2, .invalid: 1]),
            .secretsFailed([.undecryptable: 1]), .passIncomplete, .soakFailed("the API server's words"), .proofFailed,
            .checkRefuses("the check's id and reason"), .recordUnwritable("the disk's words"),
        ].map { (reason: StopReason) in Ending.stopped(reason) }
        + refusals.map { .stopped(.armRefuses(AzureRefusal($0, what: "ARM's words"))) }
        + [.stopped(.apiServerUnreachable)] + [
            .turnedBack(.apiServerUnreachable), .interrupted("the reason"), .finished,
        ]

    /// One of each kind that has an id of its own, in the order of the documentation.
    private static let refusals: [AzureRefusal.Kind] = [
        .policy, .lock, .right, .signIn, .identityRight, .keyRight, .busy, .throttled, .failed, .other,
    ]

    /// docs/troubleshooting.md: every problem's id with what it says and what it tells to do.
    package static func troubleshooting() throws -> String {
        let intent = try exampleIntent()
        let seen = seenByExample(intent)
        var lines = [
            "# Troubleshooting", "",
            "A run that stops says what happened, which state that leaves and what to run next, and gives one of the ids",
            "below (`problem.id` in JSON). Names in capitals stand for yours. The first thing to look at is always whether",
            "Secrets are plaintext now (`secretsAtRest`): if they are, or may be,", "",
            "    \(named(Names(intent).tool(.makeSafe).line(for: .kubectl)))", "",
            "brings them back to encrypted and readable, in the mode that the vault serves, from every state.", "",
            "Where a right is missing, in the cluster or in Azure, `kubectl kms-vault rbac` prints the roles that give it:",
            "[rbac.md](rbac.md).", "",
        ]
        lines += wrapped(ExitCode.sentence)
        lines += [
            "", "This file is generated from the messages; a test keeps it true",
            "(`UPDATE_DOCS=1 swift test --filter ConsoleTests`).",
        ]
        var last = ""
        for ending in examples {
            let problem = problem(for: ending, intent: intent, seen: seen, atRest: .encrypted)
            guard let problem else { continue }
            if problem.id != last { lines += ["", "## \(problem.id)"] }
            last = problem.id
            lines += [""] + wrapped(named(problem.what)) + [""]
            for line in named(problem.next.text(for: .kubectl)).split(separator: "\n") {
                lines += line.hasPrefix("  ") ? ["    " + line.dropFirst(2)] : wrapped(line) + [""]
            }
        }
        return (lines + FailureID.documentation).joined(separator: "\n") + "\n"
    }

    /// A sentence in lines as wide as those of other documents.
    private static func wrapped(_ text: some StringProtocol) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= 120 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static let exampleSubscription = "00000000-0000-0000-0000-000000000000"
    private static let exampleKey = "https://vault.vault.azure.net/keys/KEY/00000000000000000000000000000000"

    /// A text about the example with names in capitals for those ids that have a form of their own.
    private static func named(_ text: String) -> String {
        text.replacing(exampleKey, with: "https://VAULT.vault.azure.net/keys/KEY/VERSION")
            .replacing(exampleSubscription, with: "SUBSCRIPTION")
    }

    private static func exampleIntent() throws -> Intent {
        Intent(
            runID: "RUN", target: .privateAccess, strategy: .inPlace,
            original: KMSProfile(enabled: true, keyID: exampleKey, mode: .publicAccess, vaultID: ""),
            originalVaultAccess: .enabled, keyID: try KeyIdentifier(parsing: exampleKey),
            vaultID: try AzureResourceID(
                subscription: exampleSubscription, resourceGroup: "VAULT-GROUP", provider: "Microsoft.KeyVault",
                segments: ["vaults", "VAULT"]),
            clusterID: try AzureResourceID.managedCluster(
                subscription: exampleSubscription, resourceGroup: "GROUP", name: "CLUSTER"),
            resourceUID: "UID", kubeSystemUID: "UID")
    }

    /// The target reached with two Secrets left, so that a finished run has something to tell too.
    private static func seenByExample(_ intent: Intent) -> Observation {
        var seen = Observation(
            cluster: ClusterObservation(kms: intent.targetProfile, resourceUID: "UID", vnetIntegration: false),
            vault: VaultObservation(access: .disabled, privateEndpoint: .approved),
            kubernetes: KubernetesObservation(kubeSystemUID: "UID"))
        seen.receipts.changeSent(intent.targetProfile, at: 0)
        var pass = PassReceipt(kind: .verify, complete: true, began: seen.receipts.passBegins())
        pass.failures = [.denied: 2]
        seen.receipts.passEnded(pass)
        return seen
    }
}
