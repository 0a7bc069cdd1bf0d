import Foundation
import Glibc

/// A program between the plugin and the API server that keeps all that goes to the plugin.
struct Recorder {
    private let program: Program
    private let record: String
    /// A kubeconfig that leads to the recorder.
    let kubeconfig: String

    /// - Parameter server: the API server's URL.
    static func start(_ sandbox: RealSandbox, server: String, name: String) async throws -> Recorder {
        let base = "\(sandbox.folder)/\(name)"
        let certificates = try clusterCertificates(of: sandbox)
        let made = try await Program(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=recorder", "-keyout", base + ".key", "-out", base + ".crt", "-CA",
                certificates + "/ca.crt", "-CAkey", certificates + "/ca.key", "-addext",
                "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
            ], environment: ProcessInfo.processInfo.environment, folder: sandbox.folder
        ).result()
        guard made.exitCode == 0 else { throw RigError(made.errors) }
        let port = URL(string: server)?.port ?? 0
        let program = try Program(
            "/usr/bin/timeout",
            [
                "900", "python3", RealRig.recorder, base + ".crt", base + ".key", certificates + "/ca.crt",
                "\(port)", base + ".record", base + ".port",
            ], environment: ProcessInfo.processInfo.environment, folder: sandbox.folder)
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

    /// The folder of the cluster's certificates, which the command line of an API server names.
    private static func clusterCertificates(of sandbox: RealSandbox) throws -> String {
        let parent = try String(contentsOfFile: sandbox.folder + "/sandbox/state.pid", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
            guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
                status.contains("\nPPid:\t\(parent)\n"),
                let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { continue }
            for argument in line.split(separator: 0).map({ String(decoding: $0, as: UTF8.self) })
            where argument.hasPrefix("--cert-dir=") {
                return String(argument.dropFirst("--cert-dir=".count))
            }
        }
        throw RigError("no API server of the sandbox runs")
    }
}
