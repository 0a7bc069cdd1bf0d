import JSON
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Whole switches` {
    @Test func `to private, the vault closed last`() async throws {
        try await inSandbox { sandbox, plugin in
            let result = try await plugin.change("switch", "--private")
            let state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(state.operations.map(\.status) == ["Succeeded", "Succeeded"])
            let closed = try #require(state.vaultHistory().last { $0.value == "Disabled" })
            #expect(closed.time > state.operations.last?.end ?? "~")
            // Key Vault was seen to be closed, so that the watch ended before its ten minutes (scaled).
            let soak = try #require(result.json?["soak"])
            #expect(soak["closedSeenAt"] != nil)
            guard case .double(let seconds)? = soak["seconds"] else { throw RigError("the watch has no length") }
            #expect(seconds < 600 * sandbox.options.timeScale)
            let exposure = try #require(result.json?["exposure"])
            #expect(exposure["endedAt"] != nil)
            #expect((result.json?["passes"]?.array ?? []).count >= 3)
        }
    }

    @Test func `to public, the vault opened first`() async throws {
        try await inSandbox(SandboxOptions(mode: "Private")) { sandbox, plugin in
            let result = try await plugin.change("switch", "--public")
            let state = try await sandbox.state()
            expectPublic(result, state, sandbox)
            let opened = try #require(state.vaultHistory().last { $0.value == "Enabled" })
            #expect(opened.time < state.operations.first?.start ?? "")
            #expect(state.vaultHistory().last?.value == "Enabled")
        }
    }

    @Test func `with nothing to do takes away the probes of a run that was killed at its end`() async throws {
        try await inSandbox { sandbox, plugin in
            for number in 1...3 {
                let made = try await plugin.kubectl([
                    "create", "secret", "generic", "kms-vault-probe-0123456789ab-\(number)", "-n", "kube-system",
                ])
                #expect(made.exitCode == 0, "\(made.errors)")
            }
            #expect(try await plugin.change("switch", "--public").exitCode == 0)
            let state = try await sandbox.state()
            #expect(state.operations.isEmpty)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
        }
    }

    @Test func `in the older order, the vault closed while KMS is off`() async throws {
        try await inSandbox { sandbox, plugin in
            let result = try await plugin.change("switch", "--private", "--close-vault-first")
            let state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            let closed = try #require(state.vaultHistory().last { $0.value == "Disabled" })
            #expect(state.operations.count == 2)
            #expect(closed.time > state.operations[0].end)
            #expect(closed.time < state.operations[1].start)
        }
    }

    @Test func `to a second vault, without an off step`() async throws {
        try await inSandbox { sandbox, plugin in
            let result = try await plugin.change("switch", "--private", "--key-id", sandbox.secondKeyID)
            let state = try await sandbox.state()
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.secretsAtRest == "encrypted")
            expectStoredEncrypted(state, by: sandbox.secondKeyID, sandbox)
            #expect(state.kmsKeyID == sandbox.secondKeyID && state.kmsMode == "Private")
            #expect(state.operations.count == 1)
            #expect(result.json?["exposure"] == nil)
            // The old vault is still needed and is not touched.
            #expect(state.vaultAccess() == "Enabled")
            #expect(
                !(try await sandbox.requests()).contains { $0.hasPrefix("PATCH") && $0.contains("/vaults/kv-demo ") })
        }
    }

    @Test func `a cluster that is there already is left alone`() async throws {
        try await inSandbox(SandboxOptions(mode: "Private")) { sandbox, plugin in
            let result = try await plugin.change("switch", "--private")
            #expect(result.exitCode == 0, "\(result.testDescription)")
            // That KMS is on does not tell how Secrets lie: only a look at every one does.
            #expect(result.secretsAtRest == "unknown")
            #expect(result.errors.contains("kubectl kms-vault verify --patch"))
            let changed = try await sandbox.requests().filter { $0.hasPrefix("PUT") || $0.hasPrefix("PATCH") }
            #expect(changed.isEmpty)
        }
    }

    @Test func `a plan runs by its id, and not after the world changed`() async throws {
        try await inSandbox { sandbox, plugin in
            let plan = try await plugin.run(["switch", "--private", "--dry-run", "-o", "json"] + plugin.target)
            #expect(plan.exitCode == 0, "\(plan.testDescription)")
            let id = try #require(plan.json?["planId"]?.string ?? plan.json?["planID"]?.string)
            #expect(try await sandbox.state().operations.isEmpty)

            let refused = try await plugin.change("switch", "--private", "--plan-id", "plan-000000000000")
            #expect(refused.exitCode == 3, "\(refused.testDescription)")
            #expect(try await sandbox.state().operations.isEmpty)

            let done = try await plugin.change("switch", "--private", "--plan-id", id)
            expectPrivate(done, try await sandbox.state(), sandbox)
            let again = try await plugin.change("switch", "--private", "--plan-id", id)
            #expect(again.exitCode == 3)
        }
    }
}
