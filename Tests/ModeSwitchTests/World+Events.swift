import Azure
import ModeSwitch

/// Everything that can happen next: the step that `nextStep` names, with each of its outcomes, and what the world
/// does by itself. An outcome that needs a fault costs one of the world's faults.
extension World {
    func successors(_ intent: Intent, _ guards: Guards) -> [(String, World)] {
        guard ending == nil else { return [] }
        let intent = asMade(intent)
        // What a check says and the step that it allows are one event: nobody can see what happens between them.
        var result = checks.isEmpty ? ownMoves(intent) : []
        let step = nextStep(intent, observation(), guards: guards)
        switch step {
        case .wait(.operation): return result + samplesDuringOperation()
        case .wait:
            if !patienceIsOver { result += faulty("patience ends") { $0.patienceIsOver = true } }
        default: break
        }
        return result + outcomes(of: step, intent, guards).map { name, world in (name, world.after(step)) }
    }

    /// What a step leaves of what holds for one decision only.
    private func after(_ step: Step) -> World {
        if case .check = step { return self }
        return with {
            $0.checks = [:]
            $0.patienceIsOver = false
        }
    }

    /// The one successor in which nothing goes wrong; nil at an end.
    func calmSuccessor(_ intent: Intent) -> World? {
        guard ending == nil else { return nil }
        var world = self
        for (index, replica) in behind where !rolledBack.contains(index) {
            world.replicas[index] = replica
            world.behind[index] = nil
        }
        world.faults = 0
        world.silent = false
        world.locked = false
        if case .inProgress = world.provisioning { return world.operationEnds() }
        let intent = asMade(intent)
        let step = nextStep(intent, world.observation())
        return world.outcomes(of: step, intent).first?.1.after(step)
    }

    func faulty(_ name: String, _ change: (inout World) -> Void) -> [(String, World)] {
        guard faults > 0 else { return [] }
        var world = self
        world.faults -= 1
        change(&world)
        return [(name, world)]
    }

    func with(_ change: (inout World) -> Void) -> World {
        var world = self
        change(&world)
        return world
    }

    // MARK: The world's own moves

    private func ownMoves(_ intent: Intent) -> [(String, World)] {
        if baselineIsFresh(intent) { return [] }
        var moves: [(String, World)] = []
        for (index, replica) in behind where !rolledBack.contains(index) {
            moves.append(
                (
                    "replica \(index) catches up",
                    with {
                        $0.replicas[index] = replica
                        $0.behind[index] = nil
                    }
                ))
        }
        if silent { moves.append(("API servers answer again", with { $0.silent = false })) }
        if case .inProgress = provisioning { moves += operationOutcomes(intent) }
        if provisioning == .succeeded {
            // AKS gives every API server a new key to read with before any writes with it.
            // Once the public path is closed a slip is no step of ours (after an early close: the risk that
            // `--close-vault-first` warns of).
            let atRisk = intent.original.mode == .publicAccess && vault == .disabled
            if !evidenceIsFresh, intent.strategy != .secondVault, !atRisk {
                moves += faulty("replica 0 rolls back") { $0.rollBack(0) }
            }
            // Restoring Public behind a closed vault breaks the cluster by itself; that is not a step of ours.
            if !kms.means(intent.original), !firewallDenies,
                vault == intent.originalVaultAccess || vault == .enabled
            {
                moves += faulty("another admin restores the original profile") { $0.restore(intent.original) }
            }
            // Whoever names another key before every Secret is on the present one breaks the cluster by themselves.
            if !kms.isNew, behind.isEmpty,
                secrets.allSatisfy({ $0 == .plaintext || $0 == .encrypted(keyID: replicas[0].keyID) })
            {
                moves += faulty("a colleague migrates the cluster") { $0.migrate() }
            }
            if kms.enabled, !kms.isNew {
                moves += faulty("a colleague turns KMS off and on again") { world in
                    world.secrets[1] = .plaintext
                    world.eTag += 2
                }
            }
            if !locked { moves += faulty("a lock appears") { $0.locked = true } }
            moves += faulty("the cluster is recreated") { $0.recreate() }
            if !silent { moves += faulty("API servers fall silent") { $0.silent = true } }
        }
        if kms.isNew, let index = secrets.indices.first(where: { secrets[$0] != replicas[0].writes }), behind.isEmpty {
            moves.append(("Azure rewrites Secret \(index)", with { $0.secrets[index] = $0.replicas[0].writes }))
        }
        if !endpointApproved, kms.enabled, kms.mode == .privateAccess, provisioning == .succeeded {
            moves.append(("the private endpoint is approved", with { $0.endpointApproved = true }))
        }
        if intent.strategy != .closeVaultFirst || vault == .enabled {
            moves += faulty("a Secret is written through replica 1") { $0.secrets[1] = $0.replicas[1].writes }
        }
        return moves
    }

    /// A renewal of evidence and the step that it allows are one event: what happens between them nobody can see.
    private var evidenceIsFresh: Bool {
        guard let evidence = receipts.currentConvergence else { return false }
        let passes = receipts.passes.filter { $0.epoch == receipts.epoch }
        return passes.contains { $0.kind != .repair } && passes.allSatisfy { $0.ended < evidence.renewedAt }
    }

    /// A baseline and the change before which it is taken are one event as well: a new configuration replaces one that
    /// an API server has not taken yet.
    private func baselineIsFresh(_ intent: Intent) -> Bool {
        guard receipts.baseline != nil, case .change = nextStep(intent, observation()) else { return false }
        return !receipts.changes.contains(where: \.mayHaveBegun)
    }

    private func operationOutcomes(_ intent: Intent) -> [(String, World)] {
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
        if intent.strategy != .closeVaultFirst {
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
        return !kms.enabled || new.keyID == replicas[index].keyID && reaches(new.keyID, new.path)
    }

    /// Samples that begin while Azure's operation runs: probes are written by API servers of both configurations.
    private func samplesDuringOperation() -> [(String, World)] {
        guard probe != nil, receipts.baseline != nil, !silent else { return [] }
        let sampled = with { $0.flipProbe() }
        return sampled == self ? [] : [("samples during the operation", sampled)]
    }

    mutating func flipProbe() {
        for replica in replicas where replica.writes != probe {
            probe = replica.writes
            probeForm = probeForm == .other ? .asAtBaseline : .other
        }
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

    /// As the runner does: what ARM shows is the outcome of the newest change.
    mutating func settle() {
        _ = receipts.settle(observation().cluster, at: 0)
    }

    private mutating func rollBack(_ index: Int) {
        guard replicas[index] != previous[index] else { return }
        behind[index] = configured(kms, previous[index])
        rolledBack.insert(index)
        replicas[index] = previous[index]
    }

    private mutating func restore(_ profile: KMSProfile) {
        eTag += 1
        previous = replicas
        kms = profile
        replicas = replicas.map { configured(profile, $0) }
        behind = [:]
        settle()
    }

    /// Somebody moves the cluster to the new KMS experience, with Azure's own key.
    private mutating func migrate() {
        eTag += 1
        previous = replicas
        kms = .platformManaged
        replicas = replicas.map { configured(kms, $0) }
        behind = [:]
        settle()
    }

    private mutating func recreate() {
        guard receipts.epoch == 0 else { return }
        recreated = true
    }
}
