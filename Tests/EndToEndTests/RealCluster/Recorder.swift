import Foundation
import Glibc
import SystemRig

/// A program between the plugin and the API server that keeps all that goes to the plugin.
struct Recorder {
    private let program: RunningProgram
    private let record: String
    /// A kubeconfig that leads to the recorder.
    let kubeconfig: String

    /// - Parameter server: the API server's URL.
    static func start(_ sandbox: SandboxProcess, server: String, name: String) async throws -> Recorder {
        let base = "\(sandbox.folder)/\(name)"
        guard let certificates = try sandbox.apiServers().first?.certificates else {
            throw RigError("no API server of the sandbox runs")
        }
        let made = try await RunningProgram(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=recorder", "-keyout", base + ".key", "-out", base + ".crt", "-CA",
                certificates + "/ca.crt", "-CAkey", certificates + "/ca.key", "-addext",
                "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
            ], environment: Rig.environment, folder: sandbox.folder
        ).result()
        guard made.exitCode == 0 else { throw RigError(made.errors) }
        let port = URL(string: server)?.port ?? 0
        let program = try RunningProgram(
            "/usr/bin/timeout",
            [
                "900", "python3", Rig.root + "/Tests/Support/tls-recorder.py", base + ".crt", base + ".key",
                certificates + "/ca.crt", "\(port)", base + ".record", base + ".port",
            ], environment: Rig.environment, folder: sandbox.folder)
        try await eventually(within: 20, "the recorder listens") {
            FileManager.default.fileExists(atPath: base + ".port")
        }
        let own = try String(contentsOfFile: base + ".port", encoding: .utf8)
        let text = try String(contentsOfFile: sandbox.variables["KUBECONFIG"] ?? "", encoding: .utf8)
        try text.replacingOccurrences(of: server, with: "https://127.0.0.1:\(own)")
            .write(toFile: base + ".kubeconfig", atomically: true, encoding: .utf8)
        return Recorder(program: program, record: base + ".record", kubeconfig: base + ".kubeconfig")
    }

    func stop() async throws -> Data {
        program.signal(SIGTERM)
        _ = try await program.result()
        return try Data(contentsOf: URL(fileURLWithPath: record), options: .alwaysMapped)
    }
}
