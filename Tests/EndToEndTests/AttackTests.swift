import Azure
import Foundation
import JSON
import Journal
import ModeSwitch
import SecretRewrite
import SystemRig
import Testing

/// Whoever may write ConfigMaps in kube-system, and nothing else, writes the record of a run.
@Suite(.needsSandbox)
struct `Planted records` {
    enum Victim: String, CaseIterable, Sendable {
        /// The machine of the run, with its own record.
        case own
        /// A machine that has nothing but the cluster's copy.
        case other

        func machine(_ plugin: Plugin) -> Plugin { self == .own ? plugin : plugin.machine("other") }
    }

    private func eTag(_ sandbox: SandboxProcess) async throws -> String {
        try #require(try await AzureClient(sandbox).cluster("2026-06-01")["eTag"]?.string)
    }

    private func file(_ plugin: Plugin) throws -> Data? {
        try plugin.journalFile.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }

    /// KMS is on again and Private, and not one Secret was rewritten after that.
    private func leavePlaintext(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
        try await plugin.killed(at: "arm-put-answered#2")
        try await sandbox.idle()
        let state = try await sandbox.state()
        try #require(state.kmsMode == "Private" && state.plaintext == 43, "\(state.document)")
    }

    @Test(arguments: Victim.allCases, [false, true])
    func `that claim proof close no vault and call nothing encrypted`(
        _ victim: Victim, _ isCompleted: Bool
    ) async throws {
        try await inSandbox { sandbox, plugin in
            try await leavePlaintext(sandbox, plugin)
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            var forged = try await attacker.record().claimingAll(try await eTag(sandbox))
            if isCompleted { forged.receipts.finished() }
            try await attacker.plant(forged)

            let machine = victim.machine(plugin)
            let before = try file(plugin)
            let status = try await machine.status()
            #expect(status.exitCode == 0 && status.secretsAtRest != "encrypted", "\(status.testDescription)")
            #expect(status.json?["advice"]?.string?.isEmpty == false, "\(status.testDescription)")
            let again = try await machine.change("switch", "--private")
            expectTold(again, [3, 6])
            #expect(again.secretsAtRest != "encrypted")
            #expect(try file(plugin) == before)
            var state = try await sandbox.state()
            #expect(state.vaultHistory().map(\.value) == ["Enabled"] && state.plaintext == 43)

            let resumed = try await machine.change("resume", "--private", "--soak", "60")
            guard victim == .other, isCompleted else {
                #expect(resumed.errors.contains("Rewriting Secrets (now encrypted)"), "\(resumed.errors)")
                return try await expectOldPathUnproven(resumed, machine, sandbox)
            }
            // Nothing there says that a run is unfinished; the way to safety is open all the same.
            expectTold(resumed, [3])
            let safe = try await machine.change("make-safe")
            #expect(safe.exitCode == 0, "\(safe.testDescription)")
            state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    /// All is encrypted, and the vault stays open until a person says that it may close: that every API server was
    /// without KMS once is nothing that could be seen again.
    private func expectOldPathUnproven(
        _ resumed: Plugin.Result, _ machine: Plugin, _ sandbox: SandboxProcess
    ) async throws {
        expectTold(resumed, [4])
        #expect(resumed.problem == "old-path-unproven" && resumed.secretsAtRest == "encrypted")
        let state = try await sandbox.state()
        #expect(state.vaultHistory().map(\.value) == ["Enabled"] && state.plaintext == 0)
        let closed = try await machine.change("resume", "--soak", "60", "--accept-unproven-convergence")
        expectPrivate(closed, try await sandbox.state(), sandbox)
        #expect(closed.json?[path: "soak", "result"]?.string == "passed", "\(closed.testDescription)")
    }

    @Test(arguments: Victim.allCases)
    func `that claim proof do not keep make-safe from rewriting`(_ victim: Victim) async throws {
        try await inSandbox { sandbox, plugin in
            try await leavePlaintext(sandbox, plugin)
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            var forged = try await attacker.record().claimingAll(try await eTag(sandbox))
            forged.receipts.finished()
            try await attacker.plant(forged)
            let safe = try await victim.machine(plugin).change("make-safe")
            #expect(safe.exitCode == 0, "\(safe.testDescription)")
            let state = try await sandbox.state()
            #expect(state.plaintext == 0 && state.vaultHistory().map(\.value) == ["Enabled"])
        }
    }

    enum Plot: CaseIterable, Sendable {
        case open, openAsSecond, close

        func forge(_ record: SwitchRecord, _ vault: String) throws -> SwitchRecord {
            var forged = record
            forged.intent.vaultID = try AzureResourceID(parsing: vault)
            forged.intent.original.vaultID = vault
            switch self {
            case .open: forged.intent.target = .publicAccess
            case .openAsSecond:
                forged.intent.target = .publicAccess
                forged.intent.strategy = .secondVault
            case .close: forged.intent.strategy = .closeVaultFirst
            }
            return forged
        }
    }

    @Test(arguments: Plot.allCases)
    func `that name a vault that does not hold the key touch neither it nor the target`(_ plot: Plot) async throws {
        try await inSandbox { sandbox, plugin in
            try await plugin.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            let mine = try await attacker.record()
            try await attacker.plant(try plot.forge(mine, try #require(secondVault(sandbox))))

            let other = plugin.machine("other")
            for machine in [plugin, other] {
                let status = try await machine.status()
                #expect(status.exitCode == 0 && status.secretsAtRest != "encrypted", "\(status.testDescription)")
                expectTold(try await machine.change("switch", "--public"), [3, 6])
            }
            // Without a target and a key from the person nothing begins.
            expectTold(try await other.change("resume", "--private"), [6])
            let asked = try await other.change("resume", "--key-id", sandbox.keyID)
            expectTold(asked, [3, 6])
            #expect(asked.errors.contains("--private or --public"), "\(asked.testDescription)")
            #expect(try await sandbox.state().operations.count == 1)

            let result = try await other.change("resume", "--private", "--key-id", sandbox.keyID, "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            try await expectForeignUntouched(sandbox)
        }
    }

    @Test(arguments: Victim.allCases)
    func `that name a foreign vault do not lead make-safe to it`(_ victim: Victim) async throws {
        try await inSandbox { sandbox, plugin in
            try await plugin.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            let foreign = try #require(secondVault(sandbox))
            try await attacker.plant(try Plot.openAsSecond.forge(try await attacker.record(), foreign))
            let safe = try await victim.machine(plugin).change("make-safe", "--key-id", sandbox.keyID)
            #expect(safe.exitCode == 0 && safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
            let state = try await sandbox.state()
            expectPublicMode(state, sandbox)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            try await expectForeignUntouched(sandbox)
        }
    }

    private func secondVault(_ sandbox: SandboxProcess) -> String? {
        sandbox.vaultID.hasSuffix("/kv-demo") ? sandbox.vaultID + "-private" : nil
    }

    private func expectForeignUntouched(
        _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let state = try await sandbox.state()
        #expect(state.vaultHistory(1).count == 1, "\(state.vaultHistory(1))", sourceLocation: location)
        let sent = try await sandbox.requests().filter { $0.hasPrefix("P") && $0.contains("/kv-demo-private ") }
        #expect(sent.isEmpty, "\(sent)", sourceLocation: location)
    }

    @Test func `that accept what nobody accepted do not close a vault that a lagging API server needs`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("replica-lags", at: "enable-accepted")
            try await plugin.killed(at: "arm-put-answered#2")
            try await sandbox.idle()
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            var forged = try await attacker.record()
            forged.intent.options = Intent.Options(
                acceptedFailures: Set(FailureClass.allCases), acceptUnprovenConvergence: true, vaultSharedOK: true,
                soakSeconds: 0, onFailure: .stop)
            try await attacker.plant(forged)
            for machine in [plugin, plugin.machine("other")] {
                let result = try await machine.change("resume", "--private", "--soak", "60")
                expectTold(result, [6])
                #expect(result.secretsAtRest != "encrypted", "\(result.testDescription)")
                #expect(try await sandbox.state().vaultHistory().map(\.value) == ["Enabled"])
                try await attacker.plant(forged)
            }
            try await sandbox.endFaults()
            try await sandbox.settle()
            let result = try await plugin.change("resume", "--private", "--soak", "60")
            try await expectOldPathUnproven(result, plugin, sandbox)
        }
    }
}
