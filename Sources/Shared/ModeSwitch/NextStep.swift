/// What to do next, from what is wanted and what is seen. Pure: it knows no clock, no network and no phase.
///
/// - Parameter guards: all of them, except in the exploration that proves each one necessary.
package func nextStep(_ intent: Intent, _ observation: Observation, guards: Guards = .all) -> Step {
    Decision(intent: intent, seen: observation, guards: guards).step()
}

/// The times that a change of the vault is tried whose outcome could not be read.
package let vaultAttempts = 5

/// The times that one KMS profile may be put off: Azure is busy, or it had no effect.
package let deferralsAllowed = 40

/// The times that one KMS profile is asked for before ARM's refusal is taken as final.
package let changeAttempts = 3

struct Decision {
    let intent: Intent
    let seen: Observation
    let guards: Guards

    var kms: KMSProfile { seen.cluster.kms }
    var vault: VaultObservation { seen.vault }
    var receipts: Receipts { seen.receipts }
    var options: Intent.Options { intent.options }

    func step() -> Step {
        if let reason = blocker() { return .stop(reason) }
        if case .unreadable(let why) = seen.cluster.presence { return .wait(.armUnreadable(why)) }
        if case .inProgress(let state) = seen.cluster.provisioning, guards.contains(.waitForOperation) {
            return .wait(.operation(state))
        }
        if case .failed(let why) = seen.cluster.provisioning { return afterFailedOperation(why) }
        switch intent.purpose {
        case .switchMode: return switchStep()
        case .makeSafe: return makeSafeStep()
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
        if cluster.newKMSExperience { return .newKMSExperience }
        if !cluster.running { return .clusterStopped }
        return nil
    }

    /// The runbook asks for a rewrite after a failed update of KMS, before anything else; then the same PUT again.
    private func afterFailedOperation(_ why: String) -> Step {
        let last = receipts.lastChange.flatMap { $0.outcome == .refused ? nil : $0 }
        if last == nil, intent.purpose == .switchMode { return .stop(.clusterFailed(why)) }
        if seen.kubernetes.reachable, repairIsHarmless, receipts.pass(.repair) == nil { return .rewrite(.repair) }
        if intent.purpose == .makeSafe { return repeatSafely(because: why) }
        return change(to: last?.profile ?? kms, because: why)
    }

    /// While a failed change is half applied, a rewrite would hide Secrets from API servers that do not know a new key
    /// yet, or that still need the public path to a vault that was closed early.
    private var repairIsHarmless: Bool {
        let newKey = kms.enabled && kms.keyID.lowercased() != intent.original.keyID.lowercased()
        return !newKey && !(vault.access == .disabled && intent.original.mode == .publicAccess)
    }

    /// A PUT, unless ARM has refused or failed this profile too often since the run was started or resumed.
    func change(to profile: KMSProfile, because why: String = "") -> Step {
        let recent = receipts.changes.dropFirst(receipts.attemptsFrom).reversed().prefix { $0.profile.means(profile) }
        let refusals = recent.filter { $0.outcome == .refused || $0.outcome == .failed }
        if let last = recent.first, last.outcome == .refused { return .stop(.armRefuses(last.detail)) }
        let deferrals = recent.filter { $0.outcome == .deferred }
        if let last = deferrals.first, deferrals.count >= deferralsAllowed { return .stop(.armRefuses(last.detail)) }
        if refusals.count >= changeAttempts {
            return .stop(.armRefuses(refusals.first?.detail ?? why))
        }
        if profile.enabled {
            switch seen.key {
            case .disabled, .expired, .deleted: return .stop(.keyUnusable(seen.key))
            case .usable, .unreadable: break
            }
            if profile.mode == .privateAccess, !seen.cluster.vnetIntegration { return .stop(.privateImpossible) }
        }
        return .change(profile)
    }
}

// MARK: - The switch

extension Decision {
    func switchStep() -> Step {
        if kms.means(intent.targetProfile) { return whileOnTarget() }
        if !kms.enabled { return whileOff() }
        if kms.means(intent.original) { return whileOnOriginal() }
        return .stop(.changedByOthers(kms))
    }

