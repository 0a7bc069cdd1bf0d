import Foundation
package import JSON
package import Testing

/// The real az, in the environment that `source env` gives.
package struct Az: Sendable {
    /// `script/install-az` prints it.
    package static let program: String? = ProcessInfo.processInfo.environment["KMS_VAULT_AZ"].flatMap {
        FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
    }

    package var environment: [String: String]
    package let folder: String

    package init(_ sandbox: SandboxProcess) throws {
        guard let az = Self.program, let kubectl = Rig.kubectl else { throw RigError("no az or no kubectl") }
        folder = sandbox.folder
        environment = sandbox.variables
        let folders = [az, kubectl].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        environment["PATH"] = (folders + ["/usr/bin", "/bin"]).joined(separator: ":")
        environment["HOME"] = folder + "/home"
        // What az prints must not depend on who looks.
        environment["AZURE_CORE_NO_COLOR"] = "true"
    }

    /// Another profile, empty at first.
    package func profile(_ name: String) -> Az {
        var other = self
        other.environment["AZURE_CONFIG_DIR"] = "\(folder)/\(name)"
        return other
    }

    package var profileFolder: String { environment["AZURE_CONFIG_DIR"] ?? "" }

    package func run(_ arguments: [String]) async throws -> RunningProgram.Result {
        guard let az = Self.program else { throw RigError("no az") }
        return try await RunningProgram(az, arguments, environment: environment, folder: folder).result()
    }

    /// What a command that must succeed prints; nil where that is nothing.
    @discardableResult
    package func json(_ arguments: String..., location: SourceLocation = #_sourceLocation) async throws -> JSONValue? {
        try await output(arguments, location: location)
    }

    package func output(_ arguments: [String], location: SourceLocation = #_sourceLocation) async throws -> JSONValue? {
        let result = try await run(arguments + ["--output", "json"])
        #expect(
            result.exitCode == 0, "az \(arguments.joined(separator: " ")): \(result.errors)", sourceLocation: location)
        return try? JSONValue(parsing: Array(result.output.utf8))
    }

    /// What a command that must fail says.
    package func refusal(_ arguments: String..., location: SourceLocation = #_sourceLocation) async throws -> String {
        let result = try await run(arguments)
        #expect(
            result.exitCode != 0, "az \(arguments.joined(separator: " ")): \(result.output)", sourceLocation: location)
        return result.errors
    }

    /// Runs the script of the documented way; both outputs as a terminal shows them.
    package func runbook(_ arguments: [String]) async throws -> (exitCode: Int32, transcript: String) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/runbook.sh"
        let program = try RunningProgram(
            "/bin/bash", ["-c", "exec \"$0\" \"$@\" 2>&1", script] + arguments, environment: environment,
            folder: folder)
        let result = try await program.result()
        return (result.exitCode, result.output)
    }
}

extension Trait where Self == ConditionTrait {
    package static var needsAz: ConditionTrait {
        .enabled(
            if: Rig.isThere && Az.program != nil,
            "az, kubectl, the built plugin and kms-vault-sandbox are needed (script/test az)")
    }
}
