package import Azure
package import ModeSwitch

/// What ARM shows of a cluster, against which a record is checked.
package struct RecordedIdentity: Sendable, Hashable {
    package var clusterID: AzureResourceID
    package var resourceUID: String
    package var kubeSystemUID: String
    /// The key that ARM shows now; empty where it shows none.
    package var keyID: String
    /// The vault of the key; nil where none was found.
    package var vaultID: AzureResourceID?

    package init(
        clusterID: AzureResourceID, resourceUID: String, kubeSystemUID: String, keyID: String, vaultID: AzureResourceID?
    ) {
        self.clusterID = clusterID
        self.resourceUID = resourceUID
        self.kubeSystemUID = kubeSystemUID
        self.keyID = keyID
        self.vaultID = vaultID
    }
}

/// What a person said about the run to go on with.
package struct NamedRun: Sendable, Hashable {
    package var target: NetworkMode?
    package var keyID: KeyIdentifier?
    package var runID: String?

    package init(target: NetworkMode? = nil, keyID: KeyIdentifier? = nil, runID: String? = nil) {
        self.target = target
        self.keyID = keyID
        self.runID = runID
    }
}

/// An unfinished run, from the two records that there may be of it.
///
/// The file is this machine's own. The ConfigMap can be written by whoever may write ConfigMaps in kube-system, so it
/// is a hint: that there is a run, and what was tried. What it says was proven is never believed, and neither copy
/// counts more for a higher number.
package enum KnownRun: Sendable, Hashable {
    case none
    /// This machine's own; the cluster's copy, if there is one, says the same or is the save before it.
    case mine(SwitchRecord)
    /// This machine's own, and the cluster's copy of the same run differs: it was resumed elsewhere, or somebody
    /// changed it.
    case changedElsewhere(mine: SwitchRecord, theirs: SwitchRecord)
    /// This machine's own, and another run came after it.
    case overtaken(mine: SwitchRecord, by: SwitchRecord)
    /// The cluster's copy alone.
    case hint(SwitchRecord)
}

extension KnownRun {
    /// Throws when this machine's record belongs to another cluster.
    package init(
        file: SwitchRecord?, configMap: SwitchRecord?, identity: RecordedIdentity
    ) throws(JournalError) {
        // A run that was refused before its first change leaves a record that says nothing.
        let theirs = configMap.flatMap { $0.receipts.hasBegun ? $0 : nil }
        guard let mine = file, mine.isUnfinished else {
            let isOver = theirs.map { !$0.isUnfinished || $0.intent.runID == file?.intent.runID } ?? true
            self = theirs.flatMap { isOver ? nil : .hint($0) } ?? .none
            return
        }
        try mine.check(identity, source: "the record on this machine")
        guard let theirs, theirs.forCluster != mine.forCluster, !mine.cameAfter(theirs) else {
            self = .mine(mine)
            return
        }
        self =
            theirs.intent.runID == mine.intent.runID
            ? .changedElsewhere(mine: mine, theirs: theirs) : .overtaken(mine: mine, by: theirs)
    }

    /// The record to show as unfinished; nil when there is none.
    package var record: SwitchRecord? {
        switch self {
        case .none: nil
        case .mine(let record): record
        case .hint(let record): record.asHint
        case .changedElsewhere(let mine, let theirs): mine.withHints(of: theirs)
        case .overtaken(_, let other): other.isUnfinished ? other.asHint : nil
        }
    }

    /// Whether this machine's disk has the run of a record; else the cluster's copy alone says how the run began.
    package func hasOnDisk(_ record: SwitchRecord) -> Bool {
        switch self {
        case .none, .hint: false
        case .mine(let mine), .changedElsewhere(let mine, _), .overtaken(let mine, _):
            mine.intent.runID == record.intent.runID
        }
    }

    /// What is believed of any of them, for whoever begins anew: that KMS may have been off.
    package var hints: Receipts {
        switch self {
        case .none: return Receipts()
        case .mine(let record), .hint(let record): return record.receipts.hints
        case .changedElsewhere(let mine, let theirs): return mine.withHints(of: theirs).receipts
        case .overtaken(let mine, let other):
            return (mine.receipts.mayHaveBeenOff ? mine : other).receipts.hints
        }
    }

