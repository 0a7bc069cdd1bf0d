import JSON
import SystemRig
import Testing

/// A state in which the sandbox's cluster begins, and what commands call it.
struct KMSState: Sendable, CustomTestStringConvertible {
    let mode: String
    /// `encryption` in JSON.
    let name: String
    /// How long a cloud lags; nil for one that offers every version.
    var newestVersion: String?

    var testDescription: String { [mode, newestVersion].compactMap(\.self).joined(separator: " at ") }
    var options: SandboxOptions {
        SandboxOptions(mode: mode, more: newestVersion.map { ["--newest-version", $0] } ?? [])
    }

    /// The new experience. A cloud with 2026-06-01 offers a preview that shows it, one with 2024-09-01 none.
    static let new = [
        KMSState(mode: "PlatformManaged", name: "platform-managed"),
        KMSState(mode: "PlatformManagedAfterLegacy", name: "platform-managed"),
        KMSState(mode: "PlatformManagedAfterCustomer", name: "platform-managed"),
        KMSState(mode: "CustomerPublic", name: "customer-key-public"),
        KMSState(mode: "CustomerPrivate", name: "customer-key-private"),
        KMSState(mode: "PlatformManagedAfterLegacy", name: "platform-managed", newestVersion: "2026-06-01"),
        KMSState(mode: "CustomerPrivate", name: "customer-key-private", newestVersion: "2026-06-01"),
        // The key ids tell, without a version that shows more.
        KMSState(mode: "PlatformManagedAfterCustomer", name: "platform-managed", newestVersion: "2024-09-01"),
        KMSState(mode: "CustomerPublic", name: "customer-key-public", newestVersion: "2024-09-01"),
    ]
    static let legacy = [
        KMSState(mode: "Off", name: "legacy-off"), KMSState(mode: "OffWithKey", name: "legacy-off"),
        KMSState(mode: "Public", name: "legacy-on"), KMSState(mode: "Private", name: "legacy-on"),
        KMSState(mode: "OffWithKey", name: "legacy-off", newestVersion: "2026-06-01"),
        KMSState(mode: "Public", name: "legacy-on", newestVersion: "2024-09-01"),
    ]
    /// Nothing tells: the first two are on the new experience, the others are not.
    static let unknown = [
        KMSState(mode: "PlatformManaged", name: "unknown", newestVersion: "2024-09-01"),
        KMSState(mode: "PlatformManagedAfterLegacy", name: "unknown", newestVersion: "2024-09-01"),
        KMSState(mode: "Off", name: "unknown", newestVersion: "2024-09-01"),
        KMSState(mode: "OffWithKey", name: "unknown", newestVersion: "2024-09-01"),
    ]
}

/// docs/clusters.md, cell by cell. I11: whatever is asked for, no update of the legacy KMS reaches a cluster that is,
/// or may be, on the new experience.
@Suite(.needsSandbox)
struct `The states of KMS` {
    private func expectUntouched(_ sandbox: SandboxProcess) async throws {
        let changes = try await sandbox.requests().filter { $0.hasPrefix("PUT") || $0.hasPrefix("PATCH") }
        #expect(changes.isEmpty, "\(changes)")
        let state = try await sandbox.state()
        #expect(state.legacyPuts == 0 && state.operations.isEmpty)
    }

    @Test(arguments: KMSState.legacy + KMSState.new + KMSState.unknown)
    func `are named by status, list and verify`(_ state: KMSState) async throws {
        try await inSandbox(state.options) { sandbox, plugin in
            let list = try await plugin.run(["list", "-o", "json"])
            #expect(
                list.json?["clusters"]?.array?.first?["encryption"]?.string == state.name, "\(list.testDescription)")
            let status = try await plugin.run(["status", "-o", "json"] + plugin.target)
            #expect(status.json?["encryption"]?.string == state.name, "\(status.testDescription)")
            #expect(status.secretsAtRest == "unknown")
            let verify = try await plugin.run(["verify", "-o", "json"] + plugin.target)
            #expect(verify.exitCode == (state.name == "legacy-off" ? 1 : 0), "\(verify.testDescription)")
            try await expectUntouched(sandbox)
        }
    }

    @Test func `of a cluster that is migrated in the middle of a switch stop it, and a pass ends it`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("new-kms-experience", at: "disable-succeeded")
            let stopped = try await plugin.change("switch", "--private")
            #expect(stopped.exitCode == 6 && stopped.problem == "new-kms-experience", "\(stopped.testDescription)")
            for command in [["make-safe"], ["resume"]] {
                let result = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == 3 && result.problem == "new-kms-experience", "\(result.testDescription)")
            }
            let status = try await plugin.run(["status", "-o", "json"] + plugin.target)
            #expect(status.json?["advice"]?.string?.contains("verify --patch") == true, "\(status.testDescription)")
            let state = try await sandbox.state()
            #expect(state.legacyPuts == 0 && state.operations.count == 1)
        }
    }
}
