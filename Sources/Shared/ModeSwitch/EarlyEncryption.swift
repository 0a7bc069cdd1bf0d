import Azure

/// Whether Secrets may be encrypted as soon as a burst of samples shows KMS on, while the proof that every API server
/// has it still needs its time.
///
/// It shortens the time in which Secrets are plaintext and claims nothing: the pass counts only if no later sample was
/// old, and "encrypted" still needs a verifying pass after the proof.
package func encryptsEarly(
    _ need: ConvergenceNeed, _ intent: Intent, _ seen: Observation, guards: Guards = .all
) -> Bool {
    guard need == .full, seen.cluster.kms.encrypts, mayBePlaintext(intent, seen) else { return false }
    return !guards.contains(.laggardsRead)
        || laggardsRead(whatIsWrittenUnder: seen.cluster.kms, intent, seen.vault)
}

/// Whether an API server that has not taken the newest profile yet can read what others write under it: it has only the
/// key that it had, over the path that it had.
func laggardsRead(whatIsWrittenUnder kms: KMSProfile, _ intent: Intent, _ vault: VaultObservation) -> Bool {
    let isOther = kms.isNew != intent.original.isNew || kms.keyID.lowercased() != intent.original.keyID.lowercased()
    let isNewKey = kms.encrypts && isOther
    let isClosed = vault.access == .disabled || vault.firewallDenies
    return !isNewKey && !(isClosed && intent.original.mode == .publicAccess)
}
