import ClusterModel
import Foundation

/// What an accepted update is about to do.
struct Change: Sendable {
    var cluster: ResourceID
    var after: KMSProfile
    /// Whether the control plane has another configuration than the one wanted: what ARM shows may be a goal never
    /// reached.
    var isKMS: Bool

    var turnsOff: Bool { isKMS && !after.enabled }
    var turnsOn: Bool { isKMS && after.enabled }
}

extension StandIn {
    func putCluster(
        _ request: Request, _ id: ResourceID, _ version: String, _ caller: Principal
    ) async throws -> Answer {
        try authorize(caller, "Microsoft.ContainerService/managedClusters/write", id.description)
        try requireUnlocked(id, kind: "cluster")
        let body = try request.json()
        try await configuration.pace(Double.random(in: configuration.putSeconds))
        if faults.take(.lostPutAnswerBefore, at: .cluster(id)) != nil { return .lost }
        // From here to the end nothing waits: what is checked still holds when the change is made.
        try refusePut(request, id)
        guard let index = world.clusterIndex(id) else {
            guard request.headers["if-match"] == nil else { throw AzureError.absentWithETag }
            throw AzureError.notFound(id)
        }
        try checkPreconditions(request, world.clusters[index])
        try refuseWhileBusy(world.clusters[index])
        var next = try updated(world.clusters[index], with: body, by: version)
        try authorizeLinked(
            caller, "Microsoft.ContainerService/managedClusters/write", id.description, next.resource)
        try validate(next, from: world.clusters[index], given: body, by: version)
        next = migrated(next, from: world.clusters[index])
        let operation = accept(next, at: index)
        if faults.take(.lostPutAnswer, at: .cluster(id)) != nil { return .lost }
        return Answer(200, shownResource(world.clusters[index], version))
            .with("content-type", "application/json").with("azure-asyncoperation", operationURL(operation))
            .with("x-ms-operation-identifier", operationIdentifier)
            .with("x-ms-ratelimit-remaining-subscription-writes", "799")
            .with("x-ms-ratelimit-remaining-subscription-global-writes", "11999")
    }

    /// The refusals that are scripted or come from throttling and policies.
    private func refusePut(_ request: Request, _ id: ResourceID) throws {
        try throttleOrFault(.putCluster(id), id)
        if faults.take(.identityThrottled, at: .cluster(id)) != nil { throw identityThrottled(id) }
        if faults.holds(.clusterPolicyDenies, at: .cluster(id)) != nil {
            throw AzureError.disallowedByPolicy(id.name, policy: "sandbox-deny-kms-change")
        }
        if faults.take(.conflictOperationNotAllowed, at: .cluster(id)) != nil {
            throw AzureError.operationInProgress("Updating")
        }
        if let fault = faults.holds(.nodePoolOperation, at: .cluster(id)) {
            let state = fault.parameters["state"]?.string ?? "Updating"
            throw AzureError.operationInProgress("nodepool1 - \(state)")
        }
        if faults.take(.etagMismatch, at: .cluster(id)) != nil { throw AzureError.etagMismatch }
        if faults.take(.putInternalError, at: .cluster(id)) != nil {
            throw AzureError.aks(500, "InternalOperationError", "Internal server error")
        }
        if faults.take(.preconditionFailed, at: .cluster(id)) != nil, let index = world.clusterIndex(id) {
            world.clusters[index].renewETags()
        }
    }

    private func identityThrottled(_ id: ResourceID) -> AzureError {
        AzureError.arm(
            429, "FailedIdentityOperation",
            "Identity operation for resource '\(id)' failed with error 'Failed to perform resource identity operation. "
                + "Status: '429'. Response: '{\"error\":{\"code\":\"429\",\"message\":\"Request is temporarily throttled "
                + "because tenant \(world.tenantID) has issued too many requests. Retry after 2 seconds.\"}}'.'.")
    }

    private func checkPreconditions(_ request: Request, _ cluster: Cluster) throws {
        let match = request.headers["if-match"]?.trimmingCharacters(in: CharacterSet(charactersIn: " \""))
        let noneMatch = request.headers["if-none-match"]
        if match != nil, noneMatch != nil {
            throw AzureError.aks(400, "BadRequest", "If-Match and If-None-Match cannot be given together.")
        }
        if noneMatch == "*" { throw AzureError.preconditionFailed("The resource already exists.") }
        // What an eTag is compared with where there is none: inferred.
        if let match, match != "*", !description.hasETags || match.lowercased() != cluster.etag.lowercased() {
            throw AzureError.preconditionFailed(
                "The eTag given does not match the resource's: \(match) is not \(description.hasETags ? cluster.etag : "")."
            )
        }
    }

    private func refuseWhileBusy(_ cluster: Cluster) throws {
        let busy = ["Updating", "Creating", "Deleting", "Upgrading", "Stopping", "Starting", "Canceling"]
        if cluster.operation != nil || busy.contains(cluster.provisioningState) {
            throw AzureError.operationInProgress(cluster.provisioningState)
        }
        for pool in cluster.resource[path: ["properties", "agentPoolProfiles"]]?.array ?? [] {
            let state = pool["provisioningState"]?.string ?? "Succeeded"
            if busy.contains(state) {
                throw AzureError.operationInProgress("\(pool["name"]?.string ?? "") - \(state)")
            }
        }
    }

    /// Makes the change visible and starts its operation.
    func accept(_ next: Cluster, at index: Int) -> Operation {
        let after = profile(for: next)
        let plane = plane(next.id)
        let change = Change(
            cluster: next.id, after: after, isKMS: next.hasBackend && (after != plane.applied || plane.isAppliedInPart))
        let operation = Operation(
            id: UUID().uuidString.lowercased(), cluster: next.id, started: configuration.now())
        world.operations[operation.id] = operation
        world.clusters[index] = next
        world.clusters[index].provisioningState = "Updating"
        world.clusters[index].operation = operation.id
        world.clusters[index].lastOperation = operation.id
        world.clusters[index].resource[path: ["properties", "status"]] = nil
        enqueue(.update(operation: operation.id, change: change))
        if change.turnsOff { reach(.disableAccepted, of: next.id) }
        if change.turnsOn { reach(.enableAccepted, of: next.id) }
        return operation
    }

    /// The configuration of the control plane that a resource asks for. Off, the plugin goes on with the key and the
    /// path that it was started with, whatever the PUT says of them: what is stored must stay readable.
    func profile(for cluster: Cluster) -> KMSProfile {
        if cluster.usesNewKMS { return newProfile(for: cluster) }
        var wanted = cluster.profile
        if !wanted.enabled, let applied = plane(cluster.id).applied, !applied.keyID.isEmpty {
            wanted.keyID = applied.keyID
            wanted.networkPath = applied.networkPath
        }
        return wanted
    }
}
