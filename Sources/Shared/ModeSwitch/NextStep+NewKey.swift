import Azure

/// The ways on and to the new KMS experience: to the other mode, to another key, and to a new version of the key. In
/// none of them is a Secret plaintext that was not before.
extension Decision {
    /// To the target's key and mode, at once or by way of Azure's own key.
    func newKeyStep() -> Step {
        if kms.means(intent.targetProfile) { return whileOnNewKey() }
        if intent.strategy == .viaPlatformKey, kms.isPlatformManaged { return whileOnPlatformKey() }
        if kms.means(intent.original) { return whileBeforeNewKey() }
        return .stop(.changedByOthers(kms))
    }

    private func whileBeforeNewKey() -> Step {
        let wasLeft = receipts.changes.contains { $0.outcome == .succeeded }
        if wasLeft || receipts.othersChanged, guards.contains(.neverDisableTwice) {
            return .stop(.changedByOthers(kms))
        }
        let goesBy = intent.strategy == .viaPlatformKey
        // Only another key shows in the probes, and what encrypts is never held back by what proves it.
        if let step = goesBy ? baselineFirst() : baselineIfPossible() { return step }
        if let step = wayIn() { return step }
        if !intent.keepsStoredKey, intent.original.encrypts, let step = cleanBeforeKeyChange() { return step }
        return firstChange(.changeKey, goesBy ? .platformManaged : intent.targetProfile)
    }

    /// Azure's own key encrypts, and the vault's key is only read with: once no Secret needs it, neither its old path
    /// nor its old mode does.
    private func whileOnPlatformKey() -> Step {
        if let step = wayIn() { return step }
        if let step = convergeFirst(repeating: .platformManaged) { return step }
        if guards.contains(.cleanBeforeKeyChange) {
            guard let pass = validPass(.rewrite) else { return passAgain(.rewrite) }
            if !pass.isClean(accepting: options.acceptedFailures) { return .stop(.secretsFailed(pass.failures)) }
            if let step = burst(after: pass) { return step }
        }
        return change(to: intent.targetProfile)
    }

    private func whileOnNewKey() -> Step {
        if let step = wayIn() { return step }
        if case .failed? = receipts.soak?.result { return afterFailedSoak() }
        if let step = settledFirst(repeating: intent.targetProfile) { return step }
        let changedMode = intent.purpose == .switchMode && intent.strategy == .direct
        // The mode alone leaves every Secret on its key.
        let rewritten = changedMode ? nil : validPass(.rewrite)
        if !changedMode, rewritten == nil { return passAgain(.rewrite) }
        guard let verified = validPass(.verify), verified.began > rewritten?.ended ?? 0 else {
            return passAgain(.verify)
        }
        if let step = burst(after: verified) { return step }
        return intent.closesVault && !isClosed ? closeBehind(verified) : proveAndFinish()
    }

    /// Nil when the API servers are known to write alike with the newest profile, as far as that shows: the other mode
    /// of one key stores Secrets alike, and so may a migration that keeps the key (no source tells).
    func settledFirst(repeating profile: KMSProfile) -> Step? {
        guard guards.contains(.convergeBeforeRewrite) else { return nil }
        guard let evidence else {
            let isVisible = receipts.baseline.map { $0.keyID != kms.storageKey } ?? true
            return reached(.converge(isVisible ? .full : .burst))
        }
        let neverOff = intent.original.encrypts && !receipts.mayHaveBeenOff
        if evidence.state == .homogeneous, neverOff { return nil }
        return convergeFirst(repeating: profile)
    }

    /// Nothing shows beforehand that the API servers reach a vault that is closed: the watch afterwards does, and opens
    /// it again while they still run on what they have read.
    private func closeBehind(_ verified: PassReceipt) -> Step {
        if guards.contains(.failuresBlockClose), !verified.isClean(accepting: options.acceptedFailures) {
            return .stop(.secretsFailed(verified.failures))
        }
        if intent.strategy == .viaPlatformKey, guards.contains(.oldPathLeft), !oldPathIsLeft {
            return .stop(.oldPathUnproven)
        }
        return closeVault()
    }

    /// Nil when the vault lets the cluster in, in the mode that the run leads to; else the step that sees to it.
    private func wayIn() -> Step? {
        guard intent.movesVault, guards.contains(.wayIn) else { return nil }
        return wayIn(intent.target)
    }

    func wayIn(_ mode: NetworkMode) -> Step? {
        if let step = vaultSeen() { return step }
        if vault.access == .securedByPerimeter { return .stop(.vaultPerimeter) }
        switch mode {
        case .privateAccess:
            return isTrusted ? nil : vaultKeeps(vault.access, wanted: .trustServices) ?? .trustServices
        case .publicAccess:
            if vault.access == .disabled { return vaultKeeps(.disabled, wanted: .open) ?? .openVault }
            guard vault.firewallDenies else { return nil }
            return vaultKeeps(vault.access, wanted: .allowNetworks) ?? .allowNetworks
        }
    }

    /// ARM does not show rules that are its default, also where they were set.
    private var isTrusted: Bool {
        switch vault.trust {
        case .explicit: true
        case .none: false
        case .byDefault: receipts.vaultChanges.contains { $0.wanted.access == nil && $0.isHeld == true }
        }
    }
}

// MARK: - A new version of the key

extension Decision {
    /// Nil unless the run makes the version of the key that it leads to, and has not yet.
    func keyVersionFirst() -> Step? {
        guard let key = intent.keyID, key.version == nil else { return nil }
        if let refusal = receipts.keyVersion?.refusal { return .stop(.keyNotMade(refusal)) }
        return checked(.changeKey, .makeKeyVersion)
    }

    /// On the new experience Azure takes a new version by itself, and rewrites Secrets by itself.
    func newVersionStep() -> Step {
        guard kms.means(intent.original) else { return .stop(.changedByOthers(kms)) }
        if let step = baselineFirst() { return step }
        if let step = keyVersionFirst() { return step }
        if guards.contains(.versionTaken) {
            guard let evidence else { return reached(.converge(.controller)) }
            switch evidence.state {
            case .converged: break
            case .regressed: return reached(.converge(.controller))
            case .silent where !seen.kubernetes.reachable: return reached(.converge(.controller))
            // That the version was not taken yet is seen here, not merely unproven: to go on would call it done.
            case .homogeneous, .mixed: return .stop(.convergenceUnproven(evidence.state, evidence.detail))
            case .silent, .unavailable:
                if options.acceptUnprovenConvergence { break }
                return .stop(.convergenceUnproven(evidence.state, evidence.detail))
            }
        }
        guard let verified = validPass(.verify) else { return passAgain(.verify) }
        if let step = burst(after: verified) { return step }
        return proveAndFinish()
    }
}
