import Azure
import SecretRewrite

/// How Secrets lie in etcd, as far as it is known.
package enum SecretsAtRest: String, Sendable, Codable, Hashable {
    case encrypted
    case plaintext
    case mixed
    case unknown
}

/// How a run ended.
package enum Ending: Sendable, Hashable {
    case finished
    /// The switch could not go on; Secrets are encrypted and readable again.
    case turnedBack(StopReason)
    case stopped(StopReason)
    /// A signal, a lost lock, or a wait that outlasted its time; the text says which.
    case interrupted(String)
}

/// Derives how Secrets are stored from what is seen and what receipts prove.
///
/// Only a verifying pass of this run tells that they are encrypted. That KMS is on says nothing of Secrets that were
/// written while it was off.
package func secretsAtRest(_ intent: Intent, _ seen: Observation) -> SecretsAtRest {
    let cluster = seen.cluster
    guard cluster.presence == .present else { return .unknown }
    let otherwise: SecretsAtRest = wasExposed(intent, seen) ? .mixed : .unknown
    // What a run has seen of the legacy KMS says nothing of another one.
    let isForeign = cluster.newKMSExperience && intent.newKey == nil
    guard cluster.provisioning == .succeeded, !isForeign else { return otherwise }
    guard cluster.kms.encrypts else {
        guard let pass = seen.receipts.pass(.rewrite, at: cluster.eTag), pass.isClean(accepting: []) else {
            return otherwise
        }
        return .plaintext
    }
    guard let verified = seen.receipts.pass(.verify, at: cluster.eTag), verified.complete,
        let evidence = seen.receipts.convergence(at: cluster.eTag), encrypts(evidence, intent, seen.receipts),
        evidence.since < verified.began, evidence.renewedAt > verified.ended
    else { return otherwise }
    let perhapsPlaintext = verified.failures.contains { $0.value > 0 && $0.key != .undecryptable }
    guard perhapsPlaintext else { return .encrypted }
    // Where KMS was never off, what the pass left lies under the key from before, as far as anybody has looked.
    return intent.newKey == nil ? .mixed : otherwise
}

/// Whether every API server is known to encrypt. Samples that are alike, and still of the form that was encrypted
/// before a run that never leaves encryption, tell that as well as those of a new form.
private func encrypts(_ evidence: ConvergenceReceipt, _ intent: Intent, _ receipts: Receipts) -> Bool {
    if evidence.state == .converged { return true }
    return evidence.state == .homogeneous && evidence.formIsKnown && intent.newKey != nil && intent.original.encrypts
        && receipts.baseline?.form == .encrypted && !receipts.mayHaveBeenOff
}

/// Whether KMS is off, or may have been since the run began: by this run, or by others.
private func wasExposed(_ intent: Intent, _ seen: Observation) -> Bool {
    let isOff = seen.cluster.presence == .present && !seen.cluster.kms.encrypts && !seen.cluster.newKMSExperience
    return isOff || seen.receipts.mayHaveBeenOff || !intent.original.encrypts
}

/// Whether Secrets are, or may be, plaintext. Where nothing opened a window and nothing was proven, they are not.
package func mayBePlaintext(_ intent: Intent, _ seen: Observation) -> Bool {
    secretsAtRest(intent, seen) != .encrypted && wasExposed(intent, seen)
}

/// The exit code of an ending: the worst that may be.
package func exitCode(_ ending: Ending, _ intent: Intent, _ seen: Observation) -> ExitCode {
    let exposed = mayBePlaintext(intent, seen)
    switch ending {
    case .finished:
        let failures = seen.receipts.pass(.verify)?.failures.values.reduce(0, +) ?? 0
        return failures > 0 ? .doneWithFailures : .done
    case .turnedBack: return exposed ? .stoppedInPlaintext : .failed
    case .stopped(let reason):
        if exposed { return .stoppedInPlaintext }
        if !seen.receipts.hasBegun { return .refused }
        switch reason {
        case .checkRefuses where !seen.receipts.mayHaveChangedAnything: return .refused
        case .convergenceUnproven, .oldPathUnproven, .passIncomplete, .apiServerUnreachable, .recordUnwritable:
            return .interrupted
        default: return .failed
        }
    case .interrupted: return exposed ? .stoppedInPlaintext : .interrupted
    }
}
