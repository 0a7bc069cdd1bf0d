package import Files

/// The reports of past runs on this machine's disk: a file for each run, beside the record of the cluster.
package struct RunFolder: Sendable {
    package let path: String

    /// The most bytes of a report that are read.
    package static let largest = 16 << 20
    private static let ending = ".json"

    package init(path: String) { self.path = path }

    /// The name of a run's file. Whatever a run's id holds does not leave the folder.
    package func path(of runID: String) -> String { "\(path)/\(JournalFile.component(runID))\(Self.ending)" }

    /// Writes a run's report. Only a later end of the same run replaces it.
    package func save(_ bytes: [UInt8], runID: String) throws(FileError) {
        try AtomicFile.createFolder(path)
        try AtomicFile.write(bytes, to: path(of: runID))
    }

    /// The ids of the runs that have a file, in no order.
    package func runs() throws(FileError) -> [String] {
        do {
            return try listFolder(path).filter { $0.hasSuffix(Self.ending) }
                .map { String($0.dropLast(Self.ending.count)) }
        } catch {
            if error.kind == .missing { return [] }
            throw error
        }
    }

    package func load(_ runID: String) throws(FileError) -> [UInt8] {
        try readFile(path(of: runID), limit: Self.largest)
    }

    package func remove(_ runID: String) throws(FileError) { try AtomicFile.remove(path(of: runID)) }
}
