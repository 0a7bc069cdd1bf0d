import Azure
import SecretRewrite

extension Receipts {
    /// Probes tell two forms apart. Where a third one follows, the form that every API server is proven to write is the
    /// baseline from then on; where none is proven, there is no baseline any more.
    ///
    /// - Parameters:
    ///   - before: what ARM shows until then; nil where only this run's changes tell it.
    ///   - profile: what comes.
    mutating func rebase(from before: KMSProfile?, to profile: KMSProfile) {
        guard let old = baseline else { return }
        let proven = convergence.last { $0.state == .converged && $0.formIsKnown }?.epoch ?? 0
        let sinceProven = changes.dropFirst(proven).filter(\.mayHaveBegun)
        var forms: Set<String?> = [profile.storageKey]
        if let before { forms.insert(before.storageKey) }
        for change in sinceProven {
            forms.insert(change.profile.storageKey)
            if change.fromOff == true { forms.insert(nil) }
        }
        let lasting = proven > 0 ? changes[proven - 1].profile : nil
        if forms.union([lasting?.storageKey ?? old.storageKey]).union([old.storageKey]).count <= 2 { return }
        // Only what was proven is left of all that came before it.
        guard let lasting, let key = lasting.storageKey, forms.union([key]).count <= 2,
            old.expected(under: lasting) == .other
        else { return setBaseline(nil, [:]) }
        let rebased = probes.filter { $0.value.form == .other }.mapValues {
            ProbeState(resourceVersion: $0.resourceVersion)
        }
        setBaseline(ProbeBaseline(form: .encrypted, keyID: key), rebased)
    }
}

extension ProbeBaseline {
    fileprivate var storageKey: String? { form == .encrypted ? keyID.lowercased() : nil }
}
