import Connections
import Files
import FoundationEssentials
import JSON
package import Journal
import KubeAPI
import ModeSwitch

/// What was read of earlier runs.
package struct FoundRecords: Sendable, Hashable {
    package var file: SwitchRecord?
    package var configMap: SwitchRecord?
    /// Why the cluster's copy cannot be used.
    var problem: String?
}

/// The record of a run in its two places: this machine's disk, and the ConfigMap `kube-system/kms-vault-switch`.
package struct RunJournal: Sendable {
    static let configMap = "kms-vault-switch"
    static let key = "record.json"

    package let file: JournalFile
    /// Nil where the API server cannot be reached; then the disk alone has it.
    let client: KubeClient?
    private let saves = Saves()

    /// The names of the saves that the cluster may show.
    private actor Saves {
        private var shown: [String] = []

        func begin(after save: String?) { shown = save.map { [$0] } ?? [] }

        /// Gives a record the name of its save.
        func named(_ record: SwitchRecord) -> SwitchRecord {
            var record = record
            record.earlier = shown
            let name = makeRunID()
            record.save = name
            shown = shown.suffix(SwitchRecord.mostEarlier - 1) + [name]
            return record
        }

        func reached(_ record: SwitchRecord) { shown = [record.save].compactMap(\.self) }
    }

    /// The save that the cluster shows when a run begins, or goes on.
    func begin(after record: SwitchRecord?) async { await saves.begin(after: record?.save) }

    /// Writes to disk, synced; that it also reaches the cluster is demanded only of the first record.
    func save(_ record: SwitchRecord, demandCluster: Bool) async throws(RunInterrupted) {
        let record = await saves.named(record)
        try write(record)
        for attempt in 1... {
            do {
                try await saveToCluster(record)
                await saves.reached(record)
                break
            } catch {
                guard demandCluster else { break }
                // The same record may be written again; API servers that restart in a rollout drop connections.
                guard error.isUnknown, attempt < 5 else {
                    throw RunInterrupted("the journal could not be written to the cluster: \(error)")
                }
                try? await Task.sleep(for: .seconds(attempt))
            }
        }
        Points.pass("journal-saved")
    }

    /// Writes to disk alone, synced.
    func saveToDisk(_ record: SwitchRecord) async throws(RunInterrupted) { try write(await saves.named(record)) }

    private func write(_ record: SwitchRecord) throws(RunInterrupted) {
        Points.pass("journal-file-write")
        do { try file.save(record) } catch {
            throw RunInterrupted("the journal could not be written: \(error)")
        }
        Points.pass("journal-file-written")
    }

    static let source = "the ConfigMap \(RunLock.namespace)/\(configMap)"

    /// The records of this machine and of the cluster. A cluster's copy that cannot be used is only told of: whoever
    /// may write it must not be able to keep a run from going on.
    func load(asksCluster: Bool) async throws -> FoundRecords {
        let file = try file.load()
        guard asksCluster, let client,
            let map = try await client.get(.configMaps, Self.configMap, namespace: RunLock.namespace),
            let text = map.configMapData[Self.key]
        else { return FoundRecords(file: file) }
        do {
            return FoundRecords(
                file: file, configMap: try SwitchRecord(parsing: Array(text.utf8), source: Self.source))
        } catch {
            return FoundRecords(file: file, problem: error.description)
        }
    }

    private func saveToCluster(_ record: SwitchRecord) async throws(KubeError) {
        guard let client else { return }
        let text = String(decoding: record.forCluster.bytes(), as: UTF8.self)
        let data: JSONValue = .object([Self.key: .string(text)])
        do throws(KubeError) {
            _ = try await client.mergePatch(
                .configMaps, Self.configMap, namespace: RunLock.namespace, .object(["data": data]))
        } catch {
            guard error.isNotFound else { throw error }
            let object: JSONValue = .object([
                "apiVersion": .string("v1"), "kind": .string("ConfigMap"), "data": data,
                "metadata": .object(["name": .string(Self.configMap), "namespace": .string(RunLock.namespace)]),
            ])
            _ = try await client.create(.configMaps, KubeObject(object), namespace: RunLock.namespace)
        }
    }
}
