import Console
import Files
import FoundationEssentials
import JSON
import Journal
import ModeSwitch
import Report
import Testing

@testable import Azure
@testable import Connections
@testable import Run

@Suite struct RunArchiveTests {
    private let folder = RunFolder(
        path: FileManager.default.temporaryDirectory.path + "/run-archive-\(UInt64.random(in: .min ... .max))/runs")

    private var archive: RunArchive { RunArchive(folder: folder, client: nil) }

    private func makeIntent(runID: String) throws -> Intent {
        func id(_ provider: String, _ segments: String...) -> AzureResourceID {
            AzureResourceID(checked: "s-1", resourceGroup: "rg", provider: provider, segments: segments)
        }
        let key = KeyIdentifier(vaultAuthority: "kv.vault.azure.net", name: "etcd", version: "1")
        return Intent(
            runID: runID, target: .privateAccess, strategy: .inPlace,
            original: KMSProfile(enabled: true, keyID: key.description, mode: .publicAccess, vaultID: ""),
            originalVaultAccess: .enabled, keyID: key, vaultID: id("Microsoft.KeyVault", "vaults", "kv"),
            clusterID: id("Microsoft.ContainerService", "managedClusters", "demo"), resourceUID: "u",
            kubeSystemUID: "k")
    }

    private func file(_ runID: String, endedAt: Double) throws -> ReportFile {
        let intent = try makeIntent(runID: runID)
        let seen = Observation(
            cluster: ClusterObservation(kms: intent.targetProfile, resourceUID: "u"),
            vault: VaultObservation(access: .disabled), kubernetes: KubernetesObservation(kubeSystemUID: "k"))
        let context = RunContext(
            intent, startedAt: endedAt - 10, endedAt: endedAt, author: .init(kubernetesUser: "ada"), host: "laptop",
            toolVersion: productVersion, toolChecksum: nil, correlationID: runID, eTagAfter: "")
        return try ReportFile(
            RunReport(
                command: "switch", intent: intent, seen: seen, ending: .finished, exitCode: .done,
                secretsAtRest: .encrypted, context: context))
    }

    @Test func `each run keeps its own report, and only the oldest go`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        for number in 1...5 {
            let kept = await archive.keep(try file("run-\(number)", endedAt: Double(number) * 100), number: 3)
            #expect(kept.troubles.isEmpty && kept.path == folder.path + "/run-\(number).json")
        }
        // The same run again, as after a resume: it replaces itself alone.
        _ = await archive.keep(try file("run-4", endedAt: 900), number: 3)
        let (reports, damaged) = try archive.reports()
        #expect(reports.map(\.report.runID) == ["run-3", "run-5", "run-4"] && damaged.isEmpty)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path(of: "run-5"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a report that was changed is not shown as one, and is not removed`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        _ = await archive.keep(try file("run-1", endedAt: 100), number: 3)
        var bytes = try folder.load("run-1")
        bytes[bytes.count / 2] ^= 1
        try folder.save(bytes, runID: "run-1")
        // A copy under another name claims to be another run.
        try folder.save(try file("run-2", endedAt: 200).bytes(as: .json), runID: "run-3")
        for number in 4...6 { _ = await archive.keep(try file("run-\(number)", endedAt: 300), number: 1) }
        let (reports, damaged) = try archive.reports()
        #expect(reports.count == 1)
        #expect(damaged.sorted() == [folder.path(of: "run-1"), folder.path(of: "run-3")])
    }

    @Test func `a run's id does not leave the folder`() {
        #expect(folder.path(of: "../../x") == folder.path + "/.._.._x.json")
        #expect(folder.path(of: "..") == folder.path + "/_.json")
    }

    @Test(arguments: ["", "{}", "[1]", #"[{"runID":"x"}]"#, "[" + String(repeating: "[", count: 5000)])
    func `lines that others spoiled are left out`(_ text: String) { #expect(RunArchive.lines(text).isEmpty) }

    @Test func `of the cluster's lines ten are read, and none that is too long`() throws {
        let lines = try (1...15).map { RunSummary(try file("run-\($0)", endedAt: Double($0))) }
        var long = lines[0]
        long.author = String(repeating: "x", count: 10_000)
        let text = String(decoding: try JSONEncoder().encode([long] + lines + [long]), as: UTF8.self)
        #expect(RunArchive.lines(text).map(\.runID) == (6...15).map { "run-\($0)" })
    }
}
