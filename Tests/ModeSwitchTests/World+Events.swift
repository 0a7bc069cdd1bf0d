import ModeSwitch

/// Everything that can happen next: the step that `nextStep` names, with each of its outcomes, and what the world
/// does by itself. An outcome that needs a fault costs one of the world's faults.
extension World {
    func successors(_ intent: Intent, _ guards: Guards) -> [(String, World)] {
        guard ending == nil else { return [] }
        var result = ownMoves(intent)
        let step = nextStep(intent, observation(), guards: guards)
        if case .wait(.operation) = step { return result }
        result += outcomes(of: step, intent)
        return result
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
        if case .inProgress = world.provisioning { return world.operationEnds() }
        return world.outcomes(of: nextStep(intent, world.observation()), intent).first?.1
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
            // After an early close a slip is the risk that `--close-vault-first` warns of.
            let atRisk = intent.strategy == .closeVaultFirst && vault == .disabled
            if !evidenceIsFresh, intent.strategy != .secondVault, !atRisk {
                moves += faulty("replica 0 rolls back") { $0.rollBack(0) }
            }
            // Restoring Public behind a closed vault breaks the cluster by itself; that is not a step of ours.
            if !kms.means(intent.original), vault == intent.originalVaultAccess || vault == .enabled {
                moves += faulty("another admin restores the original profile") { $0.restore(intent.original) }
            }
            moves += faulty("the cluster is recreated") { $0.recreate() }
            if !silent { moves += faulty("API servers fall silent") { $0.silent = true } }
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
            world.provisioning = .failed("InternalOperationError")
        }
        if intent.strategy != .closeVaultFirst {
            moves += faulty("the operation succeeds, the private endpoint waits for approval") { world in
                let approved = world.endpointApproved
                world = world.operationEnds()
                world.endpointApproved = approved
            }
        }
        moves += faulty("the operation fails, nothing applied") { $0.provisioning = .failed("InternalOperationError") }
        return moves
    }

    func operationEnds() -> World {
        if refusesPrivate, kms.enabled, kms.mode == .privateAccess {
            return with { world in
                world.provisioning = .failed("LinkedAuthorizationFailed")
                world.settle()
            }
        }
        return with { world in
            world.previous = world.replicas
            world.replicas = world.replicas.map { world.configured(world.kms, $0) }
            world.behind = [:]
            world.rolledBack = []
            world.provisioning = .succeeded
            // AKS makes the endpoint and approves it with the cluster's identity before it reports success.
            if world.kms.enabled, world.kms.mode == .privateAccess { world.endpointApproved = true }
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

        previous = replicas
        kms = profile
        replicas = replicas.map { configured(profile, $0) }
        behind = [:]
        settle()
    }

    private mutating func recreate() {
        guard receipts.epoch == 0 else { return }
        recreated = true
    }
}

// MARK: - Outcomes of steps

extension World {
    func outcomes(of step: Step, _ intent: Intent) -> [(String, World)] {
        if let wrong = forbids(step) { return [("\(step)", with { $0.wrongSteps.insert(wrong) })] }
        switch step {
        case .wait(.operation): return []
        case .wait(.privateEndpointApproval): return [("waits", with { $0.endpointApproved = true })]
        case .wait(.apiServerSilent): return [("waits", with { $0.silent = false })]
        case .wait(.armUnreadable): return []
        case .change(let profile): return changeOutcomes(profile)
        case .converge(let need): return [("converge \(need)", with { $0.sample(need) })]
        case .rewrite(let kind): return passOutcomes(kind)
        case .openVault: return vaultOutcomes(.enabled)
        case .closeVault: return vaultOutcomes(.disabled)
        case .soak: return soakOutcomes()
        case .prove: return [("prove", with { $0.receipts.proved(World.proof) })]
        case .stop(let reason): return [("stop \(reason)", with { $0.ending = .stopped(reason) })]
        case .finish: return [("finish", with { $0.ending = .finished })]
        }
    }

    /// Rules about steps that no later state shows.
    private func forbids(_ step: Step) -> String? {
        if case .inProgress = provisioning { return "I2: a step was taken while an operation ran" }
        if step == .closeVault, !denied.isEmpty { return "I2: the vault was closed though Secrets had failed" }
        if case .change(let profile) = step, !profile.enabled,
            receipts.changes.contains(where: { $0.outcome == .byOthers })
        {
            return "KMS was turned off again after somebody had turned it on"
        }
        if case .change(let profile) = step, kms.enabled, profile.enabled, profile.keyID == kms.keyID,
            profile.mode != kms.mode
        {
            return "ARM only refuses to change a vault's mode while KMS is on"
        }
        return nil
    }

    static let proof = ProofReceipt(items: [.init(id: "pass", verdict: .passed, detail: "")])

