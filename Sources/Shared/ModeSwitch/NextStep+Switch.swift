import Azure

/// The way to the target mode.
extension Decision {
    func switchStep() -> Step {
        if kms.means(intent.targetProfile) { return whileOnTarget() }
        if !kms.enabled { return whileOff() }
        if kms.means(intent.original) { return whileOnOriginal() }
        return .stop(.changedByOthers(kms))
    }

    private func whileOnOriginal() -> Step {
        // Someone put the old profile back (Terraform, another admin): Secrets are encrypted, so nothing is urgent.
        let wasOff = intent.changesKey ? receipts.mayHaveBeenOff : receipts.wasOff
        if wasOff || receipts.othersChanged, guards.contains(.neverDisableTwice) {
            return .stop(.changedByOthers(kms))
        }
        if let step = baselineFirst() { return step }
        if let step = openForPublic() { return step }
        guard intent.changesKey else { return firstChange(.disable, intent.offProfile) }
        if let step = cleanBeforeKeyChange() { return step }
        if let step = keyVersionFirst() { return step }
        return firstChange(.changeKey, intent.targetProfile)
    }

    /// Nil once every Secret is known to lie under the present key. API servers read with it and with the one before
    /// it: two changes without a rewrite leave a Secret behind (Azure/AKS#4648), whatever refused it.
    func cleanBeforeKeyChange() -> Step? {
        guard guards.contains(.cleanBeforeKeyChange) else { return nil }
        // A probe tells two forms apart: the present key must be proven before a third comes.
        if let baseline = receipts.baseline, baseline.keyID != kms.storageKey,
            let step = convergeFirst(repeating: kms)
        {
            return step
        }
        guard let pass = pass(.beforeKeyChange), pass.complete else { return passAgain(.beforeKeyChange) }
        let accepted = intent.purpose == .rotate ? [] : options.acceptedFailures
        return pass.isClean(accepting: accepted) ? nil : .stop(.secretsFailed(pass.failures))
    }

    /// What begins a run is held back by what preflight finds, until something may have begun. From then on every
    /// change restores or repeats, and those are always allowed (I2).
    func firstChange(_ name: CheckedStep, _ profile: KMSProfile) -> Step {
        let step = change(to: profile)
        guard case .change = step, !receipts.changes.contains(where: \.mayHaveBegun) else { return step }
        return checked(name, step)
    }

    private func whileOff() -> Step {
        // What others turned off goes on again with the key that was on, before another one is thought of.
        if guards.contains(.keyBefore), intent.changesKey, intent.original.enabled {
            return .stop(.changedByOthers(kms))
        }
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
        if let step = openForPublic() { return step }
        if case .failed? = receipts.soak?.result { return afterFailedSoak() }
        // API servers that do not reach the key yet can neither be sampled nor write Secrets.
        if guards.contains(.endpointApproved), intent.target == .privateAccess, vault.privateEndpoint == .pending {
            return approvalFirst()
        }
        if let step = convergeFirst(repeating: intent.targetProfile) { return step }
        guard guards.contains(.rewriteBeforeClose) else { return mustClose ? closeAfter(nil) : proveAndFinish() }
        guard let pass = validPass(.rewrite) else { return passAgain(.rewrite) }
        guard let verified = validPass(.verify), verified.began > pass.ended else { return passAgain(.verify) }
        if let step = burst(after: verified) { return step }
        return mustClose ? closeAfter(verified) : proveAndFinish()
    }

    private var mustClose: Bool {
        intent.target == .privateAccess && !intent.changesKey && vault.access != .disabled
    }

    private func closeAfter(_ verified: PassReceipt?) -> Step {
        if guards.contains(.failuresBlockClose), let verified, !verified.isClean(accepting: options.acceptedFailures) {
            return .stop(.secretsFailed(verified.failures))
        }
        if guards.contains(.oldPathLeft), !oldPathIsLeft { return .stop(.oldPathUnproven) }
        if guards.contains(.endpointApproved) {
            switch vault.privateEndpoint {
            case .approved: break
            case .pending: return approvalFirst()
            case .rejected, .none: return .stop(.privateEndpoint(vault.privateEndpoint))
            }
        }
        return closeVault()
    }

    private func approvalFirst() -> Step {
        seen.patienceIsOver ? .stop(.privateEndpoint(.pending)) : .wait(.privateEndpointApproval)
    }

    /// Public and Private of the same key store Secrets alike, so a probe cannot tell them apart: only the time with
    /// KMS off shows that every API server has left the public path.
    var oldPathIsLeft: Bool {
        options.acceptUnprovenConvergence
            || receipts.convergence.contains {
                // With KMS off or, on the new experience, on Azure's own key.
                $0.state == .converged && $0.epoch > 0 && !receipts.changes[$0.epoch - 1].profile.enabled
            }
    }

    func closeVault() -> Step {
        if vault.access == .securedByPerimeter { return .stop(.vaultPerimeter) }
        if guards.contains(.sharedVault), !seen.otherPublicUsers.isEmpty, !options.vaultSharedOK {
            return .stop(.vaultShared(seen.otherPublicUsers))
        }
        let byFirewall = options.closesFirewall == true
        if let stop = vaultKeeps(.enabled, wanted: byFirewall ? .denyNetworks : .closed) { return stop }
        let step: Step = byFirewall ? .denyNetworks : .closeVault
        // The older order closes the vault before there is what the check asks for; its own warning says what it risks.
        return kms.enabled ? checked(.closeVault, step) : step
    }

    /// Whether the vault turns the public network away, in the way that was asked for or in a stricter one.
    var isClosed: Bool { vault.access == .disabled || (options.closesFirewall == true && vault.firewallDenies) }

    func afterFailedSoak() -> Step {
        if guards.contains(.reopenAfterFailedSoak) {
            if let step = reopened() { return step }
        }
        return .stop(.soakFailed(receipts.soak?.detail ?? ""))
    }

    /// Nil when the vault is open again, as far as this run closed it.
    func reopened() -> Step? {
        if vault.access == .disabled { return vaultKeeps(.disabled, wanted: .open) ?? .openVault }
        let closedHere = receipts.vaultChanges.contains { $0.wanted == .denyNetworks }
        guard closedHere, vault.firewallDenies else { return nil }
        return vaultKeeps(vault.access, wanted: .allowNetworks) ?? .allowNetworks
    }

    func proveAndFinish() -> Step {
        // A vault that a policy closed is watched like one that was closed here.
        if intent.closesVault, isClosed, receipts.soak?.result != .passed { return reached(.soak) }
        guard let proof else { return guards.contains(.proofBeforeFinish) ? .prove : .finish }
        if !proof.passed { return .stop(.proofFailed) }
        return .finish
    }
}
