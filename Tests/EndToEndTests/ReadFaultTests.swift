import JSON
import SystemRig
import Testing

/// Faults of what Azure says when it is only asked, and of signing in.
@Suite(.needsSandbox)
struct `Faults of reads and of sign-in` {
    static let polls = [
        FaultCase("poll-502"), FaultCase("poll-504"), FaultCase("poll-lost"),
        // The cluster itself tells how an operation ended that nobody finds any more.
        FaultCase("poll-404"),
        // Neither a new word for the state nor an end in the future is an end.
        FaultCase("poll-unknown-status", ["times": 2]), FaultCase("poll-early-end-time", ["times": 2]),
        FaultCase("get-503", ["times": 3], at: "disable-accepted"),
    ]

    @Test(arguments: Rig.chosen(polls))
    func `a read that goes wrong ends no switch and repeats no update`(_ fault: FaultCase) async throws {
        var fault = fault
        fault.updates = 2
        try await fault.run()
    }

    @Test(arguments: [("get-drops-key-id-after-disable", false), ("get-keeps-key-id-after-disable", true)])
    func `the key comes from the record, whatever a GET shows of it with KMS off`(
        _ name: String, _ isShown: Bool
    ) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault(name)
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("KMS is off") { try await sandbox.state().kms?["enabled"]?.bool == false }
            #expect(try await sandbox.state().kmsKeyID == (isShown ? sandbox.keyID : ""))
            expectPrivate(try await plugin.finish(program), try await sandbox.state(), sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    static let signIn = [
        FaultCase("token-rejected-claims-challenge", at: "disable-accepted") { $0.updates = 2 },
        FaultCase("token-rejected-claims-challenge", at: "enable-accepted") { $0.updates = 2 },
        FaultCase("token-endpoint-down", ["times": 3], at: "disable-accepted") {
            $0.scripts.append(.init(name: "token-rejected-claims-challenge", moment: "disable-accepted"))
            $0.updates = 2
        },
        // Nothing can be read any more: it is not known how Secrets lie, and they were on their way to plaintext.
        FaultCase(
            "token-endpoint-down", ["times": 99_999], at: "disable-succeeded",
            ends: .stops(6, "interrupted", "unknown", .encryptedButOneProbe)
        ) {
            $0.scripts.append(.init(name: "token-rejected-claims-challenge", moment: "disable-succeeded"))
            $0.arguments = ["--operation-timeout", "8m"]
            $0.says = "AADSTS90033"
        },
        FaultCase(
            "sign-in-revoked", at: "disable-succeeded", ends: .stops(6, "interrupted", "unknown", .encryptedButOneProbe)
        ) {
            $0.scripts.append(.init(name: "token-rejected-claims-challenge", moment: "disable-succeeded"))
            $0.arguments = ["--operation-timeout", "8m"]
            $0.says = "AADSTS7000222"
        },
    ]

    @Test(arguments: Rig.chosen(signIn))
    func `a token that is revoked is renewed, or its want is told`(_ fault: FaultCase) async throws {
        try await fault.run()
    }

    @Test func `with no token and no Secret ever plaintext the end is unknown`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("token-endpoint-down", ["times": 99_999], at: "enable-accepted")
            try await sandbox.fault("token-rejected-claims-challenge", at: "enable-accepted")
            let stopped = try await plugin.change(
                "switch", "--private", "--key-id", sandbox.secondKeyID, "--operation-timeout", "8m")
            #expect(stopped.exitCode == 4, "\(stopped.testDescription)")
            #expect(stopped.problem == "interrupted" && stopped.secretsAtRest == "unknown")
            #expect(stopped.json?["verdict"]?.string == "unknown")
            var state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.vaultAccess() == "Enabled")
            #expect(try await sandbox.unreadable().isEmpty)

            try await sandbox.endFaults()
            let done = try await plugin.change("resume", "--key-id", sandbox.secondKeyID)
            #expect(done.exitCode == 0, "\(done.testDescription)")
            state = try await sandbox.state()
            expectStoredEncrypted(state, by: sandbox.secondKeyID, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `tokens that live for seconds are renewed as often as needed`() async throws {
        try await inSandbox(SandboxOptions(more: ["--token-seconds", "2"])) { sandbox, plugin in
            try await sandbox.fault("token-expires-soon", ["seconds": 2])
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            let issued = try await sandbox.requests().filter { $0.hasPrefix("POST ") && $0.contains("/token 200") }
            // The run takes longer than three of them live.
            #expect(issued.count > 3, "\(issued.count)")
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }
}
