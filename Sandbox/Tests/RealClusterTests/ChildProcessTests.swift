import Foundation
import Testing

@testable import RealCluster

struct ChildProcessTests {
    private let log = FileManager.default.temporaryDirectory.path + "/kms-vault-child-\(UUID().uuidString).log"

    private func shell(_ script: String) async throws -> ChildProcess {
        try await ChildProcess.start("/bin/sh", ["-c", script], log: log)
    }

    @Test func `a child's end is its exit code`() async throws {
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await shell("echo last words; exit 7")
        #expect(await child.end == .exited(7))
        #expect(await child.end == .exited(7))
        #expect(child.lastLines == "last words\n")
    }

    @Test func `a program that fails is an error with its last words`() async throws {
        defer { try? FileManager.default.removeItem(atPath: log) }
        await #expect(throws: RealClusterError.ended(program: "sh", status: "exit code 3", lastLines: "why\n")) {
            try await ChildProcess.run("/bin/sh", ["-c", "echo why >&2; exit 3"], log: log)
        }
    }

    @Test func `a child that does not heed a request to end is killed`() async throws {
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await shell("trap '' TERM; echo ready; while :; do sleep 0.1; done")
        while !child.lastLines.contains("ready"), !child.hasEnded { try await Task.sleep(for: .milliseconds(10)) }
        await child.terminate(grace: .milliseconds(50))
        #expect(await child.end == .signalled(9))
        #expect(child.hasEnded)
    }

    @Test func `a child has none of our environment and none of our files`() async throws {
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await shell("env | cut -d= -f1 | sort | tr '\\n' ' '; ls /proc/self/fd | tr '\\n' ' '")
        _ = await child.end
        // 3 is the folder that ls itself reads.
        #expect(child.lastLines.hasSuffix("0 1 2 3 "))
        #expect(!child.lastLines.contains("USER"))
    }

    @Test func `a missing program is a typed failure`() async {
        await #expect(throws: RealClusterError.programMissing(path: "/nonexistent")) {
            try await ChildProcess.start("/nonexistent", [], log: log)
        }
    }
}
