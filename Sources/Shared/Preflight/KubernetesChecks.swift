import SecretRewrite
import Text
import Usage

/// Whether the API server is there, is the right one, and lets the caller do the work.
enum KubernetesChecks {
    static let all = [answers, isThisCluster, verifiesTLS, credentialLasts, rights, health, replicas, probes]

    static let answers = PreflightCheck(
        "api-server-answers", "The API server answers",
        why: "Without it nothing can be rewritten or proven: Secrets would stay as they are while KMS changes.",
        mend: "Run from a network that reaches the API server; a private cluster needs one with access to its network.",
        source: "https://learn.microsoft.com/azure/aks/access-private-cluster", ifUnknown: .refuses,
        before: [.disable, .closeVault],
        look: { [getCredentials($0), ShellCommand("kubectl version --output=json")] }
    ) { facts in
        facts.kubernetes.serverVersion.judge { text in
            guard let version = MinorVersion(text) else {
                return .refuse(
                    "the API server says that its version is \(text)", [ShellCommand("kubectl version --output=json")])
            }
            // Table answers for single objects and dry run admission of webhooks are dependable from here on.
            if version >= MinorVersion(1, 20) { return .ok("the API server is Kubernetes \(text)") }
            return .refuse(
                "Kubernetes \(text) is older than 1.20, the oldest that is known to work", [facts.showCluster])
        }
    }

    static let isThisCluster = PreflightCheck(
        "api-server-is-this-cluster", "The API server is that of the ARM cluster",
        why:
            "With another cluster's kubeconfig, one cluster's KMS would be changed while another's Secrets are rewritten.",
        mend: "Fetch the kubeconfig of this cluster, and choose its context.",
        source: "https://learn.microsoft.com/cli/azure/aks#az-aks-get-credentials", ifUnknown: .refuses,
        before: [.disable, .closeVault], look: { [getCredentials($0)] }
    ) { facts in
        facts.kubernetes.isTheARMCluster.judge { same in
            same
                ? .ok("its certificate is signed by the CA of cluster \(facts.names.cluster)")
                : .refuse(
                    "its certificate is not signed by the CA of cluster \(facts.names.cluster)", [getCredentials(facts)]
                )
        }
    }

    static let verifiesTLS = PreflightCheck(
        "tls-verified", "The connection to the API server is verified",
        why: "Unverified, anyone on the way can say that Secrets were rewritten, and can take the credential.",
        mend: "Remove insecure-skip-tls-verify, and give the CA instead.",
        source: "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
        ifUnknown: .refuses, look: { [getCredentials($0)] }
    ) { facts in
        facts.kubernetes.skipsTLSVerification.judge { skips in
            guard skips else { return .ok("TLS is verified") }
            return .refuse(
                "insecure-skip-tls-verify is set for \(facts.names.kubeconfigCluster)",
                [
                    ShellCommand(
                        "kubectl config set-cluster --insecure-skip-tls-verify=false",
                        operands: [facts.names.kubeconfigCluster])
                ])
        }
    }

    static let credentialLasts = PreflightCheck(
        "kubernetes-credential-lasts", "The kubeconfig's credential lasts as long as the run",
        why: "A token that ends in the middle stops the run until someone signs in again, perhaps with KMS off.",
        mend: "Sign in again, or use a kubeconfig whose credential renews itself.",
        source: "https://learn.microsoft.com/azure/aks/kubelogin-authentication", ifUnknown: .warns,
        before: [.disable], look: { [getCredentials($0)] }
    ) { facts in
        facts.kubernetes.credential.judge { credential in
            guard !credential.renewable, let expires = credential.expires else {
                return .ok(credential.renewable ? "the credential renews itself" : "the credential has no expiry")
            }
            let left = expires - facts.now
            if left >= 4 * 3600 { return .ok("the credential lasts \(duration(Double(left)))") }
            var remedy = [getCredentials(facts)]
            if facts.cluster.localAccountsDisabled.value == true {
                remedy.append(ShellCommand("kubelogin convert-kubeconfig --login azurecli"))
            }
            let reason = "the credential ends in \(duration(Double(max(0, left)))) and cannot be renewed"
            return left < (facts.exposesSecrets ? 30 * 60 : 1) ? .refuse(reason, remedy) : .warn(reason, remedy)
        }
    }

