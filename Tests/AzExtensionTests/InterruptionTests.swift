import Foundation
import Glibc
import JSON
import SystemRig
import Testing

/// az, the shim or both end in the middle; the job does not get lost.
@Suite(.needsExtension)
struct `Runs through az that are cut short` {
    enum Victim: String, CaseIterable, Sendable { case az, shim, both }

    /// What a machine without the run's record has to be told: the key, which Azure does not show with KMS off, and,
    /// once KMS is on again, that nobody there has seen every API server without it.
    private func elsewhere(_ phase: Phase, _ sandbox: SandboxProcess) -> [String] {
        let unproven = phase == .turningOff || phase == .off ? [] : ["--accept-unproven-convergence"]
        return ["--key-id", sandbox.keyID, "--soak", "60"] + unproven
    }

    @Test(arguments: Rig.chosen(Phase.allCases), Victim.allCases)
    func `by kill -9 are finished by kubectl's plugin on another machine`(
        _ phase: Phase, _ victim: Victim
    ) async throws {
        try await inSandbox { sandbox, plugin in
            let here = try Extension(sandbox)
            let program = try here.startChange(["switch", "--mode", "Private", "--soak", "500"])
            try await phase.wait(sandbox)
            let shim = try #require(try Extension.shim(of: program))
            if victim != .shim { program.signal(SIGKILL) }
            if victim != .az { #expect(kill(shim, SIGKILL) == 0) }
            let ended = try await here.finish(program)
            if victim == .shim {
                #expect(ended.exitCode == 4 && ended.errors.contains("was ended by signal 9"), "\(ended.errors)")
                #expect(ended.errors.contains("az aks kms-vault-mode resume"))
            }
            // Without az the shim comes to its end by itself, in good order.
            try await eventually(within: 60, "the shim has ended") { kill(shim, 0) != 0 }
            #expect(try await sandbox.unreadable().isEmpty)

            let colleague = plugin.machine("colleague")
            let result = try await colleague.finish(
                colleague.start(
                    ["resume", "--private"] + elsewhere(phase, sandbox) + plugin.target + ["--yes", "-o", "json"]))
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test(arguments: [Phase.turningOff, .turningOn])
    func `of kubectl's plugin are finished by az on another machine`(_ phase: Phase) async throws {
        try await inSandbox { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await phase.wait(sandbox)
            program.signal(SIGKILL)
            _ = try await plugin.finish(program)
            let here = try Extension(sandbox)
            let shown = try await here.run("show", "-o", "json")
            #expect(shown.json?["advice"]?.string?.hasPrefix("az aks kms-vault-mode resume") == true, "\(shown.all)")
            let result = try await here.finish(
                here.startChange(["resume", "--mode", "Private"] + elsewhere(phase, sandbox)))
            expectPrivate(result, try await sandbox.state(), sandbox)
            here.expectNoKubectl()
        }
    }

    @Test func `by an interrupt end in good order, and az waits for that`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let program = try here.startChange(["switch", "--mode", "Private", "--soak", "60"])
            try await Phase.off.wait(sandbox)
            program.signal(SIGINT)
            let stopped = try await here.finish(program)
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest == "mixed" && stopped.errors.contains("az aks kms-vault-mode resume"))
            let safe = try await here.change("make-safe")
            #expect(safe.exitCode == 0 && safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
        }
    }

    @Test func `by the loss of az alone leave the lock at once`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let program = try here.startChange(["switch", "--mode", "Private", "--soak", "60"])
            try await Phase.off.wait(sandbox)
            program.signal(SIGKILL)
            _ = try await here.finish(program)
            let result = try await here.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `by tokens that end go on with az's new ones`() async throws {
        try await inSandbox(SandboxOptions(world: entraOnly)) { sandbox, _ in
            let here = try Extension(sandbox)
            try await sandbox.fault("token-expires-soon", ["seconds": .integer(4)])
            // The profile's own token is from before the fault: az has to ask for another.
            try await sandbox.fault("token-rejected-claims-challenge", at: "disable-accepted")
            let result = try await here.change("switch", "--mode", "Private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            let renewals = try await sandbox.requests().filter { $0.contains("/oauth2/") }
            #expect(renewals.count >= 3, "\(renewals)")
        }
    }

    @Test func `by a sign-in that is no longer good end as unknown, and are finished after a new one`() async throws {
        try await inSandbox(SandboxOptions(world: entraOnly)) { sandbox, plugin in
            let here = try Extension(sandbox)
            try await sandbox.fault("sign-in-revoked", at: "disable-succeeded")
            try await sandbox.fault("token-rejected-claims-challenge", at: "disable-succeeded")
            let stopped = try await here.change("switch", "--mode", "Private", "--operation-timeout", "8m")
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest == "unknown" && stopped.json?["verdict"]?.string == "not done")
            #expect(stopped.errors.contains("AADSTS7000222"), "\(stopped.errors)")
            #expect(stopped.errors.contains("az aks kms-vault-mode resume"), "\(stopped.errors)")
            try await sandbox.endFaults()
            // Signing in anew does this: MSAL keeps Entra's refusal for a minute.
            try FileManager.default.removeItem(atPath: here.az.profileFolder + "/msal_http_cache.bin")
            let result = try await here.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }
}
