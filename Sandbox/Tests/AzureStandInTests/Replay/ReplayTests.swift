import AzureStandIn
import Foundation
import Testing

private func replay(_ plan: ReplayCase, from folder: URL) async throws {
    let recording = try Recording(file: folder.appending(path: plan.file + ".json"))
    try await Azure.run(plan.world) { azure async throws in
        var replayer = Replayer(azure, recording, plan)
        try await replayer.run()
        for difference in replayer.differences where !plan.gaps.contains(where: { $0.explains(difference) }) {
            Issue.record("\(plan.file), \(difference)")
        }
        for gap in plan.gaps where !replayer.differences.contains(where: gap.explains) {
            Issue.record("\(plan.file): the known difference at \(gap.path) is no more: take it off the list")
        }
    }
}

struct ReplayTests {
    @Test(arguments: ReplayCase.own.map(\.file))
    func `the sandbox answers as Azure is known to`(file: String) async throws {
        let plan = try #require(ReplayCase.own.first { $0.file == file })
        try await replay(plan, from: RecordingFolder.own)
    }

    @Test(
        .enabled(if: RecordingFolder.isExpected, RecordingFolder.absence),
        arguments: ReplayCase.recorded.map(\.file))
    func `the sandbox answers as Azure did when it was recorded`(file: String) async throws {
        let plan = try #require(ReplayCase.recorded.first { $0.file == file })
        try await replay(plan, from: RecordingFolder.recorded)
    }

    @Test func `every recording written by hand is replayed`() {
        #expect(RecordingFolder.names(in: RecordingFolder.own) == ReplayCase.own.map(\.file).sorted())
    }

    private static let unplanned = Set(RecordingFolder.names(in: RecordingFolder.recorded))
        .subtracting(ReplayCase.recorded.map(\.file)).sorted()
    private static let reason: Comment =
        unplanned.isEmpty ? RecordingFolder.absence : "ReplayCase.recorded has no entry for \(unplanned)"

    @Test(.enabled(if: RecordingFolder.isExpected && unplanned.isEmpty, reason))
    func `every recording that the replay knows is there`() {
        #expect(RecordingFolder.names(in: RecordingFolder.recorded) == ReplayCase.recorded.map(\.file).sorted())
    }
}
