import JSON
import Testing

/// Faults of ARM that pass: the run itself gets over them.
@Suite(.needsSandbox)
struct `Faults that a run gets over` {
    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        var parameters: [String: JSONValue] = [:]
        var moment: String?

        var testDescription: String { moment.map { "\(name) at \($0)" } ?? name }
    }

    static let passing = [
        Fault(name: "disable-fails"),
        Fault(name: "enable-fails"),
        Fault(name: "enable-half-applied-then-failed"),
        Fault(name: "disable-half-applied-then-failed"),
        Fault(name: "operation-canceled"),
        Fault(name: "conflict-operation-not-allowed"),
        Fault(name: "etag-mismatch"),
        Fault(name: "precondition-failed"),
        Fault(name: "lost-put-answer-before"),
        Fault(name: "lost-put-answer"),
        Fault(name: "throttled-with-retry-after", parameters: ["seconds": 1]),
        Fault(name: "poll-502"),
        Fault(name: "poll-504"),
        Fault(name: "poll-lost"),
        Fault(name: "lost-vault-answer"),
        Fault(name: "token-rejected-claims-challenge", moment: "disable-accepted"),
        Fault(name: "api-server-restart", moment: "enable-succeeded"),
        Fault(name: "rollout-late", parameters: ["seconds": 60], moment: "disable-accepted"),
        Fault(name: "rollout-slow", parameters: ["seconds": 20]),
    ]

    @Test(arguments: passing)
    func `a switch to private is done all the same`(_ fault: Fault) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault(fault.name, fault.parameters, at: fault.moment)
            var result = try await plugin.change("switch", "--private", "--soak", "60")
            #expect(try await sandbox.hits(fault.name) > 0, "\(fault.name) never struck")
            if result.exitCode != 0 {
                // What it cannot get over by itself it must have left in a state from which the job finishes.
                #expect([1, 4, 6].contains(result.exitCode), "\(result.testDescription)")
                #expect(!result.problem.isEmpty, "\(result.testDescription)")
                #expect(try await sandbox.state().vaultAccess() == "Enabled")
                result = try await plugin.change("resume", "--soak", "60")
            }
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
}