    private func whileOnOriginal() -> Step {
        // Someone put the old profile back (Terraform, another admin): Secrets are encrypted, so nothing is urgent.
        if receipts.wasOff || receipts.othersChanged, guards.contains(.neverDisableTwice) {
            return .stop(.changedByOthers(kms))
        }
        if let step = baselineFirst() { return step }
        if let step = openForPublic() { return step }
        guard intent.strategy == .secondVault else { return change(to: intent.offProfile) }
        if guards.contains(.cleanBeforeKeyChange) {
            guard let pass = receipts.pass(.beforeKeyChange), pass.complete else {
                return passAgain(.beforeKeyChange)
            }
            if !pass.isClean(accepting: options.acceptedFailures) { return .stop(.secretsFailed(pass.failures)) }
        }
        return change(to: intent.targetProfile)
    }

    private func whileOff() -> Step {
        if let step = openForPublic() { return step }
        // Not turned off by this run: Secrets are or may be plaintext, so the way on is the way up.
        guard let last = receipts.lastChange, !last.profile.enabled, last.outcome != .byOthers else {
            return baselineIfPossible() ?? change(to: intent.targetProfile)
        }
        if let step = convergeFirst(repeating: intent.offProfile) { return step }
        guard let pass = validPass(.rewrite) else { return passAgain(.rewrite) }
        if let step = burst(after: pass) { return step }
        if closesEarly, vault.access != .disabled { return closeEarly(pass) }
        return change(to: intent.targetProfile)
    }

    private var closesEarly: Bool { intent.strategy == .closeVaultFirst && intent.target == .privateAccess }

    private func closeEarly(_ pass: PassReceipt) -> Step {
        if guards.contains(.offPassBeforeEarlyClose), !pass.isClean(accepting: options.acceptedFailures) {
            return .stop(.secretsFailed(pass.failures))
        }
        return closeVault()
    }

    private func whileOnTarget() -> Step {
        if intent.strategy != .secondVault, let step = openForPublic() { return step }
        if case .failed? = receipts.soak?.result { return afterFailedSoak() }
        // API servers that do not reach the key yet can neither be sampled nor write Secrets.
        if guards.contains(.endpointApproved), intent.target == .privateAccess, vault.privateEndpoint == .pending {
            return .wait(.privateEndpointApproval)
        }
        if let step = convergeFirst(repeating: intent.targetProfile) { return step }
        guard guards.contains(.rewriteBeforeClose) else { return mustClose ? closeAfter(nil) : proveAndFinish() }
        guard let pass = validPass(.rewrite) else { return passAgain(.rewrite) }
        guard let verified = validPass(.verify), verified.began > pass.ended else { return passAgain(.verify) }
        if let step = burst(after: verified) { return step }
        return mustClose ? closeAfter(verified) : proveAndFinish()
    }

    private var mustClose: Bool {
        intent.target == .privateAccess && intent.strategy != .secondVault && vault.access != .disabled
    }

    private func closeAfter(_ verified: PassReceipt?) -> Step {
        if guards.contains(.failuresBlockClose), let verified, !verified.isClean(accepting: options.acceptedFailures) {
            return .stop(.secretsFailed(verified.failures))
        }
        if guards.contains(.oldPathLeft), !oldPathIsLeft { return .stop(.oldPathUnproven) }
        if guards.contains(.endpointApproved) {
            switch vault.privateEndpoint {
            case .approved: break
            case .pending: return .wait(.privateEndpointApproval)
            case .rejected, .none: return .stop(.privateEndpoint(vault.privateEndpoint))
            }
        }
        return closeVault()
    }

    /// Public and Private of the same key store Secrets alike, so a probe cannot tell them apart: only the time with
    /// KMS off shows that every API server has left the public path.
    private var oldPathIsLeft: Bool {
        options.acceptUnprovenConvergence
            || receipts.convergence.contains {
                $0.state == .converged && $0.epoch > 0 && !receipts.changes[$0.epoch - 1].profile.enabled
            }
    }

    private func closeVault() -> Step {
        if vault.access == .securedByPerimeter { return .stop(.vaultPerimeter) }
        if guards.contains(.sharedVault), !seen.otherPublicUsers.isEmpty, !options.vaultSharedOK {
            return .stop(.vaultShared(seen.otherPublicUsers))
        }
        return vaultKeeps(.enabled, wanted: .disabled) ?? .closeVault
    }

    private func afterFailedSoak() -> Step {
        if vault.access == .disabled, guards.contains(.reopenAfterFailedSoak) { return .openVault }
        return .stop(.soakFailed(receipts.soak?.detail ?? ""))
    }

