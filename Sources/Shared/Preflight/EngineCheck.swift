import SecretRewrite
import Usage

extension SecretChecks {
    static let engine = PreflightCheck(
        "rewrite-engine", "The cluster can rewrite Secrets itself, if --engine svm asks for it",
        why: "Without the API nobody does the rewrite that is asked for, and it would be missed only with KMS off.",
        mend: "Leave out --engine svm: this program then rewrites all Secrets itself.",
        source: "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/storage-version-migration/",
        ifUnknown: .refuses,
        look: { _ in [ShellCommand("kubectl get --raw /apis/storagemigration.k8s.io/v1")] }
    ) { facts in
        guard facts.strategy.engine == .svm else { return .notApplicable("this program rewrites") }
        return facts.kubernetes.servesMigrations.judge { isServed in
            isServed
                ? .ok(
                    "the API server has storagemigration.k8s.io/v1; only a try shows whether a controller works on it")
                : .refuse(
                    "the API server does not have storagemigration.k8s.io/v1, which comes with Kubernetes 1.37",
                    [ShellCommand("kubectl get --raw /apis/storagemigration.k8s.io/v1")])
        }
    }
}
