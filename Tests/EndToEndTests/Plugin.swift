import Foundation
import Glibc
import JSON
import Testing

/// The plugin as people start it: through kubectl, which finds it by its name on PATH.
struct Plugin: Sendable {
    struct Result: Sendable, CustomTestStringConvertible {
        var exitCode: Int32
        /// Nil where standard output is no JSON.
        var json: JSONValue?
        var output: String
        var errors: String

        var secretsAtRest: String { json?["secretsAtRest"]?.string ?? "" }
        var problem: String {
            json?[path: "problem", "id"]?.string ?? json?[path: "result", "problem", "id"]?.string ?? ""
        }
        var all: String { output + errors }
        var testDescription: String { "exit \(exitCode)\n\(output)\n\(errors)" }
    }

    var environment: [String: String]
    let folder: String
    /// What kubectl is started through, if anything.
    var launcher: [String] = []
    /// -g and --name, which --yes needs without a terminal.
    let target: [String]

    init(_ sandbox: SandboxProcess, machine: String = "home") throws {
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
    func machine(_ name: String) -> Plugin {
        var other = self
        other.environment["HOME"] = "\(folder)/\(name)"
        other.environment["XDG_STATE_HOME"] = "\(folder)/\(name)/state"
        try? FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        return other
    }

    /// Starts `kubectl kms-vault ARGUMENTS`; kubectl becomes the plugin, so the process is the plugin's own.
    func start(_ arguments: [String]) throws -> RunningProgram {
        guard let kubectl = Rig.kubectl else { throw RigError("no kubectl") }
        let command = launcher + [kubectl, "kms-vault"] + arguments
        return try RunningProgram(
            command[0], Array(command.dropFirst()), environment: environment, folder: folder)
    }

    @discardableResult
    func run(_ arguments: [String]) async throws -> Result { try await finish(try start(arguments)) }

    func finish(_ program: RunningProgram) async throws -> Result {
        let result = try await program.result()
        return Result(
            exitCode: result.exitCode, json: try? JSONValue(parsing: Array(result.output.utf8)),
            output: result.output, errors: result.errors)
    }

    /// A command that changes something, with all that it needs without a terminal.
    @discardableResult
    func change(_ command: String...) async throws -> Result {
        try await run(command + target + ["--yes", "-o", "json"])
    }

    func startChange(_ command: String...) throws -> RunningProgram {
        try start(command + target + ["--yes", "-o", "json"])
    }

    /// The real kubectl, for what people do beside the plugin.
    @discardableResult
    func kubectl(_ arguments: [String]) async throws -> Result {
        guard let kubectl = Rig.kubectl else { throw RigError("no kubectl") }
        return try await finish(
            try RunningProgram(kubectl, arguments, environment: environment, folder: folder))
    }

    /// The journal's file on this machine.
    var journalFile: String? {
        let root = environment["XDG_STATE_HOME"] ?? ""
        let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return all.first { $0.hasSuffix(".json") }.map { "\(root)/\($0)" }
    }
}

/// A sandbox and a plugin for one test; both are gone after it.
func inSandbox(
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
