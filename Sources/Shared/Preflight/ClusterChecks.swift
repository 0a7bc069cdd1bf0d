import Azure
import Usage

/// Whether ARM can take a change of the cluster now, and nothing else is about to change it.
enum ClusterChecks {
    static let all = [
        provisioningState, powerState, operations, upgradeSettled, agentPools, autoscaler, nodeCount, maintenance,
    ]

    static let provisioningState = PreflightCheck(
        "cluster-provisioning-state", "The cluster's last operation succeeded",
        why:
            "On a cluster that is not in the state Succeeded, a change of KMS can end in InternalOperationError.",
        mend: """
            Wait for the operation that is running. After a failed KMS update, repeat the same update, then rewrite \
            the Secrets; \(ShellCommand.own(.makeSafe)) does both.
            """,
        source: "MicrosoftDocs/azure-docs#105101", ifUnknown: .refuses, before: [.disable],
        look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.provisioningState.judge { state in
            switch state.lowercased() {
            case "succeeded": return .ok("cluster \(facts.names.cluster) is in the state Succeeded")
            case "failed", "canceled":
                return .refuse("cluster \(facts.names.cluster) is in the state \(state)", facts.repeatedUpdate)
            default:
                return .refuse("cluster \(facts.names.cluster) is in the state \(state)", [facts.waitForCluster])
            }
        }
    }

