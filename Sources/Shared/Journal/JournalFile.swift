import Files
import ModeSwitch

/// The record on this machine's disk.
package struct JournalFile: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// `$XDG_STATE_HOME/kubectl-kms-vault/<subscription>/<resource group>/<cluster>.json`, else under `~/.local/state`.
    ///
    /// - Parameter stateHome: the state folder of the user, absolute.
    package init(stateHome: String, subscription: String, resourceGroup: String, cluster: String) {
        let parts = [subscription, resourceGroup, cluster].map { JournalFile.component($0.lowercased()) }
        path = "\(stateHome)/kubectl-kms-vault/\(parts[0])/\(parts[1])/\(parts[2]).json"
    }

    /// Azure's names hold no slash; whatever does is not allowed to leave the folder.
    static func component(_ name: String) -> String {
        let safe = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
        return safe == "." || safe == ".." || safe.isEmpty ? "_" : safe
    }

    /// Where the reports of the cluster's runs lie: `…/<cluster>/runs`.
    package var runs: RunFolder {
        let folder = path.hasSuffix(".json") ? String(path.dropLast(5)) : path + ".d"
        return RunFolder(path: folder + "/runs")
    }

    /// The state folder as the XDG base directory specification has it: a relative value is ignored.
    package static func stateHome(environment: [String: String], home: String) -> String {
        if let value = environment["XDG_STATE_HOME"], value.hasPrefix("/") { return value }
        return "\(home)/.local/state"
    }

    /// Nil when there is none.
    package func load() throws(JournalError) -> SwitchRecord? {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, limit: SwitchRecord.largest)
        } catch {
            if error.kind == .missing { return nil }
            throw JournalError(.file(error.description), source: path)
        }
        return try SwitchRecord(parsing: bytes, source: path)
    }

    /// Whether the folder exists, or can be made, and takes files.
    package var isWritable: Bool {
        let probe = path + ".probe"
        do {
            try AtomicFile.createFolder(parentFolder(of: path))
            try AtomicFile.write([], to: probe)
            try AtomicFile.remove(probe)
            return true
        } catch {
            return false
        }
    }

    /// Replaces the record. When this returns, it survives a power cut.
    package func save(_ record: SwitchRecord) throws(JournalError) {
        do {
            try AtomicFile.createFolder(parentFolder(of: path))
            try AtomicFile.write(record.bytes(), to: path)
        } catch {
            throw JournalError(.file(error.description), source: path)
        }
    }
}
