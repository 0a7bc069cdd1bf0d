import Foundation
import HTTP
import JSON
import SystemRig
import Testing

/// Whoever may write Leases in kube-system, and nothing else, writes the lock; whoever may label the probes labels
/// them.
@Suite(.needsSandbox)
struct `Others at the lock and the probes` {
    private func leases(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws -> Attacker {
        try await Attacker(sandbox, plugin, ["get", "create", "patch", "update", "delete"], "leases")
    }

    /// The run has ended by itself, told of the lock, and closed nothing.
    private func expectStopped(_ result: Plugin.Result, _ sandbox: SandboxProcess) async throws {
        #expect(result.exitCode == 6, "\(result.testDescription)")
        #expect(result.errors.contains("the lock of this cluster was taken by"), "\(result.testDescription)")
        #expect(result.errors.contains("resume"), "\(result.testDescription)")
        #expect(result.secretsAtRest != "encrypted")
        #expect(try await sandbox.state().vaultHistory().map(\.value) == ["Enabled"])
        #expect(try await sandbox.unreadable().isEmpty)
    }

    @Test func `a lock that somebody takes again and again stops the run, and keeps others out only as long`()
        async throws
    {
        try await inSandbox { sandbox, plugin in
            let attacker = try await leases(sandbox, plugin)
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await Phase.off.wait(sandbox)
            let taking = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try await attacker.takeLease(
                        "mallory\u{1b}[2J-\(number)\n", seconds: 2_147_483_647,
                        renewed: "2026-01-01T00:00:00.\(String(format: "%06d", number))Z")
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            try await expectStopped(try await plugin.finish(program), sandbox)
            for machine in [plugin, plugin.machine("other")] {
                let refused = try await machine.change(
                    "resume", "--private", "--key-id", sandbox.keyID, "--soak", "60")
                expectTold(refused, [3, 6])
                #expect(refused.errors.contains("kubectl delete lease kms-vault-switch"), "\(refused.testDescription)")
            }
            taking.cancel()
            _ = await taking.result
            try await attacker.deleteLease()
            let result = try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    @Test func `a lock that is deleted in mid-run stops the run before its next change`() async throws {
        try await inSandbox { sandbox, plugin in
            let attacker = try await leases(sandbox, plugin)
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await Phase.off.wait(sandbox)
            let deleting = Task {
                while !Task.isCancelled {
                    try await attacker.deleteLease()
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            try await expectStopped(try await plugin.finish(program), sandbox)
            deleting.cancel()
            _ = await deleting.result
            let result = try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }

    /// Seconds that a Lease may claim: its API knows 32 bits, and refuses what is below 1.
    @Test(arguments: [Int64(2_147_483_647), 1])
    func `an absurd duration keeps nobody out for longer than two minutes`(_ seconds: Int64) async throws {
        try await inSandbox { sandbox, plugin in
            let attacker = try await leases(sandbox, plugin)
            try await attacker.takeLease(
                String(repeating: "m", count: 60_000) + "_1_\u{1b}[2J", seconds: seconds,
                renewed: "2199-01-01T00:00:00.000000Z")
            let result = try await plugin.change("rewrite-secrets")
            #expect(result.exitCode == 0, "\(result.testDescription.prefix(3000))")
            #expect(!result.all.contains("\u{1b}") && result.errors.utf8.count < 20_000)
        }
    }

    /// A moment, and what keeps every API server from taking the configuration of then.
    static let nowhere: [(String, String, [String: JSONValue])] = [
        ("disable-accepted", "replica-lags", ["replicas": [0, 1], "times": 2]),
        ("enable-accepted", "rollout-late", ["seconds": 9_999, "times": 2]),
    ]

    /// When no API server has taken the new configuration yet, nobody's label may look as if one had.
    @Test(arguments: Self.nowhere)
    func `labels on the probes never stand for a new configuration`(
        _ moment: String, _ fault: String, _ parameters: [String: JSONValue]
    ) async throws {
        var options = SandboxOptions()
        options.longestLife = 1200
        try await inSandbox(options) { sandbox, plugin in
            try await sandbox.fault(fault, parameters, at: moment)
            let attacker = try await Attacker(sandbox, plugin, ["patch"], "secrets")
            let program = try plugin.startChange("switch", "--private", "--soak", "60", "--on-failure", "stop")
            try await (moment == "disable-accepted" ? Phase.turningOff : .turningOn).wait(sandbox)
            let probes = try await plugin.kubectl(["get", "secrets", "-n", "kube-system", "-o", "name"])
                .output.split(separator: "\n").filter { $0.contains("kms-vault-probe-") }
                .map { String($0.dropFirst("secret/".count)) }
            #expect(probes.count == 3)
            let labelling = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    for probe in probes {
                        _ = try? await attacker.client.send(
                            .patch, "/api/v1/namespaces/kube-system/secrets/\(probe)",
                            #"{"metadata":{"labels":{"owner":"mallory-\#(number)"}}}"#)
                    }
                    try await Task.sleep(for: .milliseconds(150))
                }
                return number
            }
            let stopped = try await plugin.finish(program)
            labelling.cancel()
            _ = await labelling.result
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "convergence-unproven" && stopped.secretsAtRest == "mixed")
            #expect(stopped.errors.contains("changed by"), "\(stopped.testDescription)")
            let state = try await sandbox.state()
            #expect(state.vaultHistory().map(\.value) == ["Enabled"])
            #expect(moment == "disable-accepted" ? state.plaintext == 0 : state.encrypted == 0)
            #expect(!stopped.errors.contains(moment == "disable-accepted" ? "now plaintext" : "now encrypted"))

            try await sandbox.endFaults()
            try await sandbox.settle()
            let result = try await plugin.change("resume", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
        }
    }
}