    private func changeOutcomes(_ profile: KMSProfile) -> [(String, World)] {
        let sent = with { $0.receipts.changeSent(profile, at: 0) }
        let begun = sent.with { world in
            world.kms = profile
            world.provisioning = .inProgress("Updating")
        }
        var result = [("PUT \(profile.enabled)", begun.with { $0.receipts.changeEnded(.accepted, at: 0) })]
        result += sent.faulty("PUT deferred") { $0.receipts.changeEnded(.deferred, at: 0) }
        result += sent.faulty("PUT refused") { $0.receipts.changeEnded(.refused, at: 0) }
        result += sent.faulty("killed before the PUT") { $0.settle() }
        result += begun.faulty("the answer to the PUT is lost") { _ in }
        return result
    }

    /// A sampler sees the form in which a replica writes, never the path over which it reaches the key.
    private mutating func sample(_ need: ConvergenceNeed) {
        // Where no journal tells the past, a lag of all API servers at the baseline and another one after the change
        // cannot be told from none: docs/safety.md names this limit.
        if need != .baseline { rolledBack = [] }
        receipts.sampled(need, sampling(need, receipts.baseline?.expected(under: kms)), under: kms)
    }

    private mutating func sampling(_ need: ConvergenceNeed, _ expected: ProbeState.Form?) -> ConvergenceReceipt {
        if silent { return ConvergenceReceipt(state: .unavailable, detail: "no API server answers") }
        let agree = Set(replicas.map(\.writes)).count == 1
        if need == .baseline {
            guard agree else { return ConvergenceReceipt(state: .mixed, detail: "no baseline") }
            probe = replicas[0].writes
            probeForm = .asAtBaseline
            return ConvergenceReceipt(state: .converged)
        }
        guard let expected, probe != nil else {
            var receipt = ConvergenceReceipt(state: agree ? .homogeneous : .mixed, detail: "the form is not known")
            receipt.formIsKnown = false
            return receipt
        }
        for replica in replicas where replica.writes != probe {
            probe = replica.writes
            probeForm = probeForm == .other ? .asAtBaseline : .other
        }
        guard agree else {
            return ConvergenceReceipt(state: need == .burst ? .regressed : .mixed, detail: "samples differ")
        }
        return ConvergenceReceipt(state: probeForm == expected ? .converged : .homogeneous, samples: 60)
    }

    private func passOutcomes(_ kind: RewritePurpose) -> [(String, World)] {
        var choices = [pass(kind, through: [0, 0])]
        if replicas[0] != replicas[1] { choices += [[1, 1], [0, 1], [1, 0]].map { pass(kind, through: $0) } }
        var result = choices.map { ("\(kind)", $0) }
        if faults > 0 {
            let half = pass(kind, through: [0, 0], only: 1, complete: false)
            result.append(("\(kind) cut off", half.with { $0.faults -= 1 }))
        }
        return result
    }

    private func pass(_ kind: RewritePurpose, through serving: [Int], only count: Int = 2, complete: Bool = true)
        -> World
    {
        with { world in
            let began = world.receipts.passBegins()
            var receipt = PassReceipt(kind: kind, complete: complete, began: began)
            for index in 0..<count {
                let replica = world.replicas[serving[index]]
                if world.denied.contains(index) {
                    receipt.failures[.denied, default: 0] += 1
                } else if !world.reads(world.secrets[index], replica) {
                    receipt.failures[.undecryptable, default: 0] += 1
                } else if world.secrets[index] != replica.writes {
                    world.secrets[index] = replica.writes
                    receipt.rewritten += 1
                } else {
                    receipt.current += 1
                }
            }
            world.receipts.passEnded(receipt)
        }
    }

    private func vaultOutcomes(_ access: VaultAccess) -> [(String, World)] {
        let changed = with { world in
            world.vault = access
            world.receipts.vaultChanged(to: access, readBack: access, at: 0)
        }
        var result = [("vault \(access)", changed)]
        result += faulty("a policy keeps the vault") { world in
            world.receipts.vaultChanged(to: access, readBack: world.vault, at: 0)
        }
        result += faulty("vault \(access), the answer is lost") { world in
            world.vault = access
            world.receipts.vaultChanged(to: access, readBack: nil, at: 0)
        }
        return result
    }

    private func soakOutcomes() -> [(String, World)] {
        let healthy = !silent && replicas.allSatisfy { $0.writes == .plaintext || reaches($0.keyID, $0.path) }
        let receipt = SoakReceipt(result: healthy ? .passed : .failed)
        var result = [("soak \(receipt.result)", with { $0.receipts.soaked(receipt) })]
        result += faulty("soak fails") { $0.receipts.soaked(SoakReceipt(result: .failed)) }
        return result
    }
}