    private func proveAndFinish() -> Step {
        let closedHere = receipts.vaultChanges.last?.wanted == .disabled
        if closedHere, vault.access == .disabled, receipts.soak?.result != .passed { return .soak }
        guard let proof = receipts.proof else { return guards.contains(.proofBeforeFinish) ? .prove : .finish }
        if !proof.passed { return .stop(.proofFailed) }
        return .finish
    }
}

// MARK: - Pieces that the switch and make-safe share

extension Decision {
    /// Public needs an open vault before it is needed, in every state.
    func openForPublic() -> Step? {
        guard intent.target == .publicAccess, intent.strategy != .secondVault, guards.contains(.openBeforePublic)
        else { return nil }
        return opened()
    }

    /// Nil when the vault is open; else the step that opens it or says why it cannot.
    func opened() -> Step? {
        if vault.presence != .present {
            if case .unreadable(let why) = vault.presence { return .wait(.armUnreadable(why)) }
            return .stop(.vaultUnusable(vault.presence))
        }
        switch vault.access {
        case .enabled: return vault.firewallDenies ? .stop(.vaultFirewall) : nil
        case .securedByPerimeter: return .stop(.vaultPerimeter)
        case .disabled: return vaultKeeps(.disabled, wanted: .enabled) ?? .openVault
        }
    }

    /// Stops when the newest try to set `wanted` was read back as something else, which policies do.
    func vaultKeeps(_ access: VaultAccess, wanted: VaultAccess) -> Step? {
        let tries = receipts.vaultChanges.dropFirst(receipts.vaultAttemptsFrom).reversed().prefix {
            $0.wanted == wanted
        }
        if tries.count >= vaultAttempts { return .stop(.vaultKeepsAccess(access)) }
        guard let readBack = tries.first?.readBack, readBack != wanted else { return nil }
        return .stop(.vaultKeepsAccess(access))
    }

    /// Nil when all API servers were seen to store probes alike, without which nothing could be proven later.
    func baselineFirst() -> Step? {
        guard guards.contains(.baselineBeforeChange), receipts.baseline == nil else { return nil }
        guard let tried = receipts.currentConvergence else { return .converge(.baseline) }
        if options.acceptUnprovenConvergence { return nil }
        return .stop(.convergenceUnproven(tried.state, tried.detail))
    }

    /// On the way up a baseline is tried once: what encrypts Secrets is never held back by what proves it.
    func baselineIfPossible() -> Step? {
        guard receipts.baseline == nil, receipts.currentConvergence == nil, seen.kubernetes.reachable else {
            return nil
        }
        return .converge(.baseline)
    }

    /// Nil when the API servers are proven to have the newest profile (or the user took the risk).
    func convergeFirst(repeating profile: KMSProfile) -> Step? {
        guard guards.contains(.convergeBeforeRewrite) else { return nil }
        guard let evidence = receipts.currentConvergence else { return .converge(.full) }
        switch evidence.state {
        case .converged: return nil
        case .regressed: return .converge(.full)
        case _ where options.acceptUnprovenConvergence: return nil
        case .unavailable: return .stop(lostKey ?? .convergenceUnproven(.unavailable, evidence.detail))
        case .mixed: return .stop(.convergenceUnproven(.mixed, evidence.detail))
        case .homogeneous:
            // KMS was never off and kept its key: Secrets are encrypted whichever path the API servers take to it.
            let onlyPath = intent.original.enabled && kms.keyID.lowercased() == intent.original.keyID.lowercased()
            if intent.purpose == .makeSafe, onlyPath, !receipts.mayHaveBeenOff, receipts.baseline == nil { return nil }
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
        guard let pass = receipts.pass(kind), pass.complete else { return nil }
        guard guards.contains(.convergeBeforeRewrite), let evidence = receipts.currentConvergence else { return pass }
        return pass.began > evidence.since ? pass : nil
    }

    func passAgain(_ kind: RewritePurpose) -> Step {
        seen.kubernetes.reachable ? .rewrite(kind) : .stop(.apiServerUnreachable)
    }

    /// Nil when the evidence of convergence was renewed after the pass.
    func burst(after pass: PassReceipt) -> Step? {
        guard guards.contains(.burstBeforeNarrowing), let evidence = receipts.currentConvergence,
            evidence.state != .unavailable, evidence.renewedAt < pass.ended
        else { return nil }
        return .converge(.burst)
    }
}
