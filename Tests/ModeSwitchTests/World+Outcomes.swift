import ModeSwitch
import SecretRewrite

@testable import Azure

/// What can come of each step.
extension World {
    func outcomes(of step: Step, _ intent: Intent, _ guards: Guards = .all) -> [(String, World)] {
        if let wrong = forbids(step, intent) { return [("\(step)", with { $0.wrongSteps.insert(wrong) })] }
        switch step {
        case .wait(.operation): return []
        case .wait(.privateEndpointApproval): return [("waits", with { $0.endpointApproved = true })]
        case .wait(.apiServerSilent):
            return [
                (
                    "waits",
                    with {
                        $0.silent = false
                        $0.receipts.silenceEnded()
                    }
                )
            ]
        case .wait(.check): return [("waits", with { $0.locked = false })]
        case .wait(.armUnreadable), .wait(.nodePools): return []
        case .check(.admission): return admissionOutcomes()
        case .check(let name): return checkOutcomes(name)
        case .change(let profile): return changeOutcomes(profile)
        case .converge(let need): return sampleOutcomes(need, intent, guards)
        case .rewrite(let kind): return passOutcomes(kind)
        case .openVault: return vaultOutcomes(.open)
        case .closeVault: return vaultOutcomes(.closed)
        case .trustServices: return vaultOutcomes(.trustServices)
        case .denyNetworks: return vaultOutcomes(.denyNetworks)
        case .allowNetworks: return vaultOutcomes(.allowNetworks)
        case .makeKeyVersion: return keyOutcomes(intent)
        case .soak: return soakOutcomes()
        case .prove: return [("prove", with { $0.receipts.proved(World.proof, at: "\(eTag)") })]
        case .turnBack(let reason):
            return [("turn back: \(reason)", with { $0.receipts.turnBack(because: "\(reason)") })]
        case .stop(let reason): return [("stop \(reason)", with { $0.ending = .stopped(reason) })]
        case .finish:
            return [("finish", with { $0.ending = $0.receipts.turnedBack == nil ? .finished : .turnedBack })]
        }
    }

    private func checkOutcomes(_ name: CheckedStep) -> [(String, World)] {
        let answer: CheckAnswer = locked ? .refused("locked") : .clear
        var result = [("check \(name): \(answer)", with { $0.checks[name] = answer })]
        result += faulty("check \(name) cannot tell") { $0.checks[name] = .unclear("no answer") }
        return result
    }

    private func admissionOutcomes() -> [(String, World)] {
        let answer: CheckAnswer = denied.isEmpty ? .clear : .refused("denied")
        return [("admission: \(answer)", with { $0.admission = answer })]
            + faulty("admission cannot be asked") { $0.admission = .refused("no answer") }
    }

    /// Rules about steps that no later state shows.
    private func forbids(_ step: Step, _ intent: Intent) -> String? {
        if case .change(let profile) = step, intent.newKey != nil, !profile.encrypts {
            return "KMS was turned off on the way to the new KMS experience"
        }
        if case .inProgress = provisioning { return "I2: a step was taken while an operation ran" }
        if step == .closeVault || step == .denyNetworks, !denied.isEmpty {
            return "I2: the vault was closed though Secrets had failed"
        }
        if admission != .clear, isTriedFirst(step) { return "I2: \(step) was taken before admission took a rewrite" }
        if locked, isCheckedFirst(step) { return "I2: \(step) was taken though a check refuses it" }
        if case .change(let profile) = step, !profile.encrypts,
            receipts.changes.contains(where: { $0.outcome == .byOthers })
        {
            return "KMS was turned off again after somebody had turned it on"
        }
        if case .change(let profile) = step, kms.encrypts, kms.means(intent.original), !profile.means(kms),
            receipts.changes.contains(where: { $0.outcome == .byOthers })
        {
            return "I2: a change undid what somebody else had restored"
        }
        if case .change(let profile) = step, profile.enabled, !profile.isNew, !names(aVersion: profile.keyID) {
            return "I11: a key without a version was sent to the legacy KMS"
        }
        if case .change(let profile) = step, kms.isNew, !profile.isNew {
            return "I11: an update of the legacy KMS was sent to a cluster on the new experience"
        }
        if case .change(let profile) = step, kms.enabled, !kms.isNew, profile.enabled, profile.keyID == kms.keyID,
            profile.mode != kms.mode, !profile.isNew
        {
            return "ARM only refuses to change a vault's mode while KMS is on"
        }
        return nil
    }

