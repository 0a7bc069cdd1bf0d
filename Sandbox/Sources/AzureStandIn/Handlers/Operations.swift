import ClusterModel
import Foundation

extension StandIn {
    // MARK: - What an update does in time

    /// The stages of a control plane's update (recorded 2025), as shares of its duration.
    private static let stages: [(status: String, until: Double)] = [
        ("InProgress", 0.1), ("ProvisioningControlPlane", 0.8), ("ReconcilingDNS", 0.9), ("ReconcilingAddons", 1),
    ]

    /// Carries an accepted update out: stages, the rollout in the midst of them, and the end.
    func update(_ id: String, _ change: Change) async throws {
        let place = Place.cluster(change.cluster)
        var seconds = Double.random(in: configuration.operationSeconds)
        if let slow = faults.take(.slowOperation, at: place) { seconds *= slow.parameters["factor"]?.number ?? 10 }
        var outcome = Outcome.succeeds
        var begun = 0.0
        for stage in Self.stages {
            setStatus(id, stage.status)
            let span = (stage.until - begun) * seconds
            begun = stage.until
            guard stage.status == "ProvisioningControlPlane" else {
                try await wait(span, id)
                continue
            }
            try await wait(span / 2, id)
            guard isRunning(id) else { return }
            outcome = await controlPlane(change)
            if case .fails = outcome { break }
            try await waitForSecrets(id, change)
            try await wait(span / 2, id)
        }
        while faults.holds(.operationStuck, at: place) != nil, isRunning(id) { try await configuration.sleep(0.05) }
        guard isRunning(id) else { return }
        end(id, change, outcome)
    }

    private enum Outcome: Sendable {
        case succeeds
        case succeedsBeforeRollout(Double)
        case canceled
        case fails(JSON)
    }

    private func wait(_ seconds: Double, _ id: String) async throws {
        guard isRunning(id) else { return }
        try await configuration.pace(seconds)
    }

    /// The control plane takes the new configuration, or what a fault leaves of that.
    private func controlPlane(_ change: Change) async -> Outcome {
        let (cluster, place) = (change.cluster, Place.cluster(change.cluster))
        guard change.isKMS, hasBackend(cluster) else { return .succeeds }
        if change.turnsOff {
            if faults.take(.disableFails, at: place) != nil { return Self.internalError }
            if faults.take(.disableHalfAppliedThenFailed, at: place) != nil { return await half(change) }
        }
        if change.turnsOn {
            if faults.take(.enableFails, at: place) != nil { return Self.internalError }
            if let refusal = connectPrivately(change) { return .fails(refusal) }
            if faults.take(.enableHalfAppliedThenFailed, at: place) != nil { return await half(change) }
        }
        if faults.take(.operationCanceled, at: place) != nil { return .canceled }
        if let late = faults.take(.rolloutLate, at: place) { return .succeedsBeforeRollout(late.seconds(30)) }
        let before = plane(cluster).rolloutErrors.count
        await apply(change.after, rollout(cluster), to: cluster)
        if plane(cluster).rolloutErrors.count > before { return Self.internalError }
        if change.turnsOn, faults.take(.enableAppliedThenFailed, at: place) != nil { return Self.internalError }
        return .succeeds
    }

    private static let internalError = Outcome.fails([
        "code": "InternalOperationError", "message": "Internal server error", "details": nil, "subcode": "",
    ])

    /// Only the first replica takes it.
    private func half(_ change: Change) async -> Outcome {
        await apply(change.after, Rollout(lagging: Set(1..<64)), to: change.cluster)
        planes[change.cluster, default: ControlPlane()].isAppliedInPart = true
        return Self.internalError
    }

    func rollout(_ cluster: ResourceID) -> Rollout {
        var rollout = Rollout()
        if let slow = faults.take(.rolloutSlow, at: .cluster(cluster)) { rollout.spacing = slow.seconds(5) }
        if let lags = faults.take(.replicaLags, at: .cluster(cluster)) {
            rollout.lagging = Set((lags.parameters["replicas"]?.array ?? [1]).compactMap(\.int))
        }
        return rollout
    }

    private func hasBackend(_ id: ResourceID) -> Bool {
        world.clusterIndex(id).map { world.clusters[$0].hasBackend } ?? false
    }

