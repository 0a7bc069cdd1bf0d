package import Azure
import Files
import FoundationEssentials
import JSON
package import ModeSwitch
import Text

/// What a fleet's command leaves on this machine, so that the same command goes on where it ended: which clusters are
/// done. How far each of the others is stands in its own record.
package struct FleetRecord: Sendable, Codable, Hashable {
    package static let currentVersion = 1
    /// Bytes beyond which a record is not read.
    fileprivate static let largest = 8 << 20

    package struct Member: Sendable, Codable, Hashable {
        package var cluster: AzureResourceID
        /// How it ended last; nil before that.
        package var exitCode: ExitCode?
        /// The run that brought it there, and when it ended, in seconds since 1970.
        package var runID: String?
        package var endedAt: Double?
        /// Whether it made the new version of the key that it shares with others.
        package var madeKeyVersion: Bool?
        /// The plan for it that was agreed to.
        package var planID: String?

        package init(cluster: AzureResourceID, exitCode: ExitCode? = nil, endedAt: Double? = nil) {
            self.cluster = cluster
            self.exitCode = exitCode
            self.endedAt = endedAt
        }

        package var isDone: Bool { exitCode == .done || exitCode == .doneWithFailures }

        /// Whether it counts as rotated, which the cluster itself does not tell: only to a command that goes on with
        /// what was begun a moment ago. The next rotation, a year later, is another one.
        ///
        /// - Parameter now: seconds since 1970.
        package func isRotated(now: Double) -> Bool {
            guard isDone, let endedAt else { return false }
            return (0...FleetRecord.life).contains(now - endedAt)
        }
    }

    /// Seconds for which a rotation that was done counts: as long as one may wait for Azure (`--wait`).
    package static let life = 604_800.0

    package var version = FleetRecord.currentVersion
    package var fleetID: String
    package var command: String
    /// The plan for all of them that was agreed to.
    package var planID: String?
    package var members: [Member]

    package init(fleetID: String, command: String, clusters: [AzureResourceID]) {
        self.fleetID = fleetID
        self.command = command
        members = clusters.map { Member(cluster: $0) }
    }

    /// Whether every cluster is done, so that the same command begins anew.
    package var isFinished: Bool { members.allSatisfy(\.isDone) }

    package subscript(_ cluster: AzureResourceID) -> Member? {
        get { members.first { $0.cluster == cluster } }
        set {
            guard let newValue, let index = members.firstIndex(where: { $0.cluster == cluster }) else { return }
            members[index] = newValue
        }
    }
}

/// Why the record of a fleet could not be read or written.
package struct FleetRecordError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// Its place on this machine's disk: the same for the same command on the same clusters.
package struct FleetRecordFile: Sendable, Hashable {
    package let path: String

    /// - Parameters:
    ///   - stateHome: the state folder of the user, absolute.
    ///   - job: what the command does, options that matter included.
    package init(stateHome: String, job: [String], clusters: [AzureResourceID]) {
        let ids = clusters.map { $0.description.lowercased() }.sorted()
        let key = (job + ids).map { "\($0.utf8.count):\($0)" }.joined()
        path = "\(stateHome)/kubectl-kms-vault/fleets/\(sha256Hex(Array(key.utf8)).prefix(32)).json"
    }

    /// Nil when there is none.
    package func load() throws(FleetRecordError) -> FleetRecord? {
        let bytes: [UInt8]
        do { bytes = try readFile(path, limit: FleetRecord.largest) } catch {
            if error.kind == .missing { return nil }
            throw FleetRecordError(description: error.description)
        }
        guard let document = try? JSONValue(parsing: bytes), let version = document["version"]?.integer else {
            throw FleetRecordError(description: "\(path.printable()) is damaged")
        }
        guard version == Int64(FleetRecord.currentVersion) else {
            throw FleetRecordError(description: "\(path.printable()) was written by another version of this program")
        }
        guard let record = try? JSONDecoder().decode(FleetRecord.self, from: Data(bytes)) else {
            throw FleetRecordError(description: "\(path.printable()) is damaged")
        }
        return record
    }

    /// Replaces the record. When this returns, it survives a power cut.
    package func save(_ record: FleetRecord) throws(FleetRecordError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try AtomicFile.createFolder(parentFolder(of: path))
            try AtomicFile.write((try? encoder.encode(record)).map(Array.init) ?? [], to: path)
        } catch {
            throw FleetRecordError(description: error.description)
        }
    }

    package func remove() { try? AtomicFile.remove(path) }
}
