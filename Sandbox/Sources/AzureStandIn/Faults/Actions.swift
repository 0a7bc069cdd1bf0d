import ClusterModel
import Foundation

extension StandIn {
    /// Carries out a fault that acts by itself.
    func act(_ fault: ActiveFault) async throws {
        guard faults.holds(fault.name) != nil else { return }
        faults.markDone(fault.id)
        switch fault.name {
        case .terraformRevert: try await revertCluster(fault)
        case .terraformVaultRevert: revertVault(fault)
        case .clusterRecreated: recreateCluster()
        case .operationByOthers: occupy()
        case .vaultDeleted: deleteVault(fault)
        case .tokenClaimsChallenge: for text in tokens.keys { tokens[text]?.isRevoked = true }
        case .replicaRollsBack: try await backend?.rollBack(replica: fault.parameters["replica"]?.int ?? 0)
        case .apiServerRestart: try await backend?.restart()
        case .clusterOrder: await giveOrder(fault)
        default: break
        }
    }

    /// Someone else's tool puts the profile of the start back, as soon as no operation is in its way.
    private func revertCluster(_ fault: ActiveFault) async throws {
        guard let start = original.clusters.first else { return }
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
    private func giveOrder(_ fault: ActiveFault) async {
        let path = fault.parameters["path"]?.string ?? ""
        let answer = await order(
            Request(
                method: fault.parameters["method"]?.string ?? "POST", target: "/sandbox/cluster/\(path)", headers: [:],
                body: (fault.parameters["body"] ?? [:]).bytes))
        guard let answer, answer.status < 300 else {
            rolloutErrors.append("the order '\(path)' was not taken")
            return
        }
    }

    private func revertVault(_ fault: ActiveFault) {
        guard let index = world.vaults.indices.first else { return }
        let value = fault.parameters["value"]?.string ?? original.vaults[index].publicNetworkAccess
        var properties = world.vaults[index].properties
        properties["publicNetworkAccess"] = .string(value)
        setVault(index, properties, tags: nil, method: "TERRAFORM", caller: "terraform")
    }

    private func recreateCluster() {
        guard let index = world.clusterIndex(description.clusterID) else { return }
        let uid = UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "").prefix(24)
        world.clusters[index].resource[path: ["properties", "resourceUID"]] = .string(String(uid))
        world.clusters[index].renewETags()
    }

    /// An update that changes nothing of KMS: a tag, in the name of someone else.
    private func occupy() {
        guard let index = world.clusterIndex(description.clusterID), world.clusters[index].operation == nil else {
            return
        }
        var next = world.clusters[index]
        next.resource[path: ["tags", "by-others"]] = "true"
        _ = accept(next, at: index)
    }

    private func deleteVault(_ fault: ActiveFault) {
        let name = fault.parameters["vault"]?.string
        guard let index = world.vaults.firstIndex(where: { name == nil || $0.id.name == name }) else { return }
        world.vaults[index].deletedAt = configuration.now()
    }
}
