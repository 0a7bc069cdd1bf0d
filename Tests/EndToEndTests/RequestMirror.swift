import Foundation
import JSON
import SystemRig
import Testing

/// Servers that answer with what they have seen of a request; `request-mirror.py` says what they are.
struct RequestMirror {
    let folder: String
    private let program: RunningProgram
    private let ports: [String: Int]

    init(in folder: String) async throws {
        self.folder = folder
        program = try RunningProgram(
            "/usr/bin/env", ["python3", Rig.root + "/Tests/Support/request-mirror.py", folder],
            environment: Rig.environment, folder: folder)
        let ready = folder + "/ready"
        let program = program
        try await eventually(within: 30, "the mirror listens: \(program.errors)") {
            FileManager.default.fileExists(atPath: ready)
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: ready))
        ports = try JSONDecoder().decode([String: Int].self, from: bytes)
    }

    func stop() async throws {
        program.signal(SIGTERM)
        _ = try await program.result()
    }

    /// The port of `A`, `B` or `P`.
    func port(_ name: String) -> Int { ports[name] ?? 0 }

    /// The name of the server that an address leads to; nil for none of them.
    func name(of server: String) -> String? {
        guard let url = URL(string: server), let port = url.port, url.scheme != nil else { return nil }
        return ports.first { $0.value == port && ($0.key == "P") == (url.scheme == "http") }?.key
    }

    var certificate: String { folder + "/mirror.crt" }
    var key: String { folder + "/mirror.key" }

    /// A file of the folder in base64.
    func base64(_ file: String) throws -> String {
        try Data(contentsOf: URL(fileURLWithPath: file)).base64EncodedString()
    }
}
