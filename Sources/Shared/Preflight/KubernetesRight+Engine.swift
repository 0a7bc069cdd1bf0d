package import SecretRewrite

extension KubernetesRight {
    /// What `--engine svm` takes on top of all else, and nothing instead of it: the verifying pass patches every
    /// Secret, and so does the rewrite where the engine comes to nothing.
    package static let ofEngine: [KubernetesRight] = [
        KubernetesRight(
            ["create", "get", "list", "delete"],
            .resource("storageversionmigrations", group: "storagemigration.k8s.io", namespace: "", name: ""),
            "with --engine svm the cluster is asked for the rewrite, and what was asked is removed at the end",
            neededFor: [.switchMode, .rewriteSecrets])
    ]

    /// The rights of a rewrite by this engine.
    package static func all(with engine: RewriteEngine) -> [KubernetesRight] {
        engine == .svm ? all + ofEngine : all
    }
}
