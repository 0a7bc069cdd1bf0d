import HTTP
import JSON
import SystemRig
import Testing

extension FaultCase {
    /// Runs the switch through the fault and demands all that must be true then; ends the fault, and demands that the
    /// job can be finished.
    func run() async throws {
        var options = sandbox
        if target == .toPublic { options.mode = "Private" }
        try await inSandbox(options) { sandbox, plugin in
            for script in scripts { try await begin(script, sandbox) }
            let result = try await runSwitch(plugin, arguments + (asksToStop ? ["--on-failure", "stop"] : []))
            let state = try await sandbox.state()
            #expect(result.json?["exitCode"]?.integer == Int64(result.exitCode), "\(result.testDescription)")
            if let updates { #expect(state.operations.count == updates, "\(state.operations)") }
            try await expectStruck(sandbox)
            switch ending {
            case .done:
                expectDone(result, state, sandbox)
                #expect(try await sandbox.unreadable().isEmpty)
            case .turnsBack(let problem):
                #expect(result.exitCode == 1 && result.problem == problem, "\(result.testDescription)")
                #expect(result.secretsAtRest == "encrypted", "\(result.testDescription)")
                #expect(result.errors.contains("turned on again automatically"), "\(result.testDescription)")
                #expect(state.kmsEnabled)
                // Nothing is left to go on with, so nothing of the run is left either.
                expectStored(.untouched, state, sandbox)
                try await expectNothingLost(1, state, sandbox)
                try await finish(sandbox, plugin)
            case .stops(let code, let problem, let atRest, let stored):
                #expect(result.exitCode == code, "\(result.testDescription)")
                #expect(result.problem == problem, "\(result.testDescription)")
                #expect(result.secretsAtRest == atRest, "\(result.testDescription)")
                if let says { #expect(result.errors.contains(says), "\(result.testDescription)") }
                expectStored(stored, state, sandbox)
                try await expectNothingLost(code, state, sandbox)
                try await finish(sandbox, plugin)
            }
        }
    }

    /// Begins a fault; what acts by itself, and at once, has done so when this returns.
    private func begin(_ script: Script, _ sandbox: SandboxProcess) async throws {
        try await sandbox.fault(script.name, script.parameters, at: script.moment)
        let known = try await sandbox.control(.get, "faults")["known"]?.array ?? []
        let isAction = known.contains { $0["name"]?.string == script.name && $0["action"]?.bool == true }
        guard isAction, script.moment == nil else { return }
        try await eventually("\(script.name) has acted") { try await sandbox.hits(script.name) > 0 }
    }

    private func runSwitch(_ plugin: Plugin, _ arguments: [String]) async throws -> Plugin.Result {
        let soak = target == .toPrivate ? ["--soak", "60"] : []
        return try await plugin.run(
            ["switch", target.rawValue] + soak + arguments + plugin.target + ["--yes", "-o", "json"])
    }

    /// A fault that nothing met would prove nothing. One that holds as long as it is there counts no strikes: of that,
    /// the ending tells.
    private func expectStruck(_ sandbox: SandboxProcess) async throws {
        let known = try await sandbox.control(.get, "faults")["known"]?.array ?? []
        for script in scripts {
            let fault = try #require(known.first { $0["name"]?.string == script.name }, "\(script.name)")
            if fault["standing"]?.bool == true { continue }
            #expect(try await sandbox.hits(script.name) > 0, "\(script.name) never struck")
        }
    }

    private func expectDone(_ result: Plugin.Result, _ state: SandboxState, _ sandbox: SandboxProcess) {
        switch target {
        case .toPrivate: expectPrivate(result, state, sandbox)
        case .toPublic: expectPublic(result, state, sandbox)
        }
    }

    private func expectStored(_ stored: Stored, _ state: SandboxState, _ sandbox: SandboxProcess) {
        let seeded = Int64(sandbox.options.secrets)
        let all = seeded + 3
        let found = "\(state.plaintext) plaintext, encrypted \(state.encryptedByKey)"
        switch stored {
        case .untouched: #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: seeded], "\(found)")
        case .encrypted: #expect(state.plaintext == 0 && state.encryptedByKey == [sandbox.keyID: all], "\(found)")
        case .plaintext: #expect(state.plaintext == all && state.encryptedByKey.isEmpty, "\(found)")
        case .encryptedButOneProbe: #expect((0...1).contains(state.plaintext), "\(found)")
        case .plaintextButOneProbe: #expect((0...1).contains(state.encrypted), "\(found)")
        case .either: break
        }
        let count = if case .untouched = stored { seeded } else { all }
        #expect(state.plaintext + state.encrypted == count, "\(found)")
        #expect(Set(state.encryptedByKey.keys).isSubset(of: [sandbox.keyID]), "\(found)")
    }

    /// A switch that stops has closed no vault and hidden no Secret; one that refuses has sent no change at all.
    private func expectNothingLost(_ code: Int32, _ state: SandboxState, _ sandbox: SandboxProcess) async throws {
        if target == .toPrivate, !strikesAfterClosing {
            #expect(!state.vaultHistory().contains { $0.value == "Disabled" }, "\(state.vaultHistory())")
        }
        if code == 3 {
            let sent = try await sandbox.requests().filter { $0.hasPrefix("PUT ") || $0.hasPrefix("PATCH ") }
            #expect(sent.isEmpty, "\(sent)")
        }
        let unreadable = try await sandbox.unreadable()
        #expect(unreadable.isEmpty != hidesSecrets, "\(unreadable)")
    }

    private func finish(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
        try await sandbox.endFaults()
        try await sandbox.settle()
        if name == "vault-deleted" { try await sandbox.recoverVault() }
        try await eventually("no operation runs") { try await sandbox.state().provisioningState != "Updating" }
        #expect(try await sandbox.unreadable().isEmpty)
        switch finish {
        case .resume:
            let result = try await plugin.change("resume", "--soak", "60")
            expectDone(result, try await sandbox.state(), sandbox)
        case .makeSafeThenAgain:
            let safe = try await plugin.change("make-safe")
            #expect(safe.exitCode == 0 && safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
            let state = try await sandbox.state()
            #expect(state.kmsEnabled)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
            fallthrough
        case .again:
            expectDone(try await runSwitch(plugin, []), try await sandbox.state(), sandbox)
        }
        #expect(try await sandbox.unreadable().isEmpty)
    }
}