    /// The record that a resume goes on with: what it claims was proven by this machine, for this run.
    ///
    /// - Throws: when the person has to say something first.
    package func resumed(
        _ named: NamedRun, _ identity: RecordedIdentity, configMapName: String
    ) throws(JournalError) -> SwitchRecord? {
        let candidates: [SwitchRecord]
        switch self {
        case .none: candidates = []
        case .mine(let mine): candidates = [mine]
        case .changedElsewhere(let mine, let theirs): candidates = [mine.withHints(of: theirs)]
        case .hint(let theirs): candidates = [try theirs.confirmed(named, identity, configMapName)]
        case .overtaken(let mine, let theirs):
            switch named.runID {
            case mine.intent.runID: candidates = [mine.asHint]
            case theirs.intent.runID: candidates = [try theirs.confirmed(named, identity, configMapName)]
            default:
                throw JournalError(
                    .overtaken(mine: mine.intent.runID, other: theirs.intent.runID), source: configMapName)
            }
        }
        guard let wanted = named.runID else { return candidates.first }
        guard let record = candidates.first(where: { $0.intent.runID == wanted }) else {
            throw JournalError(.unknownRun(wanted), source: configMapName)
        }
        return record
    }
}

extension SwitchRecord {
    /// The same run with nothing that it claims to have proven.
    fileprivate var asHint: SwitchRecord { SwitchRecord(intent: intent, receipts: receipts.hints) }

    /// What widens is believed of the other copy: that KMS may have been off.
    fileprivate func withHints(of theirs: SwitchRecord) -> SwitchRecord {
        let base = receipts.mayHaveBeenOff || !theirs.receipts.mayHaveBeenOff ? receipts : theirs.receipts
        return SwitchRecord(intent: intent, receipts: base.hints)
    }

    fileprivate func check(_ identity: RecordedIdentity, source: String) throws(JournalError) {
        if intent.clusterID != identity.clusterID {
            throw JournalError(.otherCluster("its ARM id is \(intent.clusterID)"), source: source)
        }
        if intent.resourceUID != identity.resourceUID {
            throw JournalError(.otherCluster("a cluster of the same name was created anew since"), source: source)
        }
        if !identity.kubeSystemUID.isEmpty, intent.kubeSystemUID != identity.kubeSystemUID {
            throw JournalError(.otherCluster("its kube-system has another UID"), source: source)
        }
    }

    /// A run that only the cluster's copy knows: target, key and vault come from the person and from Azure.
    fileprivate func confirmed(
        _ named: NamedRun, _ identity: RecordedIdentity, _ source: String
    ) throws(JournalError) -> SwitchRecord {
        try check(identity, source: source)
        // Beside a mode, these lead to a key or an experience, and every step of theirs can be taken by a new run.
        guard intent.newKey == nil, intent.strategy != .rotation, let keyID = intent.keyID else {
            throw JournalError(.beginsAnew(run: intent.runID), source: source)
        }
        let keys = [identity.keyID, named.keyID?.description ?? ""].filter { !$0.isEmpty }.map { $0.lowercased() }
        for key in [keyID.description, intent.original.keyID] where !keys.contains(key.lowercased()) {
            throw JournalError(.unconfirmed("the key \(key)"), source: source)
        }
        guard let target = named.target else {
            throw JournalError(.targetNeeded(run: intent.runID, target: intent.target.rawValue), source: source)
        }
        guard let vaultID = identity.vaultID else {
            throw JournalError(.unconfirmed("the vault \(intent.vaultID?.description ?? "")"), source: source)
        }
        var confirmed = asHint
        confirmed.intent.target = target
        confirmed.intent.vaultID = vaultID
        confirmed.intent.purpose = .switchMode
        // Closing the vault before KMS is on again is for a person to ask for, on this machine. A run to a second vault
        // leaves the first one's network alone, so that it is one only with another key, which was confirmed above.
        let isSameKey = intent.original.names(keyID)
        if confirmed.intent.strategy != .secondVault || isSameKey { confirmed.intent.strategy = .inPlace }
        confirmed.intent.options = Intent.Options()
        return confirmed
    }
}
