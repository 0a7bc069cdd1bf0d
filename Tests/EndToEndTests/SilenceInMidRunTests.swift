import HTTP
import JSON
import SystemRig
import Testing

/// API servers that fall silent in the midst of a switch.
@Suite(.needsSandbox)
struct `Silence in mid-run` {
    static let moments = ["disable-accepted", "disable-succeeded", "enable-accepted", "enable-succeeded"]

    @Test(arguments: Rig.chosen(moments), ["refuse", "hang"])
    func `for a while is waited for, and the run goes on to its end`(_ moment: String, _ how: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.order(
                "silence", .object(["seconds": 12, "how": .string(how)]), at: moment)
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            let state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(state.operations.count == 2, "\(state.operations)")
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test(arguments: Rig.chosen(moments))
    func `for good ends with KMS on, and calls nothing encrypted`(_ moment: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.order("silence", .object(["how": "refuse"]), at: moment)
            let result = try await plugin.change("switch", "--private", "--soak", "60", "--operation-timeout", "10m")
            #expect(result.exitCode == 6, "\(result.testDescription)")
            #expect(["mixed", "unknown"].contains(result.secretsAtRest), "\(result.testDescription)")
            #expect(result.errors.contains("API server") && result.errors.contains("kubectl kms-vault"))
            #expect(result.errors.contains("PLAINTEXT"), "\(result.testDescription)")
            var state = try await sandbox.state()
            #expect(state.kmsEnabled && state.provisioningState == "Succeeded", "\(result.testDescription)")
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])

            try await sandbox.control(.delete, "cluster/silence")
            let safe = try await plugin.change("make-safe")
            state = try await sandbox.state()
            #expect(safe.exitCode == 0 && safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
            #expect(state.kmsEnabled && state.vaultAccess() == "Enabled")
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `for good ends with KMS off where somebody wants to look first`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.order("silence", .object(["how": "refuse"]), at: "disable-succeeded")
            let result = try await plugin.change(
                "switch", "--private", "--soak", "60", "--operation-timeout", "10m", "--on-failure", "stop")
            #expect(result.exitCode == 6, "\(result.testDescription)")
            #expect(result.problem == "api-server-unreachable" && result.errors.contains("PLAINTEXT"))
            let state = try await sandbox.state()
            #expect(!state.kmsEnabled && state.operations.count == 1)
            try await sandbox.control(.delete, "cluster/silence")
            expectPrivate(try await plugin.change("resume", "--soak", "60"), try await sandbox.state(), sandbox)
        }
    }
}
