import Azure

/// What to do next, from what is wanted and what is seen. Pure: it knows no clock, no network and no phase.
///
/// - Parameter guards: all of them, except in the exploration that proves each one necessary.
package func nextStep(_ intent: Intent, _ observation: Observation, guards: Guards = .all) -> Step {
    Decision(
        intent: intent, seen: observation, guards: guards,
        purpose: observation.receipts.turnedBack == nil ? intent.purpose : .makeSafe
    ).step()
}

/// The times that a change of the vault is tried whose outcome could not be read.
package let vaultAttempts = 5

/// The times that one KMS profile may be put off: Azure is busy, or it had no effect.
package let deferralsAllowed = 40

/// The passes in a row that may end without having seen every Secret.
package let passAttempts = 3

/// The times that one KMS profile is asked for before ARM's refusal is taken as final.
package let changeAttempts = 3

struct Decision {
    let intent: Intent
    let seen: Observation
    let guards: Guards
    /// What the steps lead to now: a switch that gave up its target leads to safety.
    var purpose: Intent.Purpose

    var kms: KMSProfile { seen.cluster.kms }
    var vault: VaultObservation { seen.vault }
    var receipts: Receipts { seen.receipts }
    var options: Intent.Options { intent.options }

    /// No stop is the end of a switch while Secrets may be plaintext, as long as there is a way back (I12).
    func step() -> Step {
        let step = triedFirst(decide())
        guard case .stop(let reason) = step, purpose != .makeSafe, intent.turnsBack, options.onFailure == .makeSafe,
            guards.contains(.backToSafety), mayBePlaintext(intent, seen)
        else { return step }
        var wayBack = self
        wayBack.purpose = .makeSafe
        if case .stop = wayBack.decide() { return step }
        return .turnBack(reason)
    }

    private func decide() -> Step {
        if let reason = blocker() { return .stop(reason) }
        if case .unreadable(let why) = seen.cluster.presence { return .wait(.armUnreadable(why)) }
        if case .inProgress(let state) = seen.cluster.provisioning, guards.contains(.waitForOperation) {
            return .wait(.operation(state))
        }
        if case .failed(let why) = seen.cluster.provisioning { return afterFailedOperation(why) }
        switch purpose {
        case .switchMode: return intent.newKey == nil ? switchStep() : newKeyStep()
        case .rotate: return intent.newKey == nil ? switchStep() : newVersionStep()
        case .migrate: return newKeyStep()
        case .makeSafe: return kms.isNew ? whileOnSafely() : makeSafeStep()
        }
    }

    /// What makes every step wrong.
    private func blocker() -> StopReason? {
        let cluster = seen.cluster
        if cluster.presence == .gone { return .clusterGone }
        guard cluster.presence == .present else { return nil }
        if guards.contains(.identity) {
            if cluster.resourceUID != intent.resourceUID { return .clusterRecreated }
            // A make-safe that began while the API server was silent knows ARM's identity only.
            let knownUID = seen.kubernetes.reachable && !intent.kubeSystemUID.isEmpty
            if knownUID, seen.kubernetes.kubeSystemUID != intent.kubeSystemUID { return .clusterRecreated }
        }
        if let reason = otherKMS { return reason }
        if !cluster.running { return .clusterStopped }
        return nil
    }

    /// No update of the legacy KMS may reach a cluster that is, or may be, on the new experience (I11). Where an API
    /// version hides that, the key id told it of a cluster whose KMS was on when the run began.
    private var otherKMS: StopReason? {
        guard guards.contains(.experience) else { return nil }
        let isLegacyRun = intent.newKey == nil
        return switch seen.cluster.experience {
        case .legacy: nil
        case .new: isLegacyRun ? .newKMSExperience : nil
        case .hidden(let why): isLegacyRun && intent.original.enabled ? nil : .unknownKMS(why)
        case .unknown(let why): .unknownKMS(why)
        }
    }

    /// The runbook asks for a rewrite after a failed update of KMS, before anything else; then the same PUT again.
    private func afterFailedOperation(_ why: AzureRefusal) -> Step {
        let last = receipts.lastChange.flatMap { $0.outcome == .refused ? nil : $0 }
        if last == nil, purpose != .makeSafe { return .stop(.clusterFailed(why.what)) }
        if seen.kubernetes.reachable, repairIsHarmless, receipts.pass(.repair) == nil { return .rewrite(.repair) }
        if purpose == .makeSafe { return repeatSafely(because: why) }
        return change(to: last?.profile ?? kms, because: why)
    }

    /// While a failed change is half applied, a rewrite would hide Secrets from API servers that do not know a new key
    /// yet, or that still need the public path to a vault that was closed early.
    private var repairIsHarmless: Bool {
        !guards.contains(.laggardsRead) || laggardsRead(whatIsWrittenUnder: kms, intent, vault)
    }

