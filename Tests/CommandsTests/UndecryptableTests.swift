import Commands
import Console
import FoundationEssentials
import JSON
import ModeSwitch
import Report
import Run
import SecretRewrite
import TestDoubles
import Testing

/// A Secret that one run could not decrypt leaves by one of two ways, and the next report says by which.
@Suite struct `A Secret that could not be decrypted` {
    /// Has the kept report of a pass name two Secrets, as if it could not decrypt them.
    private func plant(_ names: [String], omitted: Int = 0, in path: String) throws {
        var report = try ReportFile(checking: Array(try Data(contentsOf: URL(filePath: path)))).report
        let failures: JSONValue = .array(
            names.map { name in
                .object([
                    "namespace": .string("default"), "name": .string(name), "outcome": .string("undecryptable"),
                    "cause": .string("the API server cannot decrypt it"),
                ])
            })
        report.failures = try JSONDecoder().decode([SecretFailure].self, from: Data(failures.bytes()))
        report.failuresOmitted = omitted
        report.passes[report.passes.count - 1].failures = [.undecryptable: names.count + omitted]
        try Data(ReportFile(report).bytes(as: .json)).write(to: URL(filePath: path))
    }

    @Test func `is said to be readable again, or deleted`() async throws {
        try await onDesk { desk in
            let first = try #require(await desk.run(.verify(patch: true)).result as? VerifyResult)
            #expect(first.afterwards.isEmpty)
            try plant(["s3", "removed"], in: try #require(first.report))
            let second = try #require(await desk.run(.verify(patch: true)).result as? VerifyResult)
            #expect(
                second.afterwards.contains { $0.contains("default/s3") && $0.contains("its key was brought back") },
                "\(second)")
            #expect(second.afterwards.contains { $0.contains("default/removed") && $0.contains("it was deleted") })
            let third = try #require(await desk.run(.verify(patch: true)).result as? VerifyResult)
            #expect(third.afterwards.isEmpty, "once told, it is not told again")
        }
    }
    @Test func `is told apart from those that the report did not name`() async throws {
        try await onDesk { desk in
            let first = try #require(await desk.run(.verify(patch: true)).result as? VerifyResult)
            try plant(["removed"], omitted: 9800, in: try #require(first.report))
            let second = try #require(await desk.run(.verify(patch: true)).result as? VerifyResult)
            #expect(second.afterwards.count == 2 && second.afterwards.last?.contains("9800 more") == true, "\(second)")
        }
    }
}
