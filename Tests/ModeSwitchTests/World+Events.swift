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

    /// What others do, but for what breaks a cluster by itself: whoever names another key while Secrets still need more
    /// keys than an API server has, or the public path behind a closed vault. No step of ours causes that.
    func others(_ name: String, _ change: (inout World) -> Void) -> [(String, World)] {
        faulty(name, change).filter(\.1.isReadable)
    }

    func with(_ change: (inout World) -> Void) -> World {
        var world = self
        change(&world)
        return world
    }

    // MARK: The world's own moves

    private func ownMoves(_ intent: Intent) -> [(String, World)] {
        if baselineIsFresh(intent) { return [] }
        // A run of the legacy KMS stops where others have left it; what Azure does there later is no step of ours.
        if kms.isNew, intent.newKey == nil { return [] }
        var moves: [(String, World)] = []
        for (index, replica) in behind where !rolledBack.contains(index) {
            moves.append(
                (
                    "replica \(index) catches up",
                    with {
                        $0.previous[index] = $0.replicas[index]
                        $0.replicas[index] = replica
                        $0.behind[index] = nil
                    }
                ))
        }
        if silent { moves.append(("API servers answer again", with { $0.silent = false })) }
        if case .inProgress = provisioning { moves += operationOutcomes(intent) }
        if provisioning == .succeeded {
            moves += slips(intent) + movesOfOthers(intent)
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
    var evidenceIsFresh: Bool {
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

    /// As the runner does: what ARM shows is the outcome of the newest change.
    mutating func settle() {
        let baseline = receipts.baseline
        _ = receipts.settle(observation().cluster, at: 0)
        if receipts.baseline != baseline { probeForm = .asAtBaseline }
    }

    private mutating func recreate() {
        guard receipts.epoch == 0 else { return }
        recreated = true
    }
}
