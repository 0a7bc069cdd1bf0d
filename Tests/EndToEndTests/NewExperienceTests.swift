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

    /// What a command ends with: its exit code and the problem's id.
    struct Cell: Sendable, CustomTestStringConvertible {
        let mode: String
        let command: [String]
        let exitCode: Int32
        var problem = ""

        var testDescription: String { "\(command.joined(separator: " ")) on \(mode)" }
    }

    private static let legacyCells = [
        Cell(mode: "Off", command: ["preflight", "--private"], exitCode: 3, problem: "refused"),
        Cell(mode: "Off", command: ["switch", "--private"], exitCode: 3, problem: "refused"),
        Cell(mode: "Off", command: ["resume"], exitCode: 3, problem: "refused"),
        Cell(mode: "Off", command: ["make-safe"], exitCode: 3, problem: "refused"),
        Cell(mode: "Off", command: ["rewrite-secrets"], exitCode: 3, problem: "refused"),
        Cell(mode: "Off", command: ["verify", "--patch"], exitCode: 3, problem: "refused"),
        Cell(mode: "OffWithKey", command: ["verify", "--patch"], exitCode: 3, problem: "refused"),
        Cell(mode: "OffWithKey", command: ["preflight", "--private"], exitCode: 3),
        Cell(mode: "OffWithKey", command: ["switch", "--private"], exitCode: 6, problem: "preflight"),
        Cell(mode: "OffWithKey", command: ["resume"], exitCode: 6, problem: "refused"),
        Cell(mode: "OffWithKey", command: ["rewrite-secrets"], exitCode: 3, problem: "refused"),
        Cell(mode: "Public", command: ["preflight", "--private"], exitCode: 0),
        Cell(mode: "Public", command: ["switch", "--public"], exitCode: 0),
        Cell(mode: "Public", command: ["resume"], exitCode: 3, problem: "refused"),
        Cell(mode: "Public", command: ["rewrite-secrets"], exitCode: 0),
        Cell(mode: "Public", command: ["verify", "--patch"], exitCode: 0),
    ]

    @Test(arguments: Self.legacyCells)
    func `of the legacy KMS are checked, refused and looked at as documented`(_ cell: Cell) async throws {
        try await inSandbox(SandboxOptions(mode: cell.mode)) { sandbox, plugin in
            let looks = ["preflight", "rewrite-secrets", "verify"].contains(cell.command[0])
            let result = try await plugin.run(
                cell.command + plugin.target + (looks ? [] : ["--yes"]) + ["-o", "json"])
            #expect(result.exitCode == cell.exitCode, "\(result.testDescription)")
            #expect(result.problem == cell.problem, "\(result.testDescription)")
            try await expectUntouched(sandbox)
        }
    }

    @Test(arguments: ["OffWithKey", "Public", "Private"])
    func `of the legacy KMS are made safe`(_ mode: String) async throws {
        try await inSandbox(SandboxOptions(mode: mode)) { sandbox, plugin in
            let result = try await plugin.change("make-safe")
            #expect(result.exitCode == 0 && result.secretsAtRest == "encrypted", "\(result.testDescription)")
            let state = try await sandbox.state()
            #expect(state.kmsEnabled && state.kmsMode == (mode == "Private" ? "Private" : "Public"))
            #expect(state.plaintext == 0)
        }
    }

    @Test(arguments: KMSState.new)
    func `of the new experience are proven by a pass and changed by nothing`(_ state: KMSState) async throws {
        try await inSandbox(state.options) { sandbox, plugin in
            for command in [["make-safe"], ["resume"], ["switch", "--private"], ["switch", "--public"]] {
                let result = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == 3, "\(result.testDescription)")
                #expect(result.problem == "new-kms-experience", "\(result.testDescription)")
                #expect(result.errors.contains("Nothing was changed."))
            }
            let preflight = try await plugin.run(["preflight", "--private", "-o", "json"] + plugin.target)
            #expect(
                preflight.exitCode == 3 && preflight.problem == "new-kms-experience", "\(preflight.testDescription)")
            let verify = try await plugin.change("verify", "--patch")
            #expect(verify.exitCode == 0 && verify.secretsAtRest == "encrypted", "\(verify.testDescription)")
            try await expectUntouched(sandbox)
            #expect(try await sandbox.state().plaintext == 0)
        }
    }

    @Test(arguments: KMSState.unknown)
    func `that cannot be told are changed by nothing`(_ state: KMSState) async throws {
        try await inSandbox(state.options) { sandbox, plugin in
            // A setting that shows as off may mean plaintext; none at all says nothing.
            let isShown = state.mode == "OffWithKey" || state.mode == "PlatformManagedAfterLegacy"
            for command in [["make-safe"], ["resume"], ["switch", "--private"]] {
                let result = try await plugin.run(command + plugin.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == (isShown ? 6 : 3), "\(result.testDescription)")
                #expect(result.problem == "unknown-kms", "\(result.testDescription)")
                #expect(result.errors.contains("az aks show"))
            }
            for command in [["preflight", "--private"], ["rewrite-secrets"]] {
                let result = try await plugin.run(command + plugin.target + ["-o", "json"])
                #expect(result.problem == "unknown-kms", "\(result.testDescription)")
            }
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
