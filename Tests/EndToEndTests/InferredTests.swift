import SystemRig
import Testing

/// What no source tells of the new experience, the other way round: each of the sandbox's switches, through a migration
/// and a switch.
@Suite(.needsSandbox)
struct `What is inferred of the new experience` {
    /// The other switches have tests of their own.
    static let switches = [
        "customer-key-needs-profile", "off-may-have-key-id", "private-check-deferred",
        "reencryption-within-operation", "new-kms-needs-contributor", "vault-patch-merges-rules",
        "perimeter-admits-services", "arm-key-uri-has-port", "newest-though-disabled", "new-kms-kept-if-left-out",
        "vault-put-keeps-rules", "reencryption-late", "refuse-versioned-migration", "migration-keeps-key-id",
        "new-kms-two-keys",
    ]

    @Test(arguments: switches) func `may be otherwise`(_ name: String) async throws {
        try await inSandbox(SandboxOptions(mode: "Public")) { sandbox, plugin in
            try await sandbox.fault(name)
            for job in [["migrate", "--customer-managed"], ["switch", "--private"]] {
                let result = try await plugin.run(job + plugin.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == 0 && result.secretsAtRest == "encrypted", "\(result.testDescription)")
            }
            let state = try await sandbox.state()
            #expect(state.legacyPuts == 0 && state.plaintext == 0)
        }
    }
}
