import Foundation
import Glibc
package import JSON
import Testing

/// The plugin as people start it: through kubectl, which finds it by its name on PATH.
package struct Plugin: Sendable {
    package struct Result: Sendable, CustomTestStringConvertible {
        package var exitCode: Int32
        /// Nil where standard output is no JSON.
        package var json: JSONValue?
        package var output: String
        package var errors: String

        package init(exitCode: Int32, json: JSONValue?, output: String, errors: String) {
            self.exitCode = exitCode
            self.json = json
            self.output = output
            self.errors = errors
        }

        package var secretsAtRest: String { json?["secretsAtRest"]?.string ?? "" }
        package var problem: String {
            json?[path: "problem", "id"]?.string ?? json?[path: "result", "problem", "id"]?.string ?? ""
        }
        package var all: String { output + errors }
        package var testDescription: String { "exit \(exitCode)\n\(output)\n\(errors)" }
    }

    package var environment: [String: String]
    package let folder: String
    /// What kubectl is started through, if anything.
    package var launcher: [String] = []
    /// -g and --name, which --yes needs without a terminal.
    package let target: [String]

    package init(_ sandbox: SandboxProcess, machine: String = "home") throws {
        guard let plugin = Rig.plugin, let kubectl = Rig.kubectl else { throw RigError("no plugin or no kubectl") }
        folder = sandbox.folder
        target = ["-g", sandbox.resourceGroup, "--name", sandbox.cluster]
        let home = "\(folder)/\(machine)"
        let links = folder + "/bin"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: links, withIntermediateDirectories: true)
        let link = links + "/kubectl-kms_vault"
        if !FileManager.default.fileExists(atPath: link) {
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: plugin)
        }
        environment = sandbox.variables
        let folders = [
            Rig.installed ?? links, URL(fileURLWithPath: kubectl).deletingLastPathComponent().path, "/usr/bin", "/bin",
        ]
        environment["PATH"] = folders.joined(separator: ":")
        environment["HOME"] = home
        environment["XDG_STATE_HOME"] = home + "/state"
        environment["KUBECTL_KMS_VAULT_TIME_SCALE"] = "\(sandbox.options.timeScale)"
    }

    /// Another machine: its own home and journal.
    package func machine(_ name: String) -> Plugin {
        var other = self
        other.environment["HOME"] = "\(folder)/\(name)"
        other.environment["XDG_STATE_HOME"] = "\(folder)/\(name)/state"
        try? FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        return other
    }

    /// Starts `kubectl kms-vault ARGUMENTS`; kubectl becomes the plugin, so the process is the plugin's own.
    package func start(_ arguments: [String]) throws -> RunningProgram {
        guard let kubectl = Rig.kubectl else { throw RigError("no kubectl") }
        let command = launcher + [kubectl, "kms-vault"] + arguments
        return try RunningProgram(
            command[0], Array(command.dropFirst()), environment: environment, folder: folder)
    }

    @discardableResult
    package func run(_ arguments: [String]) async throws -> Result { try await finish(try start(arguments)) }

    package func finish(_ program: RunningProgram) async throws -> Result {
        let result = try await program.result()
        return Result(
            exitCode: result.exitCode, json: try? JSONValue(parsing: Array(result.output.utf8)),
            output: result.output, errors: result.errors)
    }

    /// A command that changes something, with all that it needs without a terminal.
    @discardableResult
    package func change(_ command: String...) async throws -> Result {
        try await run(command + target + ["--yes", "-o", "json"])
    }

    package func startChange(_ command: String...) throws -> RunningProgram {
        try start(command + target + ["--yes", "-o", "json"])
    }

    /// The real kubectl, for what people do beside the plugin.
    @discardableResult
    package func kubectl(_ arguments: [String]) async throws -> Result {
        guard let kubectl = Rig.kubectl else { throw RigError("no kubectl") }
        return try await finish(
            try RunningProgram(kubectl, arguments, environment: environment, folder: folder))
    }

    /// The journal's file on this machine.
    package var journalFile: String? {
        let root = environment["XDG_STATE_HOME"] ?? ""
        let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return all.first { $0.hasSuffix(".json") }.map { "\(root)/\($0)" }
    }
}

/// A sandbox and a plugin for one test; both are gone after it.
package func inSandbox(
    _ options: SandboxOptions = SandboxOptions(),
    _ body: (SandboxProcess, Plugin) async throws -> Void
) async throws {
    await Rig.places.take()
    do {
        let sandbox = try await SandboxProcess.start(options)
        do {
            try await body(sandbox, try Plugin(sandbox))
            await sandbox.stop()
        } catch {
            await sandbox.stop()
            throw error
        }
    } catch {
        await Rig.places.give()
        throw error
    }
    await Rig.places.give()
}
