import Azure
import ModeSwitch

/// What must hold.
extension World {
    /// The invariants of the design, read off the world itself and never off receipts.
    func violation(_ intent: Intent) -> String? {
        if let wrong = isUnreadable(intent) { return wrong }
        if vault == .disabled || firewallDenies, sharedWith.isEmpty == false, !intent.options.vaultSharedOK {
            return "I1: the vault was closed under another cluster"
        }
        if let wrong = wrongSteps.first { return wrong }
        if case .stopped(.soakFailed) = ending, vault == .disabled {
            return "I1: the vault stays closed though writes fail"
        }
        if recreated, receipts.epoch > 0 { return "I3: another cluster was changed" }
        let claim = secretsAtRest(intent, observation())
        let plain = secrets.contains(.plaintext)
        // A lagging API server may write plaintext at any moment; only receipts of a converged cluster make a claim.
        if claim == .encrypted, plain { return "I8: 'encrypted' was claimed while a Secret is plaintext" }
        if case .stopped(let reason) = ending, let wrong = endsExposed(reason, intent) { return wrong }
        guard ending == .finished || ending == .turnedBack else { return nil }
        if plain { return "I8: finished with a Secret in plaintext" }
        if intent.purpose == .makeSafe || ending == .turnedBack {
            return replicas.contains { $0.writes == .plaintext } ? "I8: an API server still writes plaintext" : nil
        }
        let intent = asMade(intent)
        let wanted = configured(intent.targetProfile, replicas[0])
        // Both modes of one key store Secrets alike, and no sample tells the path: an API server that lags behind
        // Azure's word is harmless where it reaches its key all the same, which an open vault and the watch over a
        // closed one show.
        let keeps = intent.newKey != nil && intent.keepsStoredKey
        if replicas.contains(where: {
            $0.writes != wanted.writes || $0.path != wanted.path && !(keeps && reaches($0.keyID, $0.path))
        }) {
            return "I8: finished while an API server is elsewhere"
        }
        if !kms.means(intent.targetProfile) { return "I8: finished while ARM shows another profile" }
        if let wrong = vaultIsWrong(intent) { return wrong }
        if intent.purpose == .rotate, secrets.contains(where: { $0 != wanted.writes }) {
            return "I8: finished while a Secret lies under an older version"
        }
        if receipts.proof == nil { return "I8: finished without proof" }
        return nil
    }

    private func isUnreadable(_ intent: Intent) -> String? {
        for (index, secret) in secrets.enumerated() {
            for (number, replica) in replicas.enumerated() where !reads(secret, replica) {
                // An API server that has not heard of the new key yet is Azure's rollout, not a step of ours.
                if let next = behind[number], secret == .encrypted(keyID: next.keyID), next.keyID != replica.keyID {
                    continue
                }
                if isWatched(number, intent) { continue }
                return "I1: Secret \(index) cannot be read by every API server"
            }
        }
        for (number, replica) in replicas.enumerated() where replica.writes != .plaintext {
            if reaches(replica.keyID, replica.path) || isWatched(number, intent) { continue }
            return "I1: an API server cannot reach the key that it writes with"
        }
        return nil
    }

    /// Whether an API server that Azure has left on the public path is still within the watch over the closed vault:
    /// for minutes it runs on what it has read (k8s.io/apiserver, kmsv2: the seed of a key is cached, and written with
    /// for three minutes). Nothing shows it beforehand where both modes store alike, so the watch must find it, and
    /// open the vault again before the run ends.
    private func isWatched(_ number: Int, _ intent: Intent) -> Bool {
        guard intent.newKey != nil, intent.strategy == .direct, kms.means(intent.profile(.privateAccess)),
            replicas[number].path == .publicAccess, behind[number] != nil, receipts.soak?.result != .passed
        else { return false }
        switch ending {
        // Another cluster has its name, or a policy keeps the vault closed.
        case nil, .stopped(.clusterRecreated), .stopped(.vaultKeepsAccess), .stopped(.vaultKeepsRules): return true
        default: return false
        }
    }

    /// Whether every API server reads every Secret, and needs to hear of nothing first.
    var isReadable: Bool { secrets.allSatisfy { secret in replicas.allSatisfy { reads(secret, $0) } } }

    private func vaultIsWrong(_ intent: Intent) -> String? {
        guard intent.purpose == .switchMode, intent.movesVault else { return nil }
        guard intent.options.closesFirewall == true else {
            let access: VaultAccess = intent.target == .privateAccess ? .disabled : .enabled
            return vault == access ? nil : "I8: finished while the vault is \(vault)"
        }
        let isClosed = vault == .disabled || firewallDenies
        return isClosed == (intent.target == .privateAccess) ? nil : "I8: finished while the firewall is wrong"
    }

    /// The intent with the version that the run made, as the runner completes it.
    func asMade(_ intent: Intent) -> Intent {
        var intent = intent
        if let madeKey { intent.keyID = madeKey }
        return intent
    }

    /// I12: with KMS off only what nobody here can mend ends a switch.
    private func endsExposed(_ reason: StopReason, _ intent: Intent) -> String? {
        guard !kms.encrypts, intent.turnsBack, intent.options.onFailure == .makeSafe else { return nil }
        switch reason {
        case .armRefuses, .clusterRecreated, .privateImpossible, .vaultKeepsAccess: return nil
        default: return "I12: the run ended with KMS off: \(reason)"
        }
    }
}
