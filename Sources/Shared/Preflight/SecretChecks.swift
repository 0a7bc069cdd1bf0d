import SecretRewrite
import Usage

/// Whether the Secrets themselves can be rewritten, all of them, and nothing encrypted is left out.
enum SecretChecks {
    static let all = [admission, decryptable, valid, answered, counted, otherResources, previousKey, engine]

    /// Those that judge the dry run, or what the API servers' metrics tell, which are read after it.
    static let ofDryRun = [
        admission, decryptable, valid, answered, counted, previousKey, otherResources, KubernetesChecks.replicas,
    ]

    static let admission = PreflightCheck(
        "admission-dry-run", "No webhook or policy denies the rewrite",
        why:
            "Admission sees each rewrite as an update: a webhook that denies one leaves that Secret as it is stored, with "
            + "KMS off as plaintext. In a migration Azure itself updates every Secret as well, and asks to have no policy "
            + "that blocks it (learn.microsoft.com, migrate-key-management-service).",
        mend: "Exempt the update from the webhook or policy, or fix the webhook, before anything is changed.",
        source: "kserve/kserve#1251", ifUnknown: .refuses, look: { _ in [tryRewrite, listWebhooks] }
    ) { facts in
        facts.kubernetes.dryRun.judge { run in
            if !run.denied.isEmpty {
                let migrates = Set.migrations.contains(facts.job)
                let reason =
                    "Secrets are denied: \(counts(run.denied))"
                    + (migrates ? "; in a migration Azure updates every Secret too" : "")
                return facts.strategy.acceptedFailures.contains(.denied)
                    ? .warn("\(reason); accepted with --accept-failures denied", [listWebhooks, tryRewrite])
                    : .refuse(reason, [listWebhooks, tryRewrite])
            }
            if !run.untestable.isEmpty {
                return .warn("Secrets cannot be tried without side effects: \(counts(run.untestable))", [listWebhooks])
            }
            return .ok("\(run.accepted) Secrets are admitted")
        }
    }

    static let decryptable = PreflightCheck(
        "secrets-decryptable", "Every Secret can be decrypted",
        why: "What cannot be decrypted now cannot be rewritten, and stays bound to a key that may go.",
        mend:
            "Bring back the key version that encrypted it; if it is gone for good, delete the Secret and make it anew: "
            + "docs/undecryptable.md has how.",
        source: "kubernetes/kubernetes#66844", ifUnknown: .refuses, look: { _ in [tryRewrite] }
    ) { facts in
        facts.kubernetes.dryRun.judge { run in
            run.undecryptable == 0
                ? .ok("no Secret failed to be decrypted")
                : .refuse("\(run.undecryptable) Secrets cannot be decrypted", [tryRewrite])
        }
    }

    static let valid = PreflightCheck(
        "secrets-valid", "Every Secret passes today's validation",
        why: "An old Secret that no longer validates cannot be rewritten, and stays as it was stored.",
        mend: "Fix the Secrets that the dry run names, or let them through with --accept-failures invalid.",
        source: "https://kubernetes.io/docs/reference/using-api/api-concepts/", ifUnknown: .warns,
        look: { _ in [tryRewrite] }
    ) { facts in
        facts.kubernetes.dryRun.judge { run in
            if run.invalid == 0 { return .ok("no Secret is invalid") }
            let reason = "\(run.invalid) Secrets are invalid"
            return facts.strategy.acceptedFailures.contains(.invalid)
                ? .warn("\(reason); accepted with --accept-failures invalid", [tryRewrite])
                : .refuse(reason, [tryRewrite])
        }
    }