    /// A PUT, unless ARM has refused or failed this profile too often since the run was started or resumed.
    func change(to profile: KMSProfile, because why: AzureRefusal = AzureRefusal(what: "")) -> Step {
        let recent = receipts.changes.dropFirst(receipts.attemptsFrom).reversed().prefix { $0.profile.means(profile) }
        let refusals = recent.filter { $0.outcome == .refused || $0.outcome == .failed }
        if let last = recent.first, last.outcome == .refused { return .stop(.armRefuses(last.reason)) }
        let deferrals = recent.filter { $0.outcome == .deferred }
        if let last = deferrals.first, deferrals.count >= deferralsAllowed { return .stop(.armRefuses(last.reason)) }
        if refusals.count >= changeAttempts {
            return .stop(.armRefuses(refusals.first?.reason ?? why))
        }
        if profile.enabled {
            if let lostKey { return .stop(lostKey) }
            if profile.mode == .privateAccess, !profile.isNew, !seen.cluster.vnetIntegration {
                return .stop(.privateImpossible)
            }
        }
        // A pool may show an operation that ended long ago: once patience is over, Azure is asked all the same.
        if !seen.cluster.busyPools.isEmpty, !seen.patienceIsOver {
            return .wait(.nodePools(seen.cluster.busyPools))
        }
        return .change(profile)
    }

    /// A step that a check of preflight may forbid.
    func checked(_ name: CheckedStep, _ step: Step) -> Step {
        guard guards.contains(.checkFirst) else { return step }
        switch seen.checks[name] {
        case nil: return .check(name)
        case .clear: return step
        case .refused(let why): return .stop(.checkRefuses(why))
        case .unclear(let why): return seen.patienceIsOver ? .stop(.checkRefuses(why)) : .wait(.check(why))
        }
    }
}

// MARK: - Admission before anything else

extension Decision {
    /// Nothing is changed before admission was seen to take a rewrite of every Secret: what it denies would stay as it
    /// is stored, with KMS off as plaintext. API servers may be sampled meanwhile. Where KMS is off already, what
    /// encrypts is held back by nothing.
    private func triedFirst(_ step: Step) -> Step {
        guard guards.contains(.triedFirst), beginsInAdmission else { return step }
        switch step {
        case .wait, .turnBack, .stop, .finish, .prove: return step
        case .check(.admission), .check(.disable), .check(.changeKey), .check(.closeVault), .change, .converge,
            .rewrite, .openVault, .closeVault, .trustServices, .denyNetworks, .allowNetworks, .makeKeyVersion, .soak:
            break
        }
        switch seen.admission {
        case .clear: return step
        case .refused(let why), .unclear(let why): return .stop(.checkRefuses(why))
        case nil:
            if case .converge = step { return step }
            return reached(.check(.admission))
        }
    }

    /// Whether nothing was changed yet, and what comes first is not on the way to encrypted and readable.
    fileprivate var beginsInAdmission: Bool {
        purpose != .makeSafe && kms.encrypts && !receipts.mayHaveChangedAnything
    }
}

/// Whether admission is still to be asked about every Secret before anything is changed.
func triesAdmission(_ intent: Intent, _ seen: Observation) -> Bool {
    seen.admission == nil
        && Decision(intent: intent, seen: seen, guards: .all, purpose: intent.purpose).beginsInAdmission
}

// MARK: - Evidence that still holds

extension Decision {
    /// Evidence about the API servers; void once the cluster was changed by anybody.
    var evidence: ConvergenceReceipt? {
        guards.contains(.evidenceAge) ? receipts.convergence(at: seen.cluster.eTag) : receipts.currentConvergence
    }

    func pass(_ kind: RewritePurpose) -> PassReceipt? {
        guards.contains(.evidenceAge) ? receipts.pass(kind, at: seen.cluster.eTag) : receipts.pass(kind)
    }

    var proof: ProofReceipt? {
        receipts.proof.flatMap { $0.eTag == seen.cluster.eTag || !guards.contains(.evidenceAge) ? $0 : nil }
    }
}

// MARK: - Pieces that the switch and make-safe share

extension Decision {
    /// Public needs an open vault before it is needed, in every state.
    func openForPublic() -> Step? {
        guard intent.target == .publicAccess, !intent.changesKey, guards.contains(.openBeforePublic) else { return nil }
        return opened()
    }

    /// Nil when the vault can be read; else to wait, or why there is no use in it.
    func vaultSeen() -> Step? {
        if vault.presence == .present { return nil }
        if case .unreadable(let why) = vault.presence { return .wait(.armUnreadable(why)) }
        return .stop(.vaultUnusable(vault.presence))
    }

