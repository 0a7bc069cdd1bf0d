package import Console
package import Files
import FoundationEssentials
import JSON
import Journal
package import KubeAPI
import ModeSwitch
import Report
import Text

/// What was kept of a run that has ended.
package struct KeptReport: Sendable {
    package let file: ReportFile
    /// Where it lies on this machine; nil where it could not be written.
    package var path: String?
    /// What could not be kept, and why.
    package var troubles: [String] = []
}

/// The reports of a cluster's runs: whole on this machine's disk, a line of each in the cluster's ConfigMap.
///
/// The lines are for people on other machines. Whoever may write ConfigMaps in kube-system can write them, so nothing
/// is decided by them; the digest in a line tells whether a report that somebody hands on is the one that was written.
package struct RunArchive: Sendable {
    static let key = "history.json"
    /// The lines that the cluster keeps.
    static let mostLines = 10
    /// Bytes of a line's texts, at most: others may have written them.
    private static let longestText = 512

    let folder: RunFolder
    /// Nil where the cluster is not to be written.
    let client: KubeClient?

    /// Keeps a report.
    ///
    /// - Parameter number: how many reports stay on this machine.
    func keep(_ file: ReportFile, number: Int) async -> KeptReport {
        var kept = KeptReport(file: file)
        let runID = file.report.runID
        do {
            try folder.save(file.bytes(as: .json), runID: runID)
            kept.path = folder.path(of: runID)
        } catch {
            kept.troubles.append("the report could not be kept on this machine: \(error)")
        }
        do { try prune(to: number, sparing: runID) } catch {
            kept.troubles.append("old reports could not be removed: \(error)")
        }
        do { try await addLine(RunSummary(file)) } catch {
            kept.troubles.append("the cluster's list of runs could not be written: \(error)")
        }
        return kept
    }

    /// Removes the oldest reports. What cannot be read is left for a person.
    private func prune(to number: Int, sparing runID: String) throws(FileError) {
        let reports = try reports().reports
        let old = reports.filter { $0.report.runID != runID }
        for file in old.dropLast(max(0, number - 1)) { try folder.remove(file.report.runID) }
    }

    /// The reports on this machine, the oldest first, and what is no report.
    package func reports() throws(FileError) -> (reports: [ReportFile], damaged: [String]) {
        var found: [ReportFile] = []
        var damaged: [String] = []
        for runID in try folder.runs() {
            do {
                let file = try ReportFile(checking: folder.load(runID))
                if file.report.runID == runID { found.append(file) } else { damaged.append(folder.path(of: runID)) }
            } catch {
                damaged.append(folder.path(of: runID))
            }
        }
        func end(_ file: ReportFile) -> Double { file.report.context?.endedAt ?? 0 }
        return (found.sorted { end($0) < end($1) }, damaged)
    }

    // MARK: The cluster's lines

    /// The lines of the cluster, the oldest first; none where there is no ConfigMap.
    package func lines() async throws(KubeError) -> [RunSummary] {
        guard let client else { return [] }
        let map = try await client.get(.configMaps, RunJournal.configMap, namespace: RunLock.namespace)
        return Self.lines(map?.configMapData[Self.key] ?? "")
    }

    /// Reads lines that others may have written: what does not fit is left out.
    static func lines(_ text: String) -> [RunSummary] {
        guard text.utf8.count <= 1 << 20, let document = try? JSONValue(parsing: Array(text.utf8)) else { return [] }
        let lines = (document.array ?? []).compactMap { item in
            try? JSONDecoder().decode(RunSummary.self, from: Data(item.bytes()))
        }
        return lines.filter(isWithinBounds).suffix(mostLines)
    }

    private static func isWithinBounds(_ line: RunSummary) -> Bool {
        let texts = [
            line.runID, line.command, line.from, line.to, line.verdict, line.author, line.host, line.digest,
        ]
        let times = [line.startedAt, line.endedAt, line.exposureSeconds ?? 0]
        return texts.allSatisfy { $0.utf8.count <= longestText } && times.allSatisfy { $0.isFinite && abs($0) < 1e11 }
    }

    private func addLine(_ line: RunSummary) async throws(KubeError) {
        guard let client else { return }
        let others = try await lines().filter { $0.runID != line.runID }
        let all = (others + [line]).suffix(Self.mostLines)
        guard let data = try? JSONEncoder().encode(Array(all)) else { return }
        let text = String(decoding: data, as: UTF8.self)
        _ = try await client.mergePatch(
            .configMaps, RunJournal.configMap, namespace: RunLock.namespace,
            .object(["data": .object([Self.key: .string(text)])]))
    }
}