    static let answered = PreflightCheck(
        "secrets-answered", "Every Secret's dry run got an answer",
        why: "If the API server or a webhook does not answer now, the rewrite fails as well, in the middle of the run.",
        mend: "Fix what does not answer, or wait until it does. Then run the preflight again.",
        source: "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
        ifUnknown: .refuses, look: { _ in [listWebhooks, tryRewrite] }
    ) { facts in
        facts.kubernetes.dryRun.judge { run in
            let failed = run.failed.values.reduce(0, +)
            if failed == 0 { return .ok("every Secret got an answer") }
            let reason = "\(failed) of \(run.total) Secrets got no clear answer: \(counts(run.failed))"
            if failed == run.total { return .refuse(reason, [listWebhooks, tryRewrite]) }
            // Few of them are tried again in the rewrite itself. With half of them no rewrite can be foretold.
            return 2 * failed >= run.total ? .unknown(reason) : .warn(reason, [listWebhooks, tryRewrite])
        }
    }

    static let counted = PreflightCheck(
        "secrets-counted", "The dry run saw every Secret",
        why: "If Secrets can be seen that the dry run did not reach, nothing is known of them.",
        mend: "Run the preflight again while nothing creates many Secrets.",
        source: "https://kubernetes.io/docs/reference/using-api/api-concepts/", ifUnknown: .warns,
        look: { _ in [tryRewrite] }
    ) { facts in
        facts.kubernetes.secretCount.and(facts.kubernetes.dryRun).judge { count, run in
            // A few come and go while the dry run is under way; one in fifty is no longer a few.
            let unseen = count - run.total
            if unseen <= max(5, count / 50) { return .ok("\(count) Secrets, \(run.total) tried") }
            return .warn("\(count) Secrets are there, but only \(run.total) were tried", [tryRewrite])
        }
    }

    static let otherResources = PreflightCheck(
        "other-encrypted-resources", "Only Secrets are encrypted",
        why:
            "Other resources that KMS encrypted would not be rewritten, and would stay bound to the key as it is. On the "
            + "new KMS experience Azure rewrites them by itself, and nothing proves that it has.",
        mend: "Rewrite these resources too, before and after.",
        source: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/", ifUnknown: .warns,
        before: [.disable],
        look: { _ in
            [ShellCommand("kubectl get --raw /metrics | grep ^apiserver_envelope_encryption")]
        }
    ) { facts in
        facts.kubernetes.otherEncryptedResources.judge { resources in
            if resources.isEmpty { return .ok("no other resource is encrypted") }
            let reason = "encrypted besides Secrets: \(listed(resources))"
            return Set.legacy.contains(facts.job)
                ? .refuse(reason, [facts.ours(.status)]) : .warn(reason, [facts.ours(.status)])
        }
    }

    static let previousKey = PreflightCheck(
        "previous-key-released", "No Secret still needs an earlier key",
        why: "AKS keeps two keys: a second change of the key before all Secrets are rewritten makes some unreadable.",
        mend: "Rewrite all Secrets with the present key first.", source: "Azure/kubernetes-kms#291", ifUnknown: .warns,
        look: { [$0.ours(.verify)] }
    ) { facts in
        facts.kubernetes.previousKeyInUse.judge { inUse in
            guard inUse else { return .ok("no Secret needs an earlier key") }
            let reason = "Secrets may still need the key before the present one"
            let rewrite = [facts.ours(.rewriteSecrets)]
            // Every run to another key rewrites them first. A rotation then takes no failure; this may, if accepted.
            return facts.strategy.secondVault ? .refuse(reason, rewrite) : .warn(reason, rewrite)
        }
    }

    static let listWebhooks = ShellCommand(
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations --output=wide")
    private static let tryRewrite = ShellCommand.own(.rewriteSecrets, .value(.passDryRun, "server"))

    private static func counts(_ secrets: [String: Int]) -> String {
        listed(secrets.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" })
    }
}

extension PreflightFacts.DryRun {
    /// Every Secret that was tried.
    var total: Int {
        accepted + denied.values.reduce(0, +) + untestable.values.reduce(0, +) + invalid + undecryptable
            + failed.values.reduce(0, +)
    }
}
