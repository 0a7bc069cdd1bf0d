import Foundation
import Glibc
import HTTP
import JSON
import SystemRig
import Testing

/// Runs that end in the middle, by a signal or by force, and how the job is finished after that.
@Suite(.needsSandbox)
struct `Interrupted runs` {
    private func stop(_ plugin: Plugin, _ sandbox: SandboxProcess, _ phase: Phase, _ signal: Int32) async throws
        -> Plugin.Result
    {
        let program = try plugin.startChange("switch", "--private", "--soak", "60")
        try await phase.wait(sandbox)
        program.signal(signal)
        return try await plugin.finish(program)
    }

    @Test(arguments: Rig.chosen(Phase.exposed))
    func `SIGINT ends it with the state said, and resume finishes`(_ phase: Phase) async throws {
        try await inSandbox { sandbox, plugin in
            let stopped = try await stop(plugin, sandbox, phase, SIGINT)
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "interrupted" && stopped.secretsAtRest == "mixed", "\(stopped.testDescription)")
            #expect(stopped.errors.contains("SIGINT") && stopped.errors.contains("resume"))
            let state = try await sandbox.state()
            #expect(state.plaintext + state.encrypted == 43)
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(try await sandbox.unreadable().isEmpty)
            let result = try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `SIGINT after the vault was closed leaves Secrets encrypted, and the watch to be made`() async throws {
        try await inSandbox { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--soak", "1000")
            try await eventually("the vault is closed") { try await sandbox.state().vaultAccess() == "Disabled" }
            program.signal(SIGINT)
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 4, "\(stopped.testDescription)")
            #expect(stopped.problem == "interrupted" && stopped.secretsAtRest == "encrypted")
            var state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: 43])
            #expect(try await sandbox.unreadable().isEmpty)
            let result = try await plugin.change("resume")
            state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
            #expect(result.json?[path: "soak", "result"]?.string == "passed")
        }
    }

    @Test(arguments: [("yes", Int32(0)), ("no", 3), ("\u{3}", 3)])
    func `a terminal is asked, and an interrupt there is a no`(_ answer: String, _ exitCode: Int32) async throws {
        try await inSandbox { sandbox, plugin in
            var there = plugin
            there.launcher = [
                "/usr/bin/env", "python3", Rig.root + "/Tests/EndToEndTests/terminal.py", "Type yes", answer,
            ]
            let result = try await there.run(["switch", "--private"] + plugin.target)
            #expect(result.exitCode == exitCode, "\(result.testDescription)")
            #expect(result.output.contains("Nothing was changed.") == (exitCode != 0))
            #expect(try await sandbox.state().operations.count == (exitCode == 0 ? 2 : 0))
        }
    }

    @Test func `SIGINT before the first change leaves nothing to resume`() async throws {
        try await inSandbox { sandbox, plugin in
            // The dry run of preflight takes as long as it is let.
            let slow: JSONValue = .object([
                "action": .object(["delay": .object(["seconds": 3])]), "verbs": ["patch"], "resource": "secrets",
            ])
            try await sandbox.control(.post, "cluster/faults", slow)
            let program = try plugin.startChange("switch", "--private")
            try await eventually("preflight") { program.errors.contains("Preflight") }
            program.signal(SIGINT)
            let stopped = try await plugin.finish(program)
            BadInput("SIGINT", 4, "interrupted", "SIGINT").expect(stopped)
            try await expectUntouched(sandbox)
        }
    }

    @Test(arguments: Rig.chosen(Phase.exposed))
    func `after a kill make-safe ends encrypted and readable`(_ phase: Phase) async throws {
        try await inSandbox { sandbox, plugin in
            let killed = try await stop(plugin, sandbox, phase, SIGKILL)
            #expect(killed.exitCode == 128 + SIGKILL)
            let result = try await plugin.change("make-safe")
            let state = try await sandbox.state()
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.secretsAtRest == "encrypted")
            #expect(state.kmsEnabled)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            let read = try await plugin.kubectl(["get", "secrets", "-A", "-o", "name"])
            #expect(read.exitCode == 0, "\(read.errors)")
        }
    }

    enum Lost: CaseIterable, Sendable { case both, file, configMap }

    @Test(arguments: Rig.chosen(Lost.allCases), [false, true])
    func `a lost journal costs work, not safety`(_ lost: Lost, _ getDropsKey: Bool) async throws {
        try await inSandbox { sandbox, plugin in
            // From 2026-07-01 on the update that turns KMS off names no key, so that GET shows none either.
            if !getDropsKey { try await sandbox.fault("get-keeps-key-id-after-disable") }
            _ = try await stop(plugin, sandbox, .off, SIGKILL)
            if lost != .configMap, let file = plugin.journalFile { try FileManager.default.removeItem(atPath: file) }
            if lost != .file {
                let gone = try await plugin.kubectl(["delete", "configmap", "kms-vault-switch", "-n", "kube-system"])
                #expect(gone.exitCode == 0, "\(gone.errors)")
            }
            guard lost == .both else {
                if lost == .file, getDropsKey {
                    // Whoever writes ConfigMaps must not choose the key: somebody has to name it.
                    let refused = try await plugin.change("resume", "--private", "--soak", "60")
                    #expect(refused.exitCode == 6, "\(refused.testDescription)")
                    #expect(refused.errors.contains("--key-id"))
                }
                let result = try await plugin.change(
                    "resume", "--private", "--soak", "60", "--key-id", sandbox.keyID)
                return expectPrivate(result, try await sandbox.state(), sandbox)
            }
            var result = try await plugin.change("make-safe")
            if getDropsKey {
                #expect(result.exitCode == 6, "\(result.testDescription)")
                #expect(result.errors.contains("--key-id"))
                result = try await plugin.change("make-safe", "--key-id", sandbox.keyID)
            }
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.secretsAtRest == "encrypted")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
        }
    }

    @Test func `a vault closed in the wrong order is opened again by make-safe`() async throws {
        try await inSandbox { sandbox, plugin in
            _ = try await stop(plugin, sandbox, .off, SIGKILL)
            try await sandbox.setVault("Disabled")
            try await sandbox.restart()
            let result = try await plugin.change("make-safe")
            #expect(result.exitCode == 0, "\(result.testDescription)")
            let state = try await sandbox.state()
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            #expect(state.kmsEnabled)
        }
    }
}
