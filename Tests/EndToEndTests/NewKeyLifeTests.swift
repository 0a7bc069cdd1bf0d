import HTTP
import JSON
import SystemRig
import Testing

/// Whole runs on and to the new KMS experience, several in the life of one cluster.
@Suite(.needsSandbox)
struct `A cluster on the new KMS experience` {
    /// One operation, no Secret plaintext before or after, and none under an older key.
    private func expectMoved(
        _ result: Plugin.Result, _ sandbox: SandboxProcess, to form: String, operations: Int,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        expectDone(result, location)
        #expect(result.json?["exposure"]?["startedAt"] == nil, "\(result.testDescription)", sourceLocation: location)
        let state = try await sandbox.state()
        #expect(state.operations.count == operations, sourceLocation: location)
        #expect(state.legacyPuts == 0, sourceLocation: location)
        expectStoredEncrypted(state, by: "v2-plus:" + form, sandbox, location)
    }

    private func afterwards(_ result: Plugin.Result) -> String {
        (result.json?["afterwards"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    }

    @Test func `comes from the legacy KMS, and goes to each key and mode of the new one`() async throws {
        let options = SandboxOptions(mode: "Private", more: ["--rotation-seconds", "60"])
        try await inSandbox(options) { sandbox, plugin in
            let key = sandbox.keyID.split(separator: "/", omittingEmptySubsequences: false).dropLast()
                .joined(separator: "/")
            let platform = try await plugin.change("migrate", "--platform-managed")
            try await expectMoved(platform, sandbox, to: "platform-managed", operations: 1)
            #expect(afterwards(platform).contains("Keep the key \(sandbox.keyID)"))
            #expect(afterwards(platform).contains("private endpoint"))

            let customer = try await plugin.change("migrate", "--customer-managed", "--key-id", key)
            try await expectMoved(customer, sandbox, to: sandbox.keyID, operations: 2)

            let closed = try await plugin.change("switch", "--private")
            try await expectMoved(closed, sandbox, to: sandbox.keyID, operations: 3)
            var state = try await sandbox.state()
            #expect(state.kmsMode == "Private" && state.kmsKeyID == key && state.vaultAccess() == "Disabled")
            #expect(try #require(state.vaultHistory().last).time > state.operations[2].end)

            let opened = try await plugin.change("switch", "--public")
            try await expectMoved(opened, sandbox, to: sandbox.keyID, operations: 4)
            state = try await sandbox.state()
            #expect(state.kmsMode == "Public" && state.vaultAccess() == "Enabled")
            #expect(try #require(state.vaultHistory().last).time < state.operations[3].start)

            let rotated = try await plugin.change("rotate", "--new-version")
            expectDone(rotated)
            state = try await sandbox.state()
            let stored = try #require(state.encryptedByKey.keys.first)
            #expect(state.encryptedByKey.count == 1 && !stored.hasSuffix(sandbox.keyID) && state.operations.count == 4)
            #expect(state.plaintext == 0 && afterwards(rotated).contains("inferred"))

            let back = try await plugin.change("migrate", "--platform-managed")
            try await expectMoved(back, sandbox, to: "platform-managed", operations: 5)
            #expect(afterwards(back).contains("needs no right on the vault"))
        }
    }

    @Test func `closes its vault by the firewall, and opens it by the firewall`() async throws {
        try await inSandbox(SandboxOptions(mode: "CustomerPublic")) { sandbox, plugin in
            expectDone(try await plugin.change("switch", "--private", "--vault-firewall"))
            let rules = try await sandbox.state().vault()?[path: "properties", "networkAcls"]
            #expect(rules?["defaultAction"]?.string == "Deny" && rules?["bypass"]?.string == "AzureServices")
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
            expectDone(try await plugin.change("switch", "--public"))
            #expect(try await sandbox.state().vault()?[path: "properties", "networkAcls", "defaultAction"] != "Deny")
            #expect(try await sandbox.state().legacyPuts == 0)
        }
    }
}

/// On the legacy KMS the versions of the key are told apart by the cluster's setting.
@Suite(.needsSandbox)
struct `Rotations of the legacy KMS` {
    @Test func `one after the other say which version must stay and which may go`() async throws {
        try await inSandbox { sandbox, plugin in
            let first = try await plugin.change("rotate", "--new-version")
            expectDone(first)
            let second = try await sandbox.state().kmsKeyID
            expectStoredEncrypted(try await sandbox.state(), by: second, sandbox)
            #expect(first.all.contains("Keep \(sandbox.keyID)"), "\(first.testDescription)")

            let last = try await plugin.change("rotate", "--new-version")
            expectDone(last)
            let state = try await sandbox.state()
            expectStoredEncrypted(state, by: state.kmsKeyID, sandbox)
            #expect(state.kmsKeyID != second && state.operations.count == 2)
            #expect(last.all.contains("Keep \(second)"), "\(last.testDescription)")
            #expect(last.all.contains("\(sandbox.keyID) is no longer used"), "\(last.testDescription)")
        }
    }
    /// A second rotation would take the key away from what the first could not rewrite (Azure/AKS#4648).
    @Test func `are refused while a Secret cannot be rewritten, whatever is accepted`() async throws {
        try await inSandbox { sandbox, plugin in
            let guardian = JSONValue.object([
                "name": .string("no.example"), "namespaces": .array([.string("team-1")]),
                "verdict": .object(["deny": .object(["message": .string("not these"), "code": .integer(403)])]),
            ])
            try await sandbox.control(.post, "cluster/webhooks", .array([guardian]))
            let refused = try await plugin.change("rotate", "--new-version")
            #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
            let accepted = try await plugin.change("rotate", "--new-version", "--accept-failures", "denied")
            #expect(accepted.exitCode == 3 && accepted.problem == "secrets-failed", "\(accepted.testDescription)")
            let state = try await sandbox.state()
            #expect(state.operations.isEmpty && state.kmsKeyID == sandbox.keyID && state.plaintext == 0)
        }
    }
}