    static let powerState = PreflightCheck(
        "cluster-power-state", "The cluster is running",
        why: "A stopped cluster has no API server to rewrite Secrets through, and may not start with a private vault.",
        mend: "Start the cluster.", source: "MicrosoftDocs/azure-aks-docs#30", ifUnknown: .refuses,
        before: [.disable, .enable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.powerState.judge { state in
            if state.lowercased() == "running" { return .ok("cluster \(facts.names.cluster) is running") }
            return .refuse(
                "cluster \(facts.names.cluster) is in the power state \(state)",
                [facts.onCluster("az aks start")])
        }
    }

    static let operations = PreflightCheck(
        "cluster-operations", "No other operation runs on the cluster",
        why:
            "ARM answers OperationNotAllowed while another operation runs: a run that has begun waits for it, on the legacy "
            + "KMS with KMS off.",
        mend: "Wait until the operation has ended.", source: "Azure/azure-workload-identity#417", ifUnknown: .warns,
        for: .changingCluster, look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.pendingOperations.judge { operations in
            operations.isEmpty
                ? .ok("no operation runs on cluster \(facts.names.cluster)")
                : .refuse("cluster \(facts.names.cluster) is busy: \(listed(operations))", [facts.waitForCluster])
        }
    }

    static let upgradeSettled = PreflightCheck(
        "cluster-upgrade-settled", "No upgrade of Kubernetes is half done",
        why:
            "A PUT of the cluster sends the wanted version back: it would continue an upgrade in the middle of the run.",
        mend: "Finish the upgrade first.", source: "https://learn.microsoft.com/azure/aks/upgrade-aks-cluster",
        ifUnknown: .warns, for: .changingCluster, before: [.disable], look: { [$0.showCluster] }
    ) { facts in
        facts.cluster.desiredVersion.and(facts.cluster.currentVersion).judge { desired, current in
            // A wanted version may be an alias such as 1.33, which stands for every patch of it.
            if current == desired || current.hasPrefix(desired + ".") {
                return .ok("the control plane runs \(current)")
            }
            return .refuse(
                "cluster \(facts.names.cluster) runs Kubernetes \(current), but \(desired) is wanted",
                [
                    ShellCommand(
                        "az aks upgrade",
                        [
                            "--resource-group": facts.names.resourceGroup, "--name": facts.names.cluster,
                            "--subscription": facts.names.subscription, "--kubernetes-version": desired,
                        ])
                ])
        }
    }

    static let agentPools = PreflightCheck(
        "agent-pools-settled", "No operation runs on a node pool",
        why: "While a node pool is being changed, ARM refuses a change of the cluster, also with KMS off.",
        mend: "Wait for the node pools that are at work. One that failed does not hold the cluster back.",
        source: "cilium/cilium#25944", ifUnknown: .refuses, for: .changingCluster, before: [.disable, .enable],
        look: { [$0.listPools] }
    ) { facts in
        facts.cluster.agentPools.judge { pools in
            func named(_ pools: [AgentPool]) -> String {
                listed(pools.map { "\($0.name) (\($0.provisioningState))" })
            }
            let busy = pools.filter(\.isAtWork)
            if !busy.isEmpty {
                return .refuse("node pools are at work: \(named(busy))", busy.map { waitForPool($0.name, facts) })
            }
            // The way to mend a failed pool is an update of the cluster (Azure/AKS#4674), so ARM takes one.
            let failed = pools.filter(\.hasFailed)
            if !failed.isEmpty { return .warn("node pools failed: \(named(failed))", [facts.listPools]) }
            return .ok("\(pools.count) node pools, none at work")
        }
    }

    static let autoscaler = PreflightCheck(
        "autoscaler-at-rest", "No autoscaler is adding nodes",
        why: "A node pool that is being scaled can make ARM refuse a change of KMS until it is done.",
        mend: "Wait until the number of nodes is stable, or turn the autoscaler off for the time of the run.",
        source: "Azure/terraform-azurerm-avm-ptn-aks-production#25", ifUnknown: .warns, for: .changingCluster,
        look: { [$0.listPools] }
    ) { facts in
        facts.cluster.poolsScaling.and(facts.cluster.agentPools).judge { scaling, pools in
            if !scaling.isEmpty {
                return .warn(
                    "the autoscaler is adding nodes to \(listed(scaling))",
                    scaling.map { disableAutoscaler($0, facts) })
            }
            let automatic = pools.filter(\.autoscaling).map(\.name)
            return .ok(automatic.isEmpty ? "no node pool is scaled automatically" : "\(listed(automatic)) at rest")
        }
    }

    static let nodeCount = PreflightCheck(
        "node-count", "The cluster has nodes",
        why: "A cluster whose nodes were scaled away outside AKS may not recover after a change of its control plane.",
        mend: "Scale a node pool up.", source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption",
        ifUnknown: .warns, for: .changingCluster, look: { [$0.listPools] }
    ) { facts in
        facts.cluster.agentPools.judge { pools in
            if pools.isEmpty { return .notApplicable("Azure shows no node pools of this cluster: it hosts the nodes") }
            let nodes = pools.reduce(0) { $0 + max(0, $1.count) }
            if nodes > 0 { return .ok("\(nodes) nodes") }
            return .warn("the node pools of cluster \(facts.names.cluster) have no nodes", [facts.listPools])
        }
    }

    static let maintenance = PreflightCheck(
        "maintenance-window", "No planned maintenance is near",
        why:
            "An automatic upgrade that begins in the middle makes ARM refuse each change of KMS until it ends: on the legacy "
            + "KMS, Secrets stay plaintext as long.",
        mend: "Begin outside the maintenance windows.",
        source: "https://learn.microsoft.com/azure/aks/planned-maintenance", ifUnknown: .warns,
        for: .changingCluster,
        look: { [listMaintenance($0)] }
    ) { facts in
        facts.cluster.maintenance.and(facts.cluster.autoUpgradeChannel).judge { windows, channel in
            let horizon = facts.now + 4 * 3600
            let near = windows.filter { $0.starts <= horizon && $0.ends >= facts.now }
            if near.isEmpty {
                let automatic = windows.isEmpty && channel.lowercased() != "none"
                return automatic
                    ? .warn(
                        "upgrades are automatic (\(channel)) and may begin at any time, since no window is planned",
                        [listMaintenance(facts)])
                    : .ok("no maintenance is planned for the next 4 hours; automatic upgrades: \(channel)")
            }
            return .warn(
                "maintenance may begin within 4 hours: \(listed(near.map(\.name))); automatic upgrades: \(channel)",
                [listMaintenance(facts)])
        }
    }

    private static func waitForPool(_ pool: String, _ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az aks nodepool wait --updated",
            [
                "--resource-group": facts.names.resourceGroup, "--cluster-name": facts.names.cluster,
                "--subscription": facts.names.subscription, "--name": pool,
            ])
    }

    private static func disableAutoscaler(_ pool: String, _ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az aks nodepool update --disable-cluster-autoscaler",
            [
                "--resource-group": facts.names.resourceGroup, "--cluster-name": facts.names.cluster,
                "--subscription": facts.names.subscription, "--name": pool,
            ])
    }

    private static func listMaintenance(_ facts: PreflightFacts) -> ShellCommand {
        ShellCommand(
            "az aks maintenanceconfiguration list",
            [
                "--resource-group": facts.names.resourceGroup, "--cluster-name": facts.names.cluster,
                "--subscription": facts.names.subscription,
            ])
    }
}
