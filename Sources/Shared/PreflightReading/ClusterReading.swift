import Azure
import AzureAccount
import AzureResources
import HTTP
import JSON
import KubeAPI
import Preflight
import Text

/// What is asked about the cluster beyond its own document.
extension PreflightScene {
    private var clusterPath: String { subject.cluster.urlPath }

    /// The tenant, and how far this machine's clock is from Azure's.
    func readSubscription() async -> FactChange {
        let path = "/subscriptions/\(percentEncoded(subject.cluster.subscription))"
        let call = ARMCall(.get, .path(path, apiVersion: PreflightAPIVersions.subscriptions, query: []))
        let answer = await Fact<HTTPResponse>.reading { try await arm.answer(to: call) }
        let arrived = arm.time.wall()
        let tenant = answer.then { answer in
            guard (200..<300).contains(answer.status) else { return try tenantOfToken() }
            return try arm.document(of: answer, call).text("tenantId")
        }
        // A refusal has a date as well.
        let skew = answer.then { answer throws(Unreadable) in
            guard let date = answer.headers["Date"].flatMap(Timestamp.httpDate) else {
                throw Unreadable("Azure's answer has no date")
            }
            return Int(Int64(arrived) - date)
        }
        return {
            $0.cluster.tenant = tenant
            $0.conflicts.clockSkew = skew
        }
    }

    /// ARM takes tokens of the subscription's own tenant, and under delegation (Azure Lighthouse) also of another. So
    /// the token's tenant proves something only where it is the vault's, too.
    private func tenantOfToken() throws(Unreadable) -> String {
        guard let mine = arm.tenant, let vaults = vault.value?.tenantID, mine.lowercased() == vaults.lowercased() else {
            throw Unreadable("the subscription cannot be read, which names the cluster's tenant")
        }
        return mine
    }

    /// The state shows an operation of the cluster; its list of operations also shows what began just now.
    func readOperations() async -> FactChange {
        let state = cluster.then { try $0.document.text("properties.provisioningState") }
        let pending = await state.thenRead { state in
            let settled = ["succeeded", "failed", "canceled"].contains(state.lowercased())
            return (settled ? [] : [state]) + (try await latestOperation().filter { $0 != state })
        }
        return { $0.cluster.pendingOperations = pending }
    }

    private func latestOperation() async throws -> [String] {
        do {
            let document = try await arm.get(
                clusterPath + "/operations/latest", apiVersion: await ManagedClusters(arm: arm).apiVersion)
            guard case .running(let stage) = try OperationStatus(document).phase else { return [] }
            return [stage]
        } catch let error as ARMError {
            // No operation is kept, or this version does not have the list: then the state alone speaks.
            switch error.kind {
            case .notFound, .invalidRequest, .apiVersionUnknown: return []
            default: throw error
            }
        }
    }

    func readMaintenance() async -> FactChange {
        let now = question.now
        let windows = await Fact<[PreflightFacts.MaintenanceWindow]>.reading {
            let items = try await arm.list(
                clusterPath + "/maintenanceConfigurations", apiVersion: await ManagedClusters(arm: arm).apiVersion)
            return try items.map { try MaintenanceSchedule.nextWindow(of: $0, now: now) }
        }
        return { $0.cluster.maintenance = windows }
    }

    /// Pools to which the autoscaler says that it is adding nodes. Those that ARM is scaling show it in their state.
    func readAutoscaler() async -> FactChange {
        let scaling = await cluster.then { try agentPools($0.document) }.thenRead { pools -> [String] in
            guard pools.contains(where: \.autoscaling) else { return [] }
            return try await scalingByStatus(of: Set(pools.map(\.name)))
        }
        return { $0.cluster.poolsScaling = scaling }
    }

    private func scalingByStatus(of pools: Set<String>) async throws -> [String] {
        let name = "cluster-autoscaler-status"
        guard let map = try await kube.known().get(.configMaps, name, namespace: "kube-system") else {
            throw Unreadable("the autoscaler has left no status in kube-system/\(name)")
        }
        guard let status = map.configMapData["status"] else {
            throw Unreadable("kube-system/\(name) holds no status")
        }
        return AutoscalerStatus.groupsScalingUp(status).compactMap { group in
            // A group is the scale set `aks-<pool>-<number>-vmss`.
            group.split(separator: "-").dropFirst().first.map(String.init).flatMap { pools.contains($0) ? $0 : nil }
        }
    }
}

extension Fact {
    /// The value, or the reason why there is none as an error.
    func known() throws(Unreadable) -> Value {
        switch self {
        case .known(let value): return value
        case .unreadable(let reason): throw Unreadable(reason)
        case .notApplicable: throw Unreadable("there is nothing to read")
        }
    }
}

/// The status that the cluster autoscaler keeps in a ConfigMap, in the plain form (before 1.30) or as YAML
/// (kubernetes/autoscaler, cluster-autoscaler/clusterstate/api).
enum AutoscalerStatus {
    /// The node groups to which nodes are being added, by the names of their scale sets.
    static func groupsScalingUp(_ status: String) -> [String] {
        var groups: [String] = []
        var group: String?
        var isInScaleUp = false
        for line in status.split(whereSeparator: \.isNewline).prefix(20_000) {
            let words = line.split { $0 == " " || $0 == "-" && line.hasPrefix("-") || $0 == ":" }
                .map { $0.lowercased() }
            let text = line.drop { $0 == " " || $0 == "-" }
            if text.lowercased().hasPrefix("name:") {
                group = text.dropFirst("name:".count).split(separator: " ").first.map(String.init)
                isInScaleUp = false
            } else if words.first == "scaleup" {
                isInScaleUp = true
            } else if words.first == "scaledown" || words.first == "health" {
                isInScaleUp = false
            }
            if isInScaleUp, words.contains("inprogress"), let group, !groups.contains(group) { groups.append(group) }
        }
        return groups
    }
}