    /// Nil when the vault is open; else the step that opens it or says why it cannot.
    func opened() -> Step? {
        if let step = vaultSeen() { return step }
        switch vault.access {
        case .enabled: return vault.firewallDenies ? .stop(.vaultFirewall) : nil
        case .securedByPerimeter: return .stop(.vaultPerimeter)
        case .disabled: return vaultKeeps(.disabled, wanted: .open) ?? .openVault
        }
    }

    /// Stops when the newest try to set `wanted` was read back as something else, which policies do.
    func vaultKeeps(_ access: VaultAccess, wanted: VaultSetting) -> Step? {
        let tries = receipts.vaultChanges.dropFirst(receipts.vaultAttemptsFrom).reversed().prefix {
            $0.wanted == wanted
        }
        guard tries.count >= vaultAttempts || tries.first?.isHeld == false else { return nil }
        return .stop(wanted.access == nil ? .vaultKeepsRules(wanted) : .vaultKeepsAccess(access))
    }

    /// Nil when all API servers were seen to store probes alike, without which nothing could be proven later.
    func baselineFirst() -> Step? {
        guard guards.contains(.baselineBeforeChange), receipts.baseline == nil else { return nil }
        guard let tried = evidence else { return reached(.converge(.baseline)) }
        if options.acceptUnprovenConvergence { return nil }
        return .stop(.convergenceUnproven(tried.state, tried.detail))
    }

    /// On the way up a baseline is tried once: what encrypts Secrets is never held back by what proves it.
    func baselineIfPossible() -> Step? {
        guard receipts.baseline == nil, evidence == nil, seen.kubernetes.reachable else { return nil }
        return .converge(.baseline)
    }

    /// A step that needs an API server that answers. Its silence is waited for as long as Azure's.
    func reached(_ step: Step) -> Step {
        if seen.kubernetes.reachable { return step }
        return seen.patienceIsOver ? .stop(.apiServerUnreachable) : .wait(.apiServerSilent)
    }

    /// Nil when the API servers are proven to have the newest profile (or the user took the risk).
    func convergeFirst(repeating profile: KMSProfile) -> Step? {
        guard guards.contains(.convergeBeforeRewrite) else { return nil }
        guard let evidence else { return reached(.converge(.full)) }
        switch evidence.state {
        case .converged: return nil
        case .regressed: return reached(.converge(.full))
        case _ where options.acceptUnprovenConvergence: return nil
        case .silent where !seen.kubernetes.reachable: return reached(.converge(.full))
        case .silent: return .stop(.convergenceUnproven(.silent, evidence.detail))
        case .unavailable: return .stop(lostKey ?? .convergenceUnproven(.unavailable, evidence.detail))
        case .mixed: return .stop(.convergenceUnproven(.mixed, evidence.detail))
        case .homogeneous:
            // KMS was never off and kept its key: Secrets are encrypted whichever path the API servers take to it.
            let onlyPath = intent.original.enabled && kms.keyID.lowercased() == intent.original.keyID.lowercased()
            if purpose == .makeSafe, onlyPath, !receipts.mayHaveBeenOff, receipts.baseline == nil { return nil }
            return hasRepeated(profile)
                ? .stop(.convergenceUnproven(evidence.state, evidence.detail)) : change(to: profile)
        }
    }

    /// Whether a PUT that no API server took was sent once more already, since the run was started or resumed.
    private func hasRepeated(_ profile: KMSProfile) -> Bool {
        let all = receipts.changes.reversed().prefix { $0.profile.means(profile) }
        guard !all.isEmpty else { return true }
        let recent = min(all.count, receipts.changes.count - receipts.attemptsFrom)
        return recent > (all.count == recent ? 1 : 0)
    }

    /// What keeps API servers from encrypting and decrypting at all, where it is seen: it is the reason why no sample
    /// could be taken, and what has to be mended.
    private var lostKey: StopReason? {
        if [.gone, .softDeleted].contains(vault.presence) { return .vaultUnusable(vault.presence) }
        return [.disabled, .expired, .deleted].contains(seen.key) ? .keyUnusable(seen.key) : nil
    }

    /// A pass of this epoch that began after the API servers had converged.
    func validPass(_ kind: RewritePurpose) -> PassReceipt? {
        guard let pass = pass(kind), pass.complete else { return nil }
        guard guards.contains(.convergeBeforeRewrite), let evidence else { return pass }
        return pass.began > evidence.since ? pass : nil
    }

    func passAgain(_ kind: RewritePurpose) -> Step {
        if seen.kubernetes.reachable, receipts.incompletePasses >= passAttempts { return .stop(.passIncomplete) }
        return reached(.rewrite(kind))
    }

    /// Nil when the evidence of convergence was renewed after the pass.
    func burst(after pass: PassReceipt) -> Step? {
        guard guards.contains(.burstBeforeNarrowing), let evidence, evidence.state != .unavailable,
            evidence.state != .silent, evidence.renewedAt < pass.ended
        else { return nil }
        return reached(.converge(.burst))
    }
}
