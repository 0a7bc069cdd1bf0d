package import SecretRewrite

/// A right in the cluster, as one rule of RBAC.
///
/// This is the one list: `kubernetes-rights` asks for what a switch needs of it, and `rbac` prints it. Reviews of one's
/// own rights, `/version` and `/readyz` are not on it: Kubernetes gives them to everyone who is signed in
/// (system:basic-user, system:public-info-viewer).
package struct KubernetesRight: ListedRight, Hashable {
    package enum Object: Sendable, Hashable {
        /// An empty namespace means all. Names are empty where RBAC cannot limit the verb to them: create and list.
        case resource(_ plural: String, group: String, namespace: String, name: String)
        /// A path that is no object.
        case path(String)
    }

    package let verbs: [String]
    package let object: Object
    package let why: String
    package let neededFor: Set<RightsUse>
    package let helps: Set<RightsUse>

    init(
        _ verbs: [String], _ object: Object, _ why: String, neededFor: Set<RightsUse> = [], helps: Set<RightsUse> = []
    ) {
        self.verbs = verbs
        self.object = object
        self.why = why
        self.neededFor = neededFor
        self.helps = helps
    }

    /// The namespace of a right that a Role can give; nil where it takes a ClusterRole.
    package var namespace: String? {
        guard case .resource(_, _, let namespace, _) = object, !namespace.isEmpty else { return nil }
        return namespace
    }

    /// The questions that tell whether one has it; none about paths, of which no command needs any.
    package var requests: [AccessRequest] {
        guard case .resource(let resource, let group, let namespace, let name) = object else { return [] }
        return verbs.map {
            AccessRequest(verb: $0, group: group, resource: resource, namespace: namespace, name: name)
        }
    }

    private static func anywhere(_ resource: String, name: String = "") -> Object {
        .resource(resource, group: "", namespace: "", name: name)
    }

    private static func ours(_ resource: String, group: String = "", name: String = "") -> Object {
        .resource(resource, group: group, namespace: "kube-system", name: name)
    }

    private static let coordination = "coordination.k8s.io"
    /// The Lease that is the lock, and the ConfigMap that is the record.
    private static let switchName = "kms-vault-switch"

    package static let all: [KubernetesRight] = [
        KubernetesRight(
            ["get"], anywhere("namespaces", name: "kube-system"),
            "the UID of kube-system tells whether the cluster is still the same", neededFor: Set(RightsUse.allCases)),
        KubernetesRight(
            ["list"], anywhere("namespaces"), "Secrets are listed namespace by namespace",
            neededFor: .changesAndPreflight.union([.rewriteSecrets])),
        KubernetesRight(
            ["list", "patch"], anywhere("secrets"),
            "a patch that changes nothing stores a Secret anew; no content is asked for or sent",
            neededFor: .changesAndPreflight.union([.rewriteSecrets])),
        KubernetesRight(
            ["get"], .path("/metrics"), "metrics tell API servers apart, and how they store Secrets",
            helps: .changesAndPreflight.union([.verify])),
        KubernetesRight(
            ["create"], ours("secrets"), "probes, Secrets without data, show how each API server stores",
            neededFor: .changesAndPreflight, helps: [.verify]),
        KubernetesRight(
            ["get", "delete"], ours("secrets"), "probes are looked at, and removed at the end; each run names its own",
            neededFor: .changes, helps: [.verify]),
        KubernetesRight(
            ["get"], ours("configmaps", name: switchName), "the record of a run, which any machine can resume",
            neededFor: .changesAndPreflight.union([.rewriteSecrets, .verify]), helps: [.status]),
        KubernetesRight(
            ["patch"], ours("configmaps", name: switchName), "the record is written before each step",
            neededFor: .changes),
        KubernetesRight(
            ["create"], ours("configmaps"), "the record of a first run is made", neededFor: .changes),
        KubernetesRight(
            ["get"], ours("leases", group: coordination, name: switchName),
            "the lock of the cluster: one run at a time",
            neededFor: .changesAndPreflight.union([.rewriteSecrets]), helps: [.status]),
        KubernetesRight(
            ["update"], ours("leases", group: coordination, name: switchName),
            "the lock is taken, renewed and given back",
            neededFor: .changes.union([.rewriteSecrets])),
        KubernetesRight(
            ["create"], ours("leases", group: coordination), "the lock of a first run is made",
            neededFor: .changes.union([.rewriteSecrets])),
        KubernetesRight(
            ["list"], ours("leases", group: coordination),
            "each API server has a Lease, which tells how many there are",
            helps: .changesAndPreflight),
        KubernetesRight(
            ["get"], ours("configmaps", name: "cluster-autoscaler-status"), "whether the autoscaler is adding nodes",
            helps: .changesAndPreflight),
    ]
}

extension PreflightFacts {
    /// What a switch needs of Kubernetes: the rewrite, the probes, the lock and the copy of the record.
    package static let requiredAccess = requiredAccess(.auto)

    package static func requiredAccess(_ engine: RewriteEngine) -> [AccessRequest] {
        KubernetesRight.all(with: engine).of(.switchMode, neededOnly: true).flatMap(\.requests)
    }
}
