import Foundation
import Glibc
import JSON
import SystemRig
import Testing

/// An API server that does not answer: what depends on Azure alone is done all the same.
@Suite(.needsSandbox)
struct `A silent API server` {
    /// A switch that was killed with KMS off, and a vault that somebody closed.
    private func leaveBehind(_ sandbox: SandboxProcess, _ plugin: Plugin) async throws {
        let program = try plugin.startChange("switch", "--private", "--soak", "60")
        try await eventually("KMS is off") { try await sandbox.state().operations.first?.status == "Succeeded" }
        program.signal(SIGKILL)
        _ = try await program.result()
        try await sandbox.setVault("Disabled")
    }

    /// The same kubeconfig with a port that nobody listens on.
    private func silenced(_ plugin: Plugin) throws -> Plugin {
        let path = plugin.environment["KUBECONFIG"] ?? ""
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let silent = text.replacing(/server: https:\/\/[^\n]*/, with: "server: https://127.0.0.1:9")
        #expect(silent != text)
        let file = plugin.folder + "/silent-kubeconfig"
        try Data(silent.utf8).write(to: URL(fileURLWithPath: file))
        var plugin = plugin
        plugin.environment["KUBECONFIG"] = file
        return plugin
    }

    @Test func `make-safe opens the vault and turns KMS on before it needs the API server`() async throws {
        try await inSandbox { sandbox, plugin in
            try await leaveBehind(sandbox, plugin)
            let program = try silenced(plugin).startChange("make-safe")
            try await eventually("KMS is on again") {
                let state = try await sandbox.state()
                return state.kmsEnabled && state.operations.count == 2 && state.operations[1].status == "Succeeded"
            }
            #expect(try await sandbox.state().vaultAccess() == "Enabled")
            try await eventually("it waits for the API server") {
                program.errors.contains("Waiting for the API server")
            }
            program.signal(SIGINT)
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.secretsAtRest == "mixed")
            #expect(stopped.errors.contains("without the lock"))

            let result = try await plugin.change("make-safe")
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.secretsAtRest == "encrypted")
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
        }
    }

    @Test func `every other command that changes something refuses`() async throws {
        try await inSandbox { sandbox, plugin in
            let silent = try silenced(plugin)
            for command in [["switch", "--private"], ["resume"], ["rewrite-secrets"]] {
                let result = try await silent.run(command + silent.target + ["--yes", "-o", "json"])
                #expect(result.exitCode == 3, "\(command): \(result.testDescription)")
                #expect(result.problem == "api-server-unreachable")
            }
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test func `status shows what Azure knows, and that the API server does not answer`() async throws {
        try await inSandbox { sandbox, plugin in
            try await leaveBehind(sandbox, plugin)
            let silent = try silenced(plugin)
            let result = try await silent.run(["status", "-o", "json"] + silent.target)
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.json?["kmsEnabled"]?.bool == false)
            #expect(result.json?["vaultAccess"]?.string == "Disabled")
            #expect(result.json?["apiServerSilence"]?.string?.isEmpty == false)
            #expect(result.json?["advice"]?.string?.contains("make-safe") == true)
        }
    }
}