    /// Enabling Private makes a new private endpoint in the node resource group and approves its connection.
    private func connectPrivately(_ change: Change) -> JSON? {
        guard change.after.networkPath == .privateEndpoint,
            world.clusterIndex(change.cluster).map({ !world.clusters[$0].usesNewKMS }) == true,
            let cluster = world.clusterIndex(change.cluster),
            let id = world.clusters[cluster].vaultID, let vault = world.vaultIndex(id)
        else { return nil }
        guard mayApprove(world.clusters[cluster], vault: world.vaults[vault]) else {
            return [
                "code": "LinkedAuthorizationFailed",
                "message": .string(
                    "The client has permission to perform action 'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action' "
                        + "on scope '\(change.cluster)', however the current tenant '\(world.tenantID)' is not authorized to access "
                        + "linked subscription, or the identity lacks the permission on '\(id)'."),
                "details": nil, "subcode": "",
            ]
        }
        world.vaults[vault].connections.append(
            Self.connection(
                of: change.cluster, group: world.clusters[cluster].nodeResourceGroup, status: "Approved"))
        return nil
    }

    static func connection(of cluster: ResourceID, group: String, status: String) -> PrivateEndpointConnection {
        let tag = UUID().uuidString.lowercased().prefix(8)
        let endpoint = ResourceID(
            subscription: cluster.subscription, group: group, type: "Microsoft.Network/privateEndpoints",
            name: "kms-\(cluster.name)-\(tag)")
        return PrivateEndpointConnection(
            name: "\(endpoint.name).\(UUID().uuidString.lowercased())", endpointID: endpoint.description,
            cluster: cluster, status: status, etag: UUID().uuidString.lowercased())
    }

    // MARK: - How it ends

    func isRunning(_ id: String) -> Bool {
        world.operations[id].map { $0.ended == nil && !$0.isAborted } ?? false
    }

    private func setStatus(_ id: String, _ status: String) {
        guard isRunning(id) else { return }
        world.operations[id]?.status = status
    }

    private func end(_ id: String, _ change: Change, _ outcome: Outcome) {
        guard let index = world.clusterIndex(change.cluster) else { return }
        world.operations[id]?.ended = configuration.now()
        world.clusters[index].operation = nil
        switch outcome {
        case .succeeds, .succeedsBeforeRollout:
            world.operations[id]?.status = "Succeeded"
            world.clusters[index].provisioningState = "Succeeded"
            world.clusters[index].renewETags()
            if case .succeedsBeforeRollout(let seconds) = outcome {
                enqueue(.rollout(change.after, rollout(change.cluster), to: change.cluster, after: seconds))
            }
            startReencryption(after: change)
            if change.turnsOff { reach(.disableSucceeded, of: change.cluster) }
            if change.turnsOn { reach(.enableSucceeded, of: change.cluster) }
        case .canceled:
            world.operations[id]?.status = "Canceled"
            world.operations[id]?.error = Self.canceled
            world.clusters[index].provisioningState = "Canceled"
            reach(.operationFailed, of: change.cluster)
        case .fails(let error):
            world.operations[id]?.status = "Failed"
            world.operations[id]?.error = error
            world.clusters[index].provisioningState = "Failed"
            world.clusters[index].resource[path: ["properties", "status"]] = ["provisioningError": error]
            world.clusters[index].renewETags()
            startReencryption(after: change)
            reach(.operationFailed, of: change.cluster)
        }
    }

    private static let canceled: JSON = [
        "code": "Canceled", "message": "Operation is being canceled by user",
    ]

    // MARK: - Abort

    func abortCluster(_ index: Int, _ version: String) throws -> Answer {
        let cluster = world.clusters[index]
        guard let running = cluster.operation, world.operations[running]?.isAborted == false else {
            throw AzureError.aks(
                400, "OperationNotAllowed", "There is no operation in progress that could be aborted.")
        }
        world.operations[running]?.isAborted = true
        let abort = Operation(id: UUID().uuidString.lowercased(), cluster: cluster.id, started: configuration.now())
        world.operations[abort.id] = abort
        world.clusters[index].provisioningState = "Canceling"
        world.clusters[index].lastOperation = abort.id
        enqueue(.abort(operation: abort.id, of: running))
        let result =
            "\(configuration.baseURL)\(cluster.id.asAKSWritesIt)/operationresults/\(abort.id)?api-version=\(version)"
        return Answer(202, shownResource(world.clusters[index], version))
            .with("content-type", "application/json").with("azure-asyncoperation", operationURL(abort)).with(
                "location", result)
    }

    func abort(_ id: String, other: String?) async throws {
        try await configuration.pace(10)
        guard let operation = world.operations[id], let index = world.clusterIndex(operation.cluster) else { return }
        if let other {
            world.operations[other]?.status = "Canceled"
            world.operations[other]?.ended = configuration.now()
            world.operations[other]?.error = Self.canceled
        }
        world.operations[id]?.status = "Succeeded"
        world.operations[id]?.ended = configuration.now()
        world.clusters[index].operation = nil
        world.clusters[index].provisioningState = "Canceled"
        // Nothing is rolled back: API servers may have a new key already.
        startReencryption(operation.cluster)
    }
}
