import Azure

/// The way back to "encrypted and readable", from any state.
extension Decision {
    func makeSafeStep() -> Step {
        kms.enabled ? whileOn() : enableSafely()
    }

    private func whileOn() -> Step {
        let isItsVault = looksAtVault(of: kms)
        if isItsVault, kms.mode == .publicAccess, !vault.servesPublic, vault.presence == .present, let step = opened() {
            return step
        }
        if isItsVault, kms.mode == .privateAccess, vault.privateEndpoint != .approved, vault.access == .disabled,
            let step = opened()
        {
            // A policy that keeps the vault closed leaves the private path only.
            guard case .stop(.vaultKeepsAccess) = step, vault.privateEndpoint == .pending else { return step }
            return seen.patienceIsOver ? step : .wait(.privateEndpointApproval)
        }
        return provenWhileOn()
    }

    private func provenWhileOn() -> Step {
        // API servers that lost their key come back by themselves once it can be reached again.
        guard seen.kubernetes.reachable else { return reached(.converge(.full)) }
        if let step = kms.isNew ? settledFirst(repeating: kms) : convergeFirst(repeating: kms) { return step }
        guard let pass = validPass(.rewrite) else { return passAgain(.rewrite) }
        guard let verified = validPass(.verify), verified.began > pass.ended else { return passAgain(.verify) }
        if let step = burst(after: verified) { return step }
        guard let proof else { return .prove }
        if verified.failures.contains(where: { $0.value > 0 }) { return .stop(.secretsFailed(verified.failures)) }
        return proof.passed ? .finish : .stop(.proofFailed)
    }

    /// On the new experience KMS is never off: at most the vault keeps the cluster out.
    func whileOnSafely() -> Step {
        guard kms.enabled, intent.vaultID != nil else { return provenWhileOn() }
        // A vault that cannot be seen or changed says nothing of what the API servers reach.
        if let step = wayIn(kms.mode), step != .stop(.vaultPerimeter) { return step }
        return watchedSafely() ?? provenWhileOn()
    }

    /// The watch over a vault that this run closed is made up for; where it fails, an open vault serves both modes.
    private func watchedSafely() -> Step? {
        guard guards.contains(.watchClosed), intent.strategy == .direct, kms.mode == .privateAccess, isClosed,
            receipts.vaultChanges.contains(where: \.wanted.narrows), receipts.soak?.result != .passed
        else { return nil }
        guard case .failed? = receipts.soak?.result else { return .soak }
        return reopened()
    }

    private func enableSafely() -> Step {
        if mustReopen, let step = opened(), !goesOnAsPrivate(without: step) { return step }
        if let step = baselineIfPossible() { return step }
        guard let profile = safeProfile() else { return opened() ?? .stop(.privateImpossible) }
        let step = change(to: profile)
        // With the vault open the next look finds that Public is served.
        if wayBackIsPublic(profile, step) { return opened() ?? step }
        return wayBackIsPrivate(profile, step) ?? step
    }

    /// Where Azure refuses Public for good, an open vault still serves the private path that the cluster had.
    private func wayBackIsPrivate(_ profile: KMSProfile, _ step: Step) -> Step? {
        guard case .stop(.armRefuses) = step, profile.mode == .publicAccess, intent.original.enabled,
            intent.original.mode == .privateAccess
        else { return nil }
        let other = change(to: intent.profile(.privateAccess))
        if case .stop = other { return nil }
        return other
    }

    /// Whether the vault that is seen holds the profile's key. A run to a key in a second vault looks at that one, and
    /// must not open it for the sake of the first.
    private func looksAtVault(of profile: KMSProfile) -> Bool {
        intent.strategy != .secondVault || intent.keyID.map { profile.names($0) } == true
    }

    /// Whether the vault stays closed whatever is asked for, and Private needs no open vault: Secrets that only the
    /// public path could read are worse off with KMS off than with a way to their key.
    private func goesOnAsPrivate(without step: Step) -> Bool {
        guard case .stop(.vaultKeepsAccess) = step else { return false }
        return safeProfile()?.mode == .privateAccess
    }

    /// After an operation that failed: the same PUT again, and where Azure has refused Private for good, back to
    /// Public.
    func repeatSafely(because why: AzureRefusal) -> Step {
        let profile = kms.encrypts ? kms : safeProfile() ?? kms
        let step = change(to: profile, because: why)
        guard wayBackIsPublic(profile, step) else { return step }
        if let step = opened() { return step }
        // What failed stays in the profile, and the mode of one vault can only be changed while KMS is off.
        return change(to: kms.enabled ? intent.offProfile : intent.profile(.publicAccess), because: why)
    }

    /// Whether Private was refused for good, and was never on since this run turned KMS off: no Secret needs it, and
    /// all of them may be plaintext.
    private func wayBackIsPublic(_ profile: KMSProfile, _ step: Step) -> Bool {
        guard case .stop(.armRefuses) = step, profile.enabled, profile.mode == .privateAccess else { return false }
        guard intent.original.mode == .publicAccess, receipts.wasOff else { return false }
        return !receipts.changes.contains { $0.profile.means(profile) && $0.outcome == .succeeded }
    }

    /// The vault was closed while Secrets may still need the public path of the profile that encrypted them.
    private var mustReopen: Bool {
        guard vault.presence == .present, vault.access == .disabled, looksAtVault(of: intent.original) else {
            return false
        }
        guard intent.original.mode == .publicAccess, intent.original.enabled else { return false }
        guard let pass = validPass(.rewrite) else { return true }
        return !pass.isClean(accepting: [])
    }

    /// KMS on, in the mode that the observed vault serves; nil when it serves none.
    func safeProfile() -> KMSProfile? {
        if let profile = onBefore { return profile }
        // The only other run to the new experience that can find KMS off is one that began so.
        if intent.newKey != nil { return intent.targetProfile }
        guard vault.presence == .present else { return nil }
        if vault.servesPublic { return intent.profile(.publicAccess) }
        if seen.cluster.vnetIntegration, vault.access != .securedByPerimeter { return intent.profile(.privateAccess) }
        return nil
    }

    /// What others turned off in a run that names another key: that one only where the run had asked for it before,
    /// which it does once every Secret is known to lie under the first. API servers read with two keys at most.
    private var onBefore: KMSProfile? {
        guard guards.contains(.keyBefore), !intent.keepsStoredKey, intent.original.enabled, !intent.original.isNew
        else { return nil }
        let target = intent.targetProfile
        let hasAsked = receipts.changes.contains { $0.mayHaveBegun && $0.profile.means(target) }
        return hasAsked && !target.isNew ? target : intent.original
    }
}
