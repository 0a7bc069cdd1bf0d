import JSON
import SystemRig
import Testing

/// I11: whatever is asked for, no update of the legacy KMS reaches a cluster on the new experience.
@Suite(.needsSandbox)
struct `A cluster on the new KMS experience` {
    /// As a migration leaves it that turned a legacy KMS off: both profiles are there, the old one off.
    private func inPlatformManaged(_ body: @escaping (SandboxProcess, Plugin) async throws -> Void) async throws {
        try await inSandbox(SandboxOptions(mode: "Off")) { sandbox, plugin in
            try await sandbox.fault("new-kms-experience")
            try await body(sandbox, plugin)
            let puts = try await sandbox.requests().filter { $0.hasPrefix("PUT") || $0.hasPrefix("PATCH") }
            #expect(puts.isEmpty, "\(puts)")
        }
    }

    @Test func `is named by list, status and verify, and none of them calls it plaintext`() async throws {
        try await inPlatformManaged { _, plugin in
            let list = try await plugin.run(["list", "-o", "json"])
            #expect(list.json?["clusters"]?.array?.first?["encryption"]?.string == "platform-managed")
            let status = try await plugin.run(["status", "-o", "json"] + plugin.target)
            #expect(status.json?["encryption"]?.string == "platform-managed", "\(status.testDescription)")
            #expect(status.secretsAtRest == "unknown")
            #expect(status.json?["advice"]?.string?.hasPrefix("nothing: ") == true)
            let verify = try await plugin.run(["verify", "-o", "json"] + plugin.target)
            #expect(verify.exitCode == 0, "\(verify.testDescription)")
            #expect(verify.json?["encryption"]?.string?.contains("platform-managed") == true)
        }
    }

    @Test func `is left alone by every command that changes`() async throws {
        try await inPlatformManaged { _, plugin in
            for command in [["make-safe"], ["resume"], ["switch", "--private"], ["switch", "--public"]] {
                let result = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == 3, "\(result.testDescription)")
                #expect(result.problem == "new-kms-experience", "\(result.testDescription)")
                #expect(result.errors.contains("Nothing was changed."))
            }
        }
    }
}
