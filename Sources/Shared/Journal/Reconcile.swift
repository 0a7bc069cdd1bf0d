import ModeSwitch

/// What ARM shows of a cluster, against which a record is checked.
package struct RecordedIdentity: Sendable, Hashable {
    package var clusterID: String
    package var resourceUID: String
    package var kubeSystemUID: String
    /// The key and the vault that ARM shows now; empty where it shows none.
    package var keyID: String
    package var vaultID: String

    package init(clusterID: String, resourceUID: String, kubeSystemUID: String, keyID: String, vaultID: String) {
        self.clusterID = clusterID
        self.resourceUID = resourceUID
        self.kubeSystemUID = kubeSystemUID
        self.keyID = keyID
        self.vaultID = vaultID
    }
}

/// Makes one record of the two that may exist, or says why neither may be used.
///
/// The file is ours. The ConfigMap can be written by whoever may write ConfigMaps in kube-system: its receipts are
/// taken (such a person can break Secrets anyway), but never its choice of a key, a vault or a cluster.
///
/// - Parameter confirmedKeyID: the key that the user named on the command line; nil when none.
package func reconcile(
    file: SwitchRecord?, configMap: SwitchRecord?, identity: RecordedIdentity, confirmedKeyID: String?,
    configMapName: String
) throws(JournalError) -> SwitchRecord? {
    if let file { try check(file, identity, source: "the journal on this machine") }
    guard let configMap else { return file }
    guard configMap.isUnfinished else { return file.flatMap { isFinished($0, by: configMap) ? configMap : $0 } }
    if let file, file.isUnfinished {
        guard file.intent.runID == configMap.intent.runID else {
            throw JournalError(.twoRuns(file.intent.runID, configMap.intent.runID), source: configMapName)
        }
        guard file.intent.isSameJob(as: configMap.intent) else {
            throw JournalError(.unconfirmed("another intent for the same run"), source: configMapName)
        }
        return configMap.receipts.sequence > file.receipts.sequence ? configMap : file
    }
    if let file, file.intent.runID == configMap.intent.runID { return file }
    try check(configMap, identity, source: configMapName)
    try confirm(configMap, identity, confirmedKeyID, configMapName)
    return configMap
}

/// Whether the run of this machine's record was resumed and finished on another machine.
private func isFinished(_ file: SwitchRecord, by configMap: SwitchRecord) -> Bool {
    file.intent.runID == configMap.intent.runID && file.intent.isSameJob(as: configMap.intent)
        && configMap.receipts.sequence > file.receipts.sequence
}

private func check(_ record: SwitchRecord, _ identity: RecordedIdentity, source: String) throws(JournalError) {
    guard record.isUnfinished else { return }
    let intent = record.intent
    if intent.clusterID.lowercased() != identity.clusterID.lowercased() {
        throw JournalError(.otherCluster("its ARM id is \(intent.clusterID)"), source: source)
    }
    if intent.resourceUID != identity.resourceUID {
        throw JournalError(.otherCluster("a cluster of the same name was created anew since"), source: source)
    }
    if !identity.kubeSystemUID.isEmpty, intent.kubeSystemUID != identity.kubeSystemUID {
        throw JournalError(.otherCluster("its kube-system has another UID"), source: source)
    }
}

private func confirm(
    _ record: SwitchRecord, _ identity: RecordedIdentity, _ keyID: String?, _ source: String
) throws(JournalError) {
    let confirmed = [identity.keyID, keyID ?? ""].filter { !$0.isEmpty }.map { $0.lowercased() }
    for key in [record.intent.keyID, record.intent.original.keyID] where !confirmed.contains(key.lowercased()) {
        throw JournalError(.unconfirmed("the key \(key)"), source: source)
    }
    guard !identity.vaultID.isEmpty, record.intent.strategy != .secondVault else { return }
    if record.intent.vaultID.lowercased() != identity.vaultID.lowercased() {
        throw JournalError(.unconfirmed("the vault \(record.intent.vaultID)"), source: source)
    }
}
