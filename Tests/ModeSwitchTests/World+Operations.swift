import ModeSwitch

@testable import Azure

/// What comes of an operation of Azure.
extension World {
    func operationOutcomes(_ intent: Intent) -> [(String, World)] {
        var moves = [("the operation succeeds", operationEnds())]
        for index in replicas.indices where takesEarly(index) {
            moves.append(
                (
                    "replica \(index) takes the new configuration already",
                    with { world in
                        world.previous[index] = world.replicas[index]
                        world.replicas[index] = world.configured(world.kms, world.replicas[index])
                    }
                ))
        }
        moves += faulty("the operation succeeds, replica 1 lags") { world in
            let old = world.replicas[1]
            world = world.operationEnds()
            if world.replicas[1] != old { world.behind[1] = world.replicas[1] }
            world.replicas[1] = old
        }
        moves += faulty("the operation succeeds, all replicas lag") { world in
            let old = world.replicas
            world = world.operationEnds()
            for index in old.indices where world.replicas[index] != old[index] {
                world.behind[index] = world.replicas[index]
            }
            world.replicas = old
        }
        moves += faulty("the operation fails half applied") { world in
            let old = world.replicas
            world = world.operationEnds()
            if world.replicas[1] != old[1] { world.behind[1] = world.replicas[1] }
            world.replicas[1] = old[1]
            world.provisioning = .failed(AzureRefusal(.failed, what: "InternalOperationError"))
        }
        if intent.strategy != .closeVaultFirst, kms.enabled, !kms.isNew, kms.mode == .privateAccess, !endpointApproved {
            moves += faulty("the operation succeeds, the private endpoint waits for approval") { world in
                let approved = world.endpointApproved
                world = world.operationEnds()
                world.endpointApproved = approved
            }
        }
        moves += faulty("the operation fails, nothing applied") { world in
            world.provisioning = .failed(AzureRefusal(.failed, what: "InternalOperationError"))
            world.eTag += 1
        }
        return moves
    }

    /// AKS makes the endpoint, and gives every API server a new key to read with, before any of them writes with it.
    private func takesEarly(_ index: Int) -> Bool {
        let new = configured(kms, replicas[index])
        guard new != replicas[index] else { return false }
        return !kms.encrypts || new.keyID == replicas[index].keyID && reaches(new.keyID, new.path)
    }

    func operationEnds() -> World {
        if refusesPrivate, kms.enabled, !kms.isNew, kms.mode == .privateAccess {
            return with { world in
                world.provisioning = .failed(AzureRefusal(.identityRight, what: "LinkedAuthorizationFailed"))
                world.eTag += 1
                world.settle()
            }
        }
        return with { world in
            for index in world.replicas.indices {
                let new = world.configured(world.kms, world.replicas[index])
                if new != world.replicas[index] { world.previous[index] = world.replicas[index] }
                world.replicas[index] = new
            }
            world.eTag += 1
            world.behind = [:]
            world.rolledBack = []
            world.provisioning = .succeeded
            // AKS makes the endpoint and approves it with the cluster's identity before it reports success.
            if world.kms.enabled, !world.kms.isNew, world.kms.mode == .privateAccess { world.endpointApproved = true }
            world.settle()
        }
    }
}
