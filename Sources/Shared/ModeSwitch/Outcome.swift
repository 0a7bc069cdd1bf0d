/// How Secrets lie in etcd, as far as it is known.
package enum SecretsAtRest: String, Sendable, Codable, Hashable {
    case encrypted
    case plaintext
    case mixed
    case unknown
}

/// The process's exit codes. Scripts depend on them: they never change their meaning.
package enum ExitCode: Int32, Sendable, Codable, Hashable {
    case done = 0
    /// Failed; no Secret is plaintext.
    case failed = 1
    case usage = 2
    /// Refused before the first change.
    case refused = 3
    /// Interrupted, or the state could not be known; resumable.
    case interrupted = 4
    /// Done, but some Secrets were not rewritten.
    case doneWithFailures = 5
    /// Stopped while Secrets are or may be plaintext.
    case stoppedInPlaintext = 6
}

/// How a run ended.
package enum Ending: Sendable, Hashable {
    case finished
    case stopped(StopReason)
    /// A signal, a lost lock, or a wait that outlasted its time; the text says which.
    case interrupted(String)
}

/// Derives how Secrets are stored from what is seen and what receipts prove.
///
/// Without a receipt, "encrypted" rests on ARM alone: KMS is on, nothing of ours is unfinished.
package func secretsAtRest(_ intent: Intent, _ seen: Observation) -> SecretsAtRest {
    let receipts = seen.receipts
    let neverOff = intent.original.enabled && !receipts.mayHaveBeenOff
    guard seen.cluster.presence == .present else { return neverOff && receipts.epoch > 0 ? .encrypted : .unknown }
    guard seen.cluster.provisioning == .succeeded else {
        return neverOff && seen.cluster.kms.enabled ? .encrypted : .mixed
    }
    if seen.cluster.kms.enabled {
        if neverOff { return .encrypted }
        guard let verified = receipts.pass(.verify), verified.complete, let evidence = receipts.currentConvergence,
            evidence.state == .converged, evidence.since < verified.began, evidence.renewedAt > verified.ended
        else { return .mixed }
        let perhapsPlaintext = verified.failures.contains { $0.value > 0 && $0.key != .undecryptable }
        return perhapsPlaintext ? .mixed : .encrypted
    }
    guard let pass = receipts.pass(.rewrite), pass.isClean(accepting: []) else { return .mixed }
    return .plaintext
}

/// The exit code of an ending.
package func exitCode(_ ending: Ending, _ intent: Intent, _ seen: Observation) -> ExitCode {
    let atRest = secretsAtRest(intent, seen)
    let exposed = atRest == .plaintext || atRest == .mixed || (atRest == .unknown && seen.receipts.wasOff)
    switch ending {
    case .finished:
        let failures = seen.receipts.pass(.verify)?.failures.values.reduce(0, +) ?? 0
        return failures > 0 ? .doneWithFailures : .done
    case .stopped(let reason):
        if !seen.receipts.hasBegun { return .refused }
        if exposed { return .stoppedInPlaintext }
        switch reason {
        case .convergenceUnproven, .oldPathUnproven, .passIncomplete, .apiServerUnreachable: return .interrupted
        default: return .failed
        }
    case .interrupted:
        return exposed ? .stoppedInPlaintext : .interrupted
    }
}
