import SystemRig
import Testing

/// Faults of the vault, its key, and the identity that uses them.
@Suite(.needsSandbox)
struct `Faults of the vault and its key` {
    static let passing = [
        FaultCase("lost-vault-answer"), FaultCase("lost-vault-answer-before"),
        FaultCase("vault-conflict", ["times": 2]),
        FaultCase("lost-vault-answer") { $0.target = .toPublic },
        FaultCase("lost-vault-answer-before") { $0.target = .toPublic },
        FaultCase("vault-conflict", ["times": 2]) { $0.target = .toPublic },
        // These keep a vault from opening, and a switch to private opens none.
        FaultCase("vault-policy-keeps-closed"), FaultCase("vault-policy-denies"),
    ]

    @Test(arguments: Rig.chosen(passing))
    func `a switch gets over it`(_ fault: FaultCase) async throws { try await fault.run() }

    static let policies = [
        FaultCase("vault-policy-keeps-closed", ends: .refused) {
            $0.target = .toPublic
            $0.says = "policy-restrictions"
            $0.finish = .again
        },
        FaultCase("vault-policy-denies", ends: .refused) {
            $0.target = .toPublic
            $0.says = "policy-restrictions"
            $0.finish = .again
        },
        // A policy that nobody can read shows only in what the vault reads back as.
        FaultCase("vault-change-ignored", ["times": 99], ends: .stops(1, "vault-keeps-access", "unknown", .encrypted)) {
            $0.target = .toPublic
            $0.updates = 0
        },
        FaultCase("vault-change-ignored", ["times": 99], ends: .stops(1, "vault-keeps-access", "encrypted", .encrypted))
        {
            $0.says = "reads back as Enabled"
        },
        FaultCase("scope-locked", ["on": "vault"], ends: .refused) {
            $0.says = "locks"
            $0.finish = .again
        },
        FaultCase(
            "scope-locked", ["on": "vault"], at: "disable-succeeded",
            ends: .stops(1, "vault-keeps-access", "encrypted", .encrypted)
        ) { $0.says = "ScopeLocked" },
        FaultCase(
            "authorization-lost", at: "enable-succeeded", ends: .stops(1, "vault-keeps-access", "encrypted", .encrypted)
        ) {
            $0.says = "AuthorizationFailed"
        },
    ]

    @Test(arguments: Rig.chosen(policies))
    func `a vault that keeps its setting stops a switch while Secrets are encrypted`(_ fault: FaultCase) async throws {
        try await fault.run()
    }

    /// With the key away, API servers that restart can read nothing that it encrypted: nobody but its owner can help.
    static let keys = [
        FaultCase("vault-deleted", ends: .stops(3, "refused", "unknown", .untouched)) { $0.says = "no vault" },
        FaultCase("key-disabled", ends: .refused) { $0.says = "key-enabled" },
        FaultCase("key-deleted", ends: .refused) { $0.says = "key-present" },
        FaultCase("identity-lost-permission", ends: .refused) { $0.says = "secrets-decryptable" },
    ]

    @Test(arguments: Rig.chosen(keys))
    func `a key that cannot be used refuses a switch`(_ fault: FaultCase) async throws {
        var fault = fault
        fault.finish = .again
        fault.hidesSecrets = true
        try await fault.run()
    }

    // API servers still hold some keys of Secrets: how far a rewrite comes before the key is missed is theirs to say.
    static let keysInMidRun = [
        FaultCase("vault-deleted", at: "disable-succeeded", ends: .stops(6, "vault-unusable", "mixed", .either)),
        FaultCase("key-disabled", at: "disable-succeeded", ends: .stops(6, "key-unusable", "mixed", .either)),
        FaultCase("key-deleted", at: "disable-succeeded", ends: .stops(6, "key-unusable", "mixed", .either)),
        FaultCase(
            "identity-lost-permission", at: "disable-succeeded",
            ends: .stops(6, "convergence-unproven", "mixed", .either)),
    ]

    /// An expired key still decrypts.
    static let expired = [
        FaultCase("key-expired", ends: .refused) {
            $0.says = "key-lifetime"
            $0.finish = .again
        },
        FaultCase("key-expired", at: "disable-succeeded", ends: .stops(6, "key-unusable", "plaintext", .plaintext)),
    ]

    @Test(arguments: expired)
    func `a key that has expired is not turned on again`(_ fault: FaultCase) async throws { try await fault.run() }

    @Test(arguments: Rig.chosen(keysInMidRun))
    func `a key that goes while KMS is off stops the switch with what must come back`(
        _ fault: FaultCase
    ) async throws {
        var fault = fault
        fault.hidesSecrets = true
        try await fault.run()
    }

    @Test func `a private endpoint that waits for approval is waited for`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("private-endpoint-pending")
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually("the wait for the approval") { program.errors.contains("private endpoint") }
            var state = try await sandbox.state()
            #expect(state.plaintext == 43 && state.kmsEnabled && state.vaultAccess() == "Enabled")
            #expect(try await sandbox.unreadable().isEmpty)
            try await sandbox.endFaults()
            let result = try await plugin.finish(program)
            state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `a private endpoint that nobody approves ends the wait with the words that Secrets are plaintext`()
        async throws
    {
        var fault = FaultCase(
            "private-endpoint-pending", ends: .stops(6, "private-endpoint", "mixed", .plaintextButOneProbe))
        fault.arguments = ["--operation-timeout", "8m"]
        fault.says = "private-endpoint-connection list"
        try await fault.run()
    }
}
