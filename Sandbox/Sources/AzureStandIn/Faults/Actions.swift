import ClusterModel
import Foundation

extension StandIn {
    /// Carries out a fault that acts by itself.
    func act(_ fault: ActiveFault) async throws {
        guard faults.isInForce(fault.id) else { return }
        faults.markDone(fault.id)
        let cluster = (try? clusterID(named: fault.target)) ?? firstCluster
        switch fault.name {
        case .terraformRevert: try await revertCluster(fault, cluster)
        case .terraformVaultRevert: revertVault(fault, cluster)
        case .clusterRecreated: recreateCluster(cluster)
        case .operationByOthers: occupy(cluster)
        case .vaultDeleted: deleteVault(fault, cluster)
        case .tokenClaimsChallenge: for text in tokens.keys { tokens[text]?.isRevoked = true }
        case .replicaRollsBack: try await rollBack(fault, cluster)
        case .apiServerRestart: try await plane(cluster).backend?.restart()
        case .clusterOrder: await giveOrder(fault, cluster)
        default: break
        }
    }

    /// Someone else's tool puts the profile of the start back, as soon as no operation is in its way.
    private func revertCluster(_ fault: ActiveFault, _ id: ResourceID) async throws {
        guard let start = original.clusters.first(where: { $0.id == id }) else { return }
        while let index = world.clusterIndex(start.id), world.clusters[index].operation != nil {
            try await configuration.sleep(0.02)
        }
        guard let index = world.clusterIndex(start.id) else { return }
        // There is no way back to the legacy KMS: Azure refuses what that tool sends.
        guard !world.clusters[index].usesNewKMS || start.usesNewKMS else { return }
        var next = world.clusters[index]
        if let isOn = fault.parameters["enabled"]?.bool {
            next.kms?["enabled"] = .bool(isOn)
        } else {
            next.kms = start.kms
        }
        _ = accept(next, at: index)
    }

    /// What /sandbox/cluster would be asked for; one that it does not know is told of in /sandbox/state.
    private func giveOrder(_ fault: ActiveFault, _ id: ResourceID) async {
        let path = fault.parameters["path"]?.string ?? ""
        let answer = await order(
            Request(
                method: fault.parameters["method"]?.string ?? "POST",
                target: "/sandbox/cluster/\(path)?cluster=\(id.name)",
                headers: [:], body: (fault.parameters["body"] ?? [:]).bytes))
        guard let answer, answer.status < 300 else {
            planes[id, default: ControlPlane()].rolloutErrors.append("the order '\(path)' was not taken")
            return
        }
    }

    private func rollBack(_ fault: ActiveFault, _ id: ResourceID) async throws {
        try await plane(id).backend?.rollBack(replica: fault.parameters["replica"]?.int ?? 0)
    }

    private func revertVault(_ fault: ActiveFault, _ id: ResourceID) {
        guard let index = vaultIndex(of: fault, id) else { return }
        let value = fault.parameters["value"]?.string ?? original.vaults[index].publicNetworkAccess
        var properties = world.vaults[index].properties
        properties["publicNetworkAccess"] = .string(value)
        setVault(index, properties, tags: nil, method: "TERRAFORM", caller: "terraform")
    }

    private func recreateCluster(_ id: ResourceID) {
        guard let index = world.clusterIndex(id) else { return }
        let uid = UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "").prefix(24)
        world.clusters[index].resource[path: ["properties", "resourceUID"]] = .string(String(uid))
        world.clusters[index].renewETags()
    }

    /// An update that changes nothing of KMS: a tag, in the name of someone else.
    private func occupy(_ id: ResourceID) {
        guard let index = world.clusterIndex(id), world.clusters[index].operation == nil else { return }
        var next = world.clusters[index]
        next.resource[path: ["tags", "by-others"]] = "true"
        _ = accept(next, at: index)
    }

    /// The vault that a fault names, or the one with which its cluster began.
    func vaultIndex(of fault: ActiveFault, _ id: ResourceID) -> Int? {
        let name = fault.vault ?? description.plan(id.name)?.vault
        return world.vaults.firstIndex { name == nil || $0.id.name.lowercased() == name?.lowercased() }
    }

    private func deleteVault(_ fault: ActiveFault, _ id: ResourceID) {
        guard let index = vaultIndex(of: fault, id) else { return }
        world.vaults[index].deletedAt = configuration.now()
    }
}
