import Azure
import AzureResources
import Connections
package import Journal
import ModeSwitch
import Text

/// The records of earlier runs, and what the person says about them.
extension RunJob {
    /// The record of the run that still has something to do, as it may be shown; nil when there is none.
    package func unfinished() async throws -> SwitchRecord? { try known(try await records()).record }

    package func records() async throws -> FoundRecords { try await journal.load(asksCluster: subject.silence == nil) }

    package func known(_ found: FoundRecords) throws(JournalError) -> KnownRun {
        try KnownRun(file: found.file, configMap: found.configMap, identity: identity)
    }

    /// Ends the record of a run that cannot go on, since the cluster was migrated meanwhile: every Secret was just
    /// proven to be encrypted, which is all that was left of it.
    package func endMigratedRun() async {
        guard subject.cluster.encryption.isNewExperience, let found = try? await records(),
            var record = (try? known(found))?.record, record.intent.newKey == nil
        else { return }
        record.receipts.finished()
        let journal = journal
        await journal.begin(after: found.configMap)
        try? await journal.save(record, demandCluster: false)
    }

    var named: NamedRun {
        NamedRun(
            target: options.targetIsNamed ? options.target : nil, keyID: subject.namedKey,
            runID: options.runToResume)
    }

    var identity: RecordedIdentity {
        let profile = subject.cluster.kmsProfile
        return RecordedIdentity(
            clusterID: subject.clusterID, resourceUID: subject.cluster.resourceUID ?? "",
            kubeSystemUID: subject.kubeSystemUID, keyID: profile.keyID, vaultID: subject.vault?.id)
    }

    /// What a person must know of the records before agreeing.
    func notes(_ found: FoundRecords) throws(JournalError) -> [String] {
        var notes = [found.problem].compactMap { $0.map { "\($0.printable()); it is not used" } }
        switch try known(found) {
        case .none, .mine: break
        case .changedElsewhere:
            notes.append(
                "\(RunJournal.source) and this machine's record of the run differ: it was resumed elsewhere, or somebody "
                    + "changed the ConfigMap. Everything is proven again.")
        case .overtaken(let mine, let other):
            notes.append(
                "run \(other.intent.runID.printable()) came after run \(mine.intent.runID.printable()) of this machine. "
                    + "Everything is proven again.")
        case .hint(let record):
            notes.append(
                "run \(record.intent.runID.printable()) is known only from \(RunJournal.source). "
                    + "Its claims are not believed: everything is proven again.")
        }
        return notes
    }
}
