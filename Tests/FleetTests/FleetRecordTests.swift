import Fleet
import FoundationEssentials
import ModeSwitch
import Testing

@Suite struct `The record of a fleet` {
    @Test func `is the same file for the same command on the same clusters, and another for another`() {
        func file(_ job: [String], _ names: [String]) -> String {
            FleetRecordFile(stateHome: "/s", job: job, clusters: names.map(cluster)).path
        }
        #expect(file(["switch", "Private"], ["a", "b"]) == file(["switch", "Private"], ["b", "A"]))
        #expect(file(["switch", "Private"], ["a", "b"]) != file(["switch", "Public"], ["a", "b"]))
        #expect(file(["switch"], ["a", "b"]) != file(["switch"], ["a"]))
        #expect(file(["switch"], ["a"]).hasPrefix("/s/kubectl-kms-vault/fleets/"))
    }

    @Test func `counts a cluster as rotated for a week, and not to the next rotation`() {
        var member = FleetRecord.Member(cluster: cluster("a"), exitCode: .done, endedAt: 1_000_000)
        #expect(member.isRotated(now: 1_000_000) && member.isRotated(now: 1_604_800))
        #expect(!member.isRotated(now: 1_604_801) && !member.isRotated(now: 999_999))
        member.exitCode = .failed
        #expect(!member.isRotated(now: 1_000_000))
        member.exitCode = .done
        member.endedAt = nil
        #expect(!member.isRotated(now: 1_000_000))
    }

    @Test func `comes back as it was saved, and one that is damaged is not taken for none`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fleet-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = FleetRecordFile(stateHome: folder, job: ["switch"], clusters: [cluster("a"), cluster("b")])
        #expect(try file.load() == nil)
        var record = FleetRecord(fleetID: "f", command: "switch", clusters: [cluster("a"), cluster("b")])
        record[cluster("A")]?.exitCode = .done
        try file.save(record)
        let read = try #require(try file.load())
        #expect(read == record && read[cluster("a")]?.isDone == true && !read.isFinished)
        try Data("{".utf8).write(to: URL(filePath: file.path))
        #expect(throws: FleetRecordError.self) { try file.load() }
        try Data(#"{"version":9}"#.utf8).write(to: URL(filePath: file.path))
        #expect(throws: FleetRecordError.self) { try file.load() }
    }
}