    static let rights = PreflightCheck(
        "kubernetes-rights", "You may do the work in the cluster",
        why: "A right that is missing stops the run in the middle, perhaps with KMS off.",
        mend: "Have an administrator apply the roles that kubectl kms-vault rbac prints.",
        source: "https://kubernetes.io/docs/reference/access-authn-authz/authorization/", ifUnknown: .refuses,
        before: [.disable], look: { _ in [ShellCommand("kubectl auth can-i --list --namespace=kube-system")] }
    ) { facts in
        facts.kubernetes.accessReviews.judge { reviews in
            var denied: [AccessRequest] = []
            var unasked: [AccessRequest] = []
            for request in PreflightFacts.requiredAccess(facts.strategy.engine) {
                let answers = reviews.filter { $0.request == request }
                if answers.isEmpty { unasked.append(request) }
                if answers.contains(where: { !$0.allowed }) { denied.append(request) }
            }
            if !denied.isEmpty {
                return .refuse(
                    "you may not \(listed(denied.map(\.text)))",
                    [
                        facts.strategy.engine == .svm
                            ? ShellCommand(
                                "kubectl kms-vault rbac --engine svm --user USER | kubectl apply --filename -")
                            : ShellCommand("kubectl kms-vault rbac --user USER | kubectl apply --filename -"),
                        ShellCommand("kubectl auth can-i --list --namespace kube-system"),
                    ])
            }
            if !unasked.isEmpty { return .unknown("no answer for: \(listed(unasked.map(\.text)))") }
            return .ok("all \(PreflightFacts.requiredAccess(facts.strategy.engine).count) rights are there")
        }
    }

    static let health = PreflightCheck(
        "api-server-healthy", "The API server and its KMS plugin are healthy",
        why: "If the plugin cannot reach the key now, encrypted Secrets cannot be read to be rewritten.",
        mend: "Find out why the key cannot be used; \(ShellCommand.own(.makeSafe)) repairs an interrupted run.",
        source: "https://learn.microsoft.com/azure/aks/kms-observability", ifUnknown: .warns,
        before: [.disable, .closeVault], look: { _ in [ShellCommand("kubectl get --raw '/readyz?verbose'")] }
    ) { facts in
        facts.kubernetes.failingHealthChecks.judge { failing in
            failing.isEmpty
                ? .ok("the API server is ready")
                : .refuse(
                    "the API server is not ready: \(listed(failing))",
                    [ShellCommand("kubectl get --raw '/readyz?verbose'")])
        }
    }

    static let replicas = PreflightCheck(
        "replicas-told-apart", "The API servers can be told apart",
        why: "Where they cannot, four are assumed, and proving that each has the new configuration takes more samples.",
        mend: "Allow reading /metrics; the ClusterRole that kubectl kms-vault rbac prints includes it.",
        source: "https://kubernetes.io/docs/reference/instrumentation/metrics/", ifUnknown: .warns,
        look: { _ in [ShellCommand("kubectl get --raw /metrics | grep ^process_start_time_seconds")] }
    ) { facts in
        facts.kubernetes.replicas.judge { count in
            count > 0
                ? .ok("\(count) API servers")
                : .warn(
                    "no API server could be told apart", [ShellCommand("kubectl auth can-i get /metrics")])
        }
    }

    static let probes = PreflightCheck(
        "probes-admitted", "Probe Secrets can be created in kube-system",
        why: "Without probes, nothing proves that every API server has the new configuration, and the run refuses.",
        mend: "Exempt Secrets named kms-vault-probe-* in kube-system from the webhook, policy or quota.",
        source: "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
        ifUnknown: .warns, look: { _ in [SecretChecks.listWebhooks] }
    ) { facts in
        facts.kubernetes.probeDenials.judge { denials in
            denials.isEmpty
                ? .ok("probe Secrets are admitted")
                : .warn("probe Secrets are denied: \(listed(denials))", [SecretChecks.listWebhooks])
        }
    }

    private static func getCredentials(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az aks get-credentials --overwrite-existing",
            [
                "--resource-group": facts.names.resourceGroup, "--name": facts.names.cluster,
                "--subscription": facts.names.subscription,
            ])
    }
}
