import Azure
import SecretRewrite

/// Limits within which a record of a run must lie. Beyond them it was not written by this program: numbers that
/// overflow when one is added, places that do not exist, lists and texts without end.
private enum Bound {
    /// The largest integer that a JSON number holds exactly.
    static let number: Int64 = 1 << 53
    static let entries = 10_000
    /// Secrets of one outcome in one namespace: sums over all namespaces stay below `number`.
    static let secrets = 1 << 32
    /// Bytes of a text.
    static let text = 8_192
    /// Seconds since 1970, in the year 9999.
    static let time = 253_402_300_799.0
}

private func isCount(_ value: Int) -> Bool { (0...Int(Bound.number)).contains(value) }
private func isTime(_ value: Double?) -> Bool { value.map { $0.isFinite && abs($0) <= Bound.time } ?? true }
private func isText(_ text: String) -> Bool { text.utf8.count <= Bound.text }

extension Receipts {
    /// Whether every number, place and text lies within its limits.
    package var isWithinBounds: Bool {
        let lists = [changes.count, vaultChanges.count, convergence.count, passes.count, probes.count]
        guard lists.allSatisfy({ $0 <= Bound.entries }) else { return false }
        guard isCount(sequence), (0...changes.count).contains(attemptsFrom),
            (0...vaultChanges.count).contains(vaultAttemptsFrom), isCount(incompletePasses), isCount(silences),
            turnedBack.map(isText) ?? true
        else { return false }
        return changes.allSatisfy(\.isWithinBounds) && vaultChanges.allSatisfy(\.isWithinBounds)
            && convergence.allSatisfy { $0.isWithinBounds(epochs: changes.count) }
            && passes.allSatisfy { $0.isWithinBounds(epochs: changes.count) }
            && probes.allSatisfy { isText($0.key) && $0.value.isWithinBounds }
            && (soak?.isWithinBounds ?? true) && (proof?.isWithinBounds ?? true)
            && (baseline.map { isText($0.keyID) && isCount($0.versionsSince) } ?? true)
            && (keyVersion?.isWithinBounds ?? true)
    }
}

extension KMSProfile {
    fileprivate var isWithinBounds: Bool { isText(keyID) && isText(vaultID) }
}

extension KMSChange {
    fileprivate var isWithinBounds: Bool {
        profile.isWithinBounds && isText(detail) && isTime(sentAt) && isTime(acceptedAt) && isTime(endedAt)
            && isCount(sequence) && (azure?.isWithinBounds ?? true) && (refusal?.isWithinBounds ?? true)
    }
}

extension AzureRefusal {
    fileprivate var isWithinBounds: Bool {
        isText(what) && isText(correlationID) && (ownAdvice.map(isText) ?? true)
            && (retryAfter.map { $0.isFinite && $0 >= 0 } ?? true)
    }
}

extension AzureTrace {
    fileprivate var isWithinBounds: Bool { [operationID, requestID, correlationID, eTagBefore].allSatisfy(isText) }
}

extension VaultChange {
    fileprivate var isWithinBounds: Bool { isTime(at) && isCount(sequence) && (refusal?.isWithinBounds ?? true) }
}

extension KeyVersionReceipt {
    fileprivate var isWithinBounds: Bool { isTime(at) && (refusal?.isWithinBounds ?? true) }
}

extension ProbeState {
    fileprivate var isWithinBounds: Bool { (0...Int64.max).contains(resourceVersion) }
}

extension ConvergenceReceipt {
    fileprivate func isWithinBounds(epochs: Int) -> Bool {
        [samples, flips, since, renewedAt, replicas ?? 0].allSatisfy(isCount) && (0...epochs).contains(epoch)
            && isTime(at) && isText(detail) && isText(eTag) && probes.count <= Bound.entries
            && probes.allSatisfy { isText($0.key) && $0.value.isWithinBounds }
    }
}

extension PassReceipt {
    fileprivate func isWithinBounds(epochs: Int) -> Bool {
        [total, rewritten, current, gone, began, ended].allSatisfy(isCount) && failures.values.allSatisfy(isCount)
            && (0...epochs).contains(epoch) && isTime(startedAt) && isTime(endedAt) && isText(eTag)
            && finished.count <= Self.mostFinished && finished.allSatisfy(\.isWithinBounds)
    }
}

extension NamespaceReceipt {
    fileprivate var isWithinBounds: Bool {
        isText(namespace) && [anchor, newest].allSatisfy { $0 ?? 0 >= 0 }
            && counts.isWithin(0...Bound.secrets)
    }
}

extension SoakReceipt {
    fileprivate var isWithinBounds: Bool {
        isCount(writes) && isTime(seconds) && isTime(closedSeenAt) && isText(detail) && isText(eTag)
    }
}

extension ProofReceipt {
    fileprivate var isWithinBounds: Bool {
        items.count <= Bound.entries && items.allSatisfy { isText($0.id) && isText($0.detail) } && isText(eTag)
    }
}

extension Intent {
    /// Whether every number and text lies within its limits.
    package var isWithinBounds: Bool {
        [runID, resourceUID, kubeSystemUID].allSatisfy(isText)
            && original.isWithinBounds && options.soakSeconds.isFinite && (0...86_400).contains(options.soakSeconds)
            && (options.controllerSeconds.map { $0.isFinite && (0...604_800).contains($0) } ?? true)
    }
}
