import Text

/// What keeps a cluster or a vault as a definition says, and would put the mode back that the definition has.
package struct Reconciler: Sendable, Hashable {
    /// As its users call it.
    package var tool: String
    /// Where it was seen.
    package var seen: String
    /// How it is paused; begins without a capital.
    package var pause: String

    package init(tool: String, seen: String, pause: String) {
        self.tool = tool
        self.seen = seen
        self.pause = pause
    }

    /// Those whose tags a resource of Azure has.
    ///
    /// Cluster API tags what it owns (kubernetes-sigs/cluster-api-provider-azure, api/v1beta1/tags.go), Crossplane what
    /// it manages (crossplane/crossplane-runtime, pkg/resource/resource.go), azd what it deployed. Terraform, Pulumi
    /// and Bicep tag nothing by themselves: people write `managed-by` or the like.
    package static func tagging(_ resource: String, with tags: [String: String]) -> [Reconciler] {
        let found = tags.sorted { $0.key < $1.key }.compactMap { key, value -> Reconciler? in
            guard let known = Known(tag: key.lowercased(), value: value.lowercased()) else { return nil }
            return known.reconciler(seen: "tag \(key.printable(limit: 100)) of the \(resource)")
        }
        var tools: Set<String> = []
        return found.filter { tools.insert($0.tool).inserted }
    }

    /// Those that are installed in a cluster: the groups of the API under which they keep what they manage.
    ///
    /// They may manage other clusters, so that only their objects tell whether this one is among them.
    package static func installed(groups: [String]) -> [Reconciler] {
        groups.compactMap { group in
            Known(group: group)?.reconciler(
                seen: "its API \(group.printable(limit: 100)) is installed in the cluster, perhaps for others")
        }
    }

    /// What manages a `ManagedCluster` object of Azure Service Operator that is this cluster.
    ///
    /// - Parameters:
    ///   - object: namespace and name.
    ///   - owner: the kind of its owner; Cluster API's provider makes such objects for its own.
    ///   - managers: who wrote the object (`metadata.managedFields`); Flux and Argo CD are told by it.
    package static func managing(object: String, owner: String?, managers: [String]) -> [Reconciler] {
        let seen = "its ManagedCluster \(object.printable(limit: 200)) is this cluster"
        let isClusterAPI = owner?.hasPrefix("AzureManaged") == true || owner?.hasPrefix("AzureASOManaged") == true
        var found = [(isClusterAPI ? Known.clusterAPI : .serviceOperator).reconciler(seen: seen)]
        for (prefix, known) in [("kustomize-controller", Known.flux), ("helm-controller", .flux), ("argocd", .argo)]
        where managers.contains(where: { $0.hasPrefix(prefix) }) && !found.contains(where: { $0.tool == known.tool }) {
            found.append(known.reconciler(seen: "it writes ManagedCluster \(object.printable(limit: 200))"))
        }
        return found
    }
}

private enum Known {
    case clusterAPI, serviceOperator, crossplane, terraform, pulumi, bicep, azd, flux, argo

    init?(tag key: String, value: String) {
        if key.hasPrefix("sigs.k8s.io_cluster-api-provider-azure_cluster_") {
            self = .clusterAPI
        } else if key == "crossplane-kind" || key == "crossplane-name" {
            self = .crossplane
        } else if key == "azd-env-name" {
            self = .azd
        } else {
            let isClaim = ["managed", "provision", "deploy", "created", "iac", "terraform", "pulumi", "tool"].contains {
                key.contains($0)
            }
            // "influxdb" is not Flux, and "terraform: false" denies it.
            let words = Set("\(key) \(value)".split { !$0.isLetter && $0 != "-" }.map(String.init))
            guard isClaim, !["false", "no", "none"].contains(value),
                let found = Self.named.first(where: { words.contains($0.0) })
            else { return nil }
            self = found.1
        }
    }

    private static let named: [(String, Known)] = [
        ("terraform", .terraform), ("opentofu", .terraform), ("pulumi", .pulumi), ("crossplane", .crossplane),
        ("bicep", .bicep), ("flux", .flux), ("argocd", .argo), ("argo-cd", .argo),
    ]

    init?(group: String) {
        switch group {
        case "containerservice.azure.com": self = .serviceOperator
        // Crossplane's and Upbound's providers of Azure.
        case "containerservice.azure.upbound.io", "compute.azure.crossplane.io": self = .crossplane
        case "infra.contrib.fluxcd.io", "app.terraform.io": self = .terraform
        case "pulumi.com": self = .pulumi
        default: return nil
        }
    }

    var tool: String {
        switch self {
        case .clusterAPI: "Cluster API"
        case .serviceOperator: "Azure Service Operator"
        case .crossplane: "Crossplane"
        case .terraform: "Terraform"
        case .pulumi: "Pulumi"
        case .bicep: "Bicep"
        case .azd: "azd"
        case .flux: "Flux"
        case .argo: "Argo CD"
        }
    }

    private var pause: String {
        switch self {
        case .clusterAPI: "set spec.paused of its Cluster object"
        case .serviceOperator: "annotate its ManagedCluster with serviceoperator.azure.com/reconcile-policy=skip"
        case .crossplane: "annotate its object with crossplane.io/paused=true"
        case .terraform: "apply nothing meanwhile, and stop what applies by itself"
        case .pulumi: "run no pulumi up meanwhile, and stop what runs it by itself"
        case .bicep: "deploy nothing meanwhile"
        case .azd: "run no azd up or azd provision meanwhile"
        case .flux: "flux suspend kustomization (or helmrelease) of the definition"
        case .argo: "turn off the automatic sync of its Application"
        }
    }

    func reconciler(seen: String) -> Reconciler { Reconciler(tool: tool, seen: seen, pause: pause) }
}
