import Foundation
import HTTP
import JSON
import SystemRig
import Testing

/// What API servers do to a pass while it is under way: each Secret is tried again, and none is lost.
@Suite(.needsSandbox)
struct `API servers in mid-pass` {
    enum Phase: String, CaseIterable, Sendable {
        case off = "Rewriting Secrets (now plaintext)"
        case on = "Rewriting Secrets (now encrypted)"
    }

    /// A switch whose passes take seconds, up to the given one.
    private func inPass(
        _ phase: Phase, _ strike: @escaping @Sendable (SandboxProcess) async throws -> Void,
        _ check: @escaping @Sendable (Plugin.Result) -> Void
    ) async throws {
        try await inSandbox { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--soak", "60", "--qps", "10", "-v", "6")
            var done: Int64 = 0
            try await eventually(every: 0.1, "\(phase)") {
                guard program.errors.contains(phase.rawValue) else { return false }
                let state = try await sandbox.state()
                done = phase == .off ? state.plaintext : state.encrypted
                return done > 6
            }
            #expect(done < 36, "the pass was over before the strike")
            try await strike(sandbox)
            let result = try await plugin.finish(program)
            check(result)
            let state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(state.operations.count == 2)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    /// How often a rewrite of a Secret of team-1 was answered with that status.
    private static func answers(_ status: Int, in result: Plugin.Result) -> Int {
        result.errors.split(separator: "\n").filter {
            $0.contains("PATCH") && $0.contains("/namespaces/team-1/secrets/") && $0.contains(" \(status) ")
        }.count
    }

    private func rule(_ action: JSONValue, times: Int64) -> JSONValue {
        .object([
            "action": action, "times": .integer(times), "verbs": ["patch"], "resource": "secrets",
            "namespace": "team-1",
        ])
    }

    @Test(arguments: Phase.allCases)
    func `429 with Retry-After is waited for`(_ phase: Phase) async throws {
        let rule = rule(.object(["throttle": .object(["retryAfter": 1])]), times: 6)
        try await inPass(phase) { sandbox in
            try await sandbox.control(.post, "cluster/faults", rule)
        } _: { result in
            #expect(Self.answers(429, in: result) == 6, "\(result.errors)")
        }
    }

    @Test(arguments: Phase.allCases)
    func `storage that is not ready after a start is waited for`(_ phase: Phase) async throws {
        let rule = rule(.object(["storageInitializing": .object([:])]), times: 6)
        try await inPass(phase) { sandbox in
            try await sandbox.control(.post, "cluster/faults", rule)
        } _: { result in
            #expect(Self.answers(429, in: result) == 6, "\(result.errors)")
        }
    }

    @Test(arguments: Phase.allCases)
    func `answers that are lost are asked for again`(_ phase: Phase) async throws {
        let rule = rule(.object(["loseAnswer": .object([:])]), times: 3)
        try await inPass(phase) { sandbox in
            try await sandbox.control(.post, "cluster/faults", rule)
        } _: { result in
            #expect(result.exitCode == 0)
        }
    }

    @Test(arguments: Phase.allCases)
    func `API servers that restart in the midst of it lose no Secret`(_ phase: Phase) async throws {
        try await inPass(phase) { sandbox in
            try await sandbox.restart()
        } _: { result in
            #expect(result.exitCode == 0)
        }
    }

    @Test func `probes whose answers are lost are asked again before anything begins`() async throws {
        try await inSandbox { sandbox, plugin in
            // The first patch measures; the three after it would be the baseline.
            let rule: JSONValue = .object([
                "action": .object(["drop": .object([:])]), "after": 1, "times": 3, "verbs": ["patch"],
                "resource": "secrets", "namespace": "kube-system",
            ])
            try await sandbox.control(.post, "cluster/faults", rule)
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }
}