    /// As in `https://kv.example/keys/k/1`.
    private func names(aVersion keyID: String) -> Bool { keyID.split(separator: "/").count == 5 }

    /// Whether a step begins a run, or closes the vault at its end. What follows the first change restores or repeats.
    private func isCheckedFirst(_ step: Step) -> Bool {
        switch step {
        case .change(let profile):
            let begins = !receipts.changes.contains(where: \.mayHaveBegun)
            return begins && kms.encrypts && !profile.means(kms)
        case .makeKeyVersion: return true
        case .closeVault, .denyNetworks: return kms.enabled
        default: return false
        }
    }

    /// Whether a step changes something while nothing was changed yet.
    private func isTriedFirst(_ step: Step) -> Bool {
        guard kms.encrypts, !receipts.mayHaveChangedAnything else { return false }
        return switch step {
        case .change, .rewrite, .openVault, .closeVault, .trustServices, .denyNetworks, .allowNetworks,
            .makeKeyVersion:
            true
        case .wait, .check, .converge, .soak, .prove, .turnBack, .stop, .finish: false
        }
    }

    static let proof = ProofReceipt(items: [.init(id: "pass", verdict: .passed, detail: "")])

    private func changeOutcomes(_ profile: KMSProfile) -> [(String, World)] {
        let sent = with { world in
            world.receipts.changeSent(profile, from: kms, at: 0)
            if world.receipts.baseline != receipts.baseline { world.probeForm = .asAtBaseline }
        }
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

    private func sampleOutcomes(_ need: ConvergenceNeed, _ intent: Intent, _ guards: Guards) -> [(String, World)] {
        let plain = ("converge \(need)", with { $0.sample(need) })
        guard encryptsEarly(need, intent, observation(), guards: guards), !silent else { return [plain] }
        // A burst that was new by chance lets the pass write through whichever API server answers.
        return servings().map { serving in
            ("converge \(need) and rewrite", with { $0.sampleAndRewrite(need, through: serving) })
        } + faulty("converge \(need), the rewrite is cut off") { $0.sample(need) }
    }

    private mutating func sampleAndRewrite(_ need: ConvergenceNeed, through serving: [Int]) {
        let since = receipts.mark()
        let pass = written(.rewrite, through: serving, complete: true)
        sample(need, since: since, pass: pass)
    }

    /// A sampler sees the form in which a replica writes, never the path over which it reaches the key.
    private mutating func sample(_ need: ConvergenceNeed, since: Int? = nil, pass: PassReceipt? = nil) {
        // Where no journal tells the past, a lag of all API servers at the baseline and another one after the change
        // cannot be told from none: docs/safety.md names this limit.
        if need != .baseline { rolledBack = [] }
        let receipt = sampling(need, receipts.baseline?.expected(under: kms))
        receipts.sampled(need, ConvergenceAnswer(receipt, pass: pass), since: since, under: kms, at: "\(eTag)")
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
        flipProbe()
        guard agree else {
            return ConvergenceReceipt(state: need == .burst ? .regressed : .mixed, detail: "samples differ")
        }
        return ConvergenceReceipt(state: probeForm == expected ? .converged : .homogeneous, samples: 60)
    }

    private func passOutcomes(_ kind: RewritePurpose) -> [(String, World)] {
        var result = servings().map { ("\(kind)", pass(kind, through: $0)) }
        if engineLies, kind == .rewrite {
            result += faulty("an engine says that it rewrote") { world in
                var receipt = PassReceipt(kind: kind, complete: true, began: world.receipts.passBegins())
                receipt.engine = .svm
                world.receipts.passEnded(receipt, at: "\(world.eTag)")
            }
        }
        if faults > 0 {
            let half = pass(kind, through: [0, 0], only: 1, complete: false)
            result.append(("\(kind) cut off", half.with { $0.faults -= 1 }))
        }
        return result
    }

    /// Which replica may serve the write of each Secret.
    private func servings() -> [[Int]] {
        replicas[0] == replicas[1] ? [[0, 0]] : [[0, 0], [1, 1], [0, 1], [1, 0]]
    }

    private func pass(_ kind: RewritePurpose, through serving: [Int], only count: Int = 2, complete: Bool = true)
        -> World
    {
        with { world in
            let receipt = world.written(kind, through: serving, only: count, complete: complete)
            world.receipts.passEnded(receipt, at: "\(world.eTag)")
        }
    }

    private mutating func written(
        _ kind: RewritePurpose, through serving: [Int], only count: Int = 2, complete: Bool
    ) -> PassReceipt {
        var receipt = PassReceipt(kind: kind, complete: complete, began: receipts.passBegins())
        for index in 0..<count {
            let replica = replicas[serving[index]]
            if denied.contains(index) {
                receipt.failures[.denied, default: 0] += 1
            } else if !reads(secrets[index], replica) {
                receipt.failures[.undecryptable, default: 0] += 1
            } else if secrets[index] != replica.writes {
                write(index, through: replica)
                receipt.rewritten += 1
            } else {
                receipt.current += 1
            }
        }
        return receipt
    }

    /// What others write under a new key while API servers take it is Azure's affair; a pass of ours must wait for it.
    /// A new version that Azure takes by itself may come at any time and unseen, so that no wait helps there.
    private mutating func write(_ index: Int, through replica: Replica) {
        let old = secrets[index]
        secrets[index] = replica.writes
        let isHidden = versions == 0 && replicas.contains { reads(old, $0) && !reads(replica.writes, $0) }
        if isHidden { wrongSteps.insert("I1: a pass hid Secret \(index) from an API server that lags behind") }
    }

    private func vaultOutcomes(_ setting: VaultSetting) -> [(String, World)] {
        let set = with { $0.set(setting) }
        let changed = set.with { $0.receipts.vaultChanged(to: setting, readBack: $0.vault, holds: true, at: 0) }
        var result = [("vault \(setting)", changed)]
        result += faulty("a policy keeps the vault") { world in
            world.receipts.vaultChanged(to: setting, readBack: world.vault, holds: false, at: 0)
        }
        result += set.faulty("vault \(setting), the answer is lost") { world in
            world.receipts.vaultChanged(to: setting, readBack: nil, at: 0)
        }
        return result
    }

    private mutating func set(_ setting: VaultSetting) {
        if let access = setting.access {
            vault = access
            return
        }
        trusted = true
        if setting != .trustServices { firewallDenies = setting == .denyNetworks }
    }

    /// On the new experience Azure takes the version by and by.
    private func keyOutcomes(_ intent: Intent) -> [(String, World)] {
        guard let key = intent.keyID else { return [] }
        let number = versions + 1
        let made = KeyIdentifier(vaultAuthority: key.vaultAuthority, name: key.name, version: "\(number + 1)")
        let isNew = intent.newKey != nil
        let there = with { world in
            if isNew {
                world.versions = number
                for index in world.replicas.indices {
                    world.behind[index] = world.configured(world.kms, world.replicas[index])
                }
            }
        }
        let known = there.with { world in
            world.madeKey = made
            world.receipts.keyVersionMade(KeyVersionReceipt(keyID: made, at: 0), isTakenByAzure: isNew)
        }
        let refused = KeyVersionReceipt(refusal: AzureRefusal(what: "no right"), at: 0)
        var result = [("a version is made", known)]
        result += faulty("no version is made") { $0.receipts.keyVersionMade(refused, isTakenByAzure: isNew) }
        result += there.faulty("a version is made, the answer is lost") {
            $0.receipts.keyVersionMade(refused, isTakenByAzure: isNew)
        }
        return result
    }

    private func soakOutcomes() -> [(String, World)] {
        let healthy = !silent && replicas.allSatisfy { $0.writes == .plaintext || reaches($0.keyID, $0.path) }
        let receipt = SoakReceipt(result: healthy ? .passed : .failed)
        var result = [("soak \(receipt.result)", with { $0.receipts.soaked(receipt, at: "\(eTag)") })]
        result += faulty("soak fails") { $0.receipts.soaked(SoakReceipt(result: .failed), at: "\(eTag)") }
        return result
    }
}
