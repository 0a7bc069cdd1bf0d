import HTTP
import JSON
import SystemRig
import Testing

/// Secrets that cannot be rewritten, one namespace or one Secret among others.
@Suite(.needsSandbox)
struct `Secrets that cannot be rewritten` {
    /// The webhook of team-1, where ten of the forty Secrets are.
    private static let guardian: JSONValue = .array([
        .object([
            "name": "guardian.example.com", "namespaces": ["team-1"],
            "verdict": .object(["deny": .object(["message": "Secrets of team-1 are frozen", "code": 403])]),
        ])
    ])

    private func deny(_ sandbox: SandboxProcess) async throws {
        try await sandbox.control(.post, "cluster/webhooks", Self.guardian)
    }

    /// The Secrets that a result names as not rewritten.
    private func failures(_ result: Plugin.Result) -> [String] {
        (result.json?["failures"]?.array ?? []).map {
            "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "") \($0["outcome"]?.string ?? "")"
        }.sorted()
    }

    private static let denied = stride(from: 1, to: 40, by: 4).map { "team-1/secret-\($0) denied" }.sorted()

    @Test func `a webhook that denies one namespace is found by the dry run, and can be accepted`() async throws {
        try await inSandbox { sandbox, plugin in
            try await deny(sandbox)
            let refused = try await plugin.change("switch", "--private", "--soak", "60")
            #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
            #expect(refused.errors.contains("admission-dry-run: Secrets are denied: 10 by guardian.example.com"))
            #expect(refused.errors.contains("--accept-failures") == false || refused.errors.contains("denied"))
            var state = try await sandbox.state()
            #expect(state.operations.isEmpty && state.vaultHistory().map(\.value) == ["Enabled"])
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)

            // What is denied stays as it was: encrypted, and readable over either path.
            let done = try await plugin.change("switch", "--private", "--soak", "60", "--accept-failures", "denied")
            #expect(done.exitCode == 5 && done.problem == "secrets-left", "\(done.testDescription)")
            #expect(done.secretsAtRest == "mixed")
            #expect(failures(done) == Self.denied)
            state = try await sandbox.state()
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            #expect(state.vaultAccess() == "Disabled" && state.kmsMode == "Private")
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `a webhook that begins to deny with KMS off keeps the vault open`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("operation-stuck", at: "enable-accepted")
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned on") { try await sandbox.state().operations.count == 2 }
            try await deny(sandbox)
            try await sandbox.endFaults()
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 6 && stopped.problem == "secrets-failed", "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest == "mixed")
            #expect(failures(stopped) == Self.denied)
            #expect(stopped.errors.contains("10 Secrets"))
            var state = try await sandbox.state()
            #expect(state.plaintext == 10 && state.encryptedByKey == [sandbox.keyID: 33])
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(try await sandbox.unreadable().isEmpty)

            // Accepted, the job is done without them; the program goes on to say which are left.
            let done = try await plugin.change("resume", "--soak", "60", "--accept-failures", "denied")
            #expect(done.exitCode == 5 && done.problem == "secrets-left", "\(done.testDescription)")
            #expect(done.secretsAtRest == "mixed" && failures(done) == Self.denied)
            state = try await sandbox.state()
            #expect(state.plaintext == 10 && state.encryptedByKey == [sandbox.keyID: 30])
            #expect(state.vaultAccess() == "Disabled")

            try await sandbox.control(.delete, "cluster/webhooks")
            let mended = try await plugin.change("rewrite-secrets")
            #expect(mended.exitCode == 0, "\(mended.testDescription)")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    private static let everything = [
        "--accept-failures", "denied", "--accept-failures", "invalid", "--accept-unproven-convergence",
        "--vault-shared-ok", "--accept-unknown", "secrets-decryptable",
    ]

    @Test func `an undecryptable Secret refuses a switch, whatever is accepted`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.corrupt("team-1", "secret-1")
            for accepted in [[], Self.everything] {
                let refused = try await plugin.run(
                    ["switch", "--private"] + accepted + plugin.target + ["--yes", "-o", "json"])
                #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
                #expect(refused.errors.contains("secrets-decryptable: 1 Secret"), "\(refused.testDescription)")
                let state = try await sandbox.state()
                #expect(state.operations.isEmpty && state.vaultHistory().map(\.value) == ["Enabled"])
                #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: 39, "unreadable": 1])
            }
            #expect(try await sandbox.unreadable() == ["team-1/secret-1"])
        }
    }

    @Test(arguments: [["resume"] + everything, ["make-safe"]])
    func `a Secret that cannot be decrypted any more in mid-run never lets the vault close`(
        _ command: [String]
    ) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("operation-stuck", at: "disable-accepted")
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is being turned off") { !(try await sandbox.state().operations.isEmpty) }
            try await sandbox.corrupt("team-1", "secret-1")
            try await sandbox.endFaults()
            let first = try await plugin.finish(program)
            let again = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
            for result in [first, again] {
                #expect(result.exitCode == 1 && result.problem == "secrets-failed", "\(result.testDescription)")
                #expect(result.secretsAtRest == "encrypted")
                #expect(failures(result) == ["team-1/secret-1 undecryptable"])
            }
            let state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: 42, "unreadable": 1])
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(try await sandbox.unreadable() == ["team-1/secret-1"])

            // The same damage again takes it back: what a restored Secret would be.
            try await sandbox.corrupt("team-1", "secret-1")
            let done = try await plugin.change(command[0])
            #expect(done.exitCode == 0 && done.secretsAtRest == "encrypted", "\(done.testDescription)")
            let end = try await sandbox.state()
            expectStoredEncrypted(end, by: sandbox.keyID, sandbox)
            #expect(end.vaultAccess() == (command[0] == "resume" ? "Disabled" : "Enabled"))
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }
}
