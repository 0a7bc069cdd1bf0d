import Foundation
import Glibc
import JSON
import SystemRig
import Testing

/// az with the extension, on a machine that has neither a kubeconfig nor kubectl.
struct Extension: Sendable {
    /// The wheel with the shim in it, the one without, and the folder into which az has installed the first.
    static let environment = ProcessInfo.processInfo.environment
    static let wheel = environment["KMS_VAULT_WHEEL"]
    static let pureWheel = environment["KMS_VAULT_PURE_WHEEL"]
    static let folder = environment["KMS_VAULT_EXTENSION_DIR"]
    static let kubeAPIServer = environment["KMS_VAULT_KUBE_APISERVER"]
    static let isThere = wheel != nil && pureWheel != nil && folder != nil && Rig.isThere && Az.program != nil

    var az: Az
    let place: [String]

    init(_ sandbox: SandboxProcess, machine: String = "az-home") throws {
        az = try Az(sandbox)
        let home = "\(sandbox.folder)/\(machine)"
        let decoys = sandbox.folder + "/decoys"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: decoys, withIntermediateDirectories: true)
        // Nothing may fall back on kubectl: whoever calls it leaves a trace.
        let decoy = decoys + "/kubectl"
        try "#!/bin/sh\necho \"$@\" >>'\(decoy).called'\nexit 1\n".write(
            toFile: decoy, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: decoy)
        az.environment["KUBECONFIG"] = nil
        az.environment["HOME"] = home
        az.environment["XDG_STATE_HOME"] = home + "/state"
        az.environment["AZURE_EXTENSION_DIR"] = Self.folder
        az.environment["PATH"] = "\(decoys):" + (az.environment["PATH"] ?? "")
        place = ["-g", sandbox.resourceGroup, "-n", sandbox.cluster]
    }

    /// Starts `az aks kms-vault-mode ARGUMENTS`; the process is az's own, not a shell's.
    func start(_ arguments: [String]) throws -> RunningProgram {
        guard let program = Az.program else { throw RigError("no az") }
        let python = URL(fileURLWithPath: program).deletingLastPathComponent().path + "/python3"
        return try RunningProgram(
            python, ["-m", "azure.cli", "aks", "kms-vault-mode"] + arguments, environment: az.environment,
            folder: az.folder)
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> Plugin.Result { try await finish(start(arguments + place)) }

    func change(_ arguments: String...) async throws -> Plugin.Result { try await change(arguments) }

    func change(_ arguments: [String]) async throws -> Plugin.Result { try await finish(startChange(arguments)) }

    func startChange(_ arguments: [String]) throws -> RunningProgram {
        try start(arguments + place + ["--yes", "-o", "json"])
    }

    func finish(_ program: RunningProgram) async throws -> Plugin.Result {
        let result = try await program.result()
        return Plugin.Result(
            exitCode: result.exitCode, json: try? JSONValue(parsing: Array(result.output.utf8)),
            output: result.output, errors: result.errors)
    }

    func expectNoKubectl(_ location: SourceLocation = #_sourceLocation) {
        #expect(!FileManager.default.fileExists(atPath: az.folder + "/decoys/kubectl.called"), sourceLocation: location)
    }

    /// The shim of a running az.
    static func shim(of az: RunningProgram) throws -> pid_t? {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").lazy.compactMap { pid_t($0) }.first { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            return status.contains("\nPPid:\t\(az.identifier)\n") && status.hasPrefix("Name:\taz-kms-vault-sh")
        }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsExtension: ConditionTrait {
        .enabled(if: Extension.isThere, "az, the wheels, kubectl and the sandbox are needed (script/test extension)")
    }
}

/// A cluster to which only tokens of Entra lead.
let entraOnly = #"{"access": "entraOnly"}"#
