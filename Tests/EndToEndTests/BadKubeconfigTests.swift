import Foundation
import Glibc
import SystemRig
import Testing

/// Kubeconfigs that are none of a cluster, credential plugins that misbehave, and API servers that are not there.
@Suite(.needsSandbox)
struct `Bad kubeconfigs` {
    private func good(_ sandbox: SandboxProcess) throws -> String {
        try String(contentsOfFile: sandbox.folder + "/kubeconfig", encoding: .utf8)
    }

    private func plugin(_ plugin: Plugin, reading bytes: Data) throws -> Plugin {
        let file = "\(plugin.folder)/kubeconfig-\(UUID().uuidString.prefix(8))"
        try bytes.write(to: URL(fileURLWithPath: file))
        return plugin.with("KUBECONFIG", file)
    }

    @Test func `files that hold no configuration`() async throws {
        try await inSandbox { sandbox, plugin in
            let good = try good(sandbox)
            let broken = "not valid YAML"
            let files: [(String, Data, String)] = [
                ("empty", Data(), "no cluster is configured"),
                ("truncated", Data(good.prefix(good.count / 2).utf8), "kubeconfig"),
                ("control characters", Data("\u{0}\u{1}{{{".utf8), broken),
                ("no UTF-8", Data([0xC3, 0x28, 0xFF]), broken),
                ("a list", Data("- 1\n- 2\n".utf8), "must be a mapping"),
                ("mistyped", Data("apiVersion: v1\nkind: Config\nclusters: 5\n".utf8), "clusters must be"),
                ("another kind", Data("apiVersion: v1\nkind: Secret\n".utf8), "not a v1 Config"),
                ("deep", Data(String(repeating: "[", count: 20_000).utf8), broken),
                ("wide", Data(("a: [" + String(repeating: "1,", count: 2_000_000) + "1]").utf8), "kubeconfig"),
                ("huge", Data(repeating: UInt8(ascii: "#"), count: 64 << 20), "kubeconfig"),
                ("aliases that grow", Data(laughs.utf8), broken),
                ("a name that drives terminals", Data(escaped(good).utf8), "there is no context \"\\u{1b}[2J\""),
                (
                    "base64 that is none", Data(good.replacing("authority-data: ", with: "authority-data: -").utf8),
                    "base64"
                ),
                (
                    "a server that is none", Data(good.replacing("server: https", with: "server: ftp").utf8),
                    "neither an https"
                ),
            ]
            for (what, bytes, says) in files {
                BadInput(what, 3, "kubeconfig", says).expect(try await self.plugin(plugin, reading: bytes).harmless())
            }
            // Azure names the authority, so that the kubeconfig needs none.
            let none = good.replacing("certificate-authority-data: ", with: "extensions-data: ")
            BadInput.good("no authority").expect(
                try await self.plugin(plugin, reading: Data(none.utf8)).harmless())
            try await expectUntouched(sandbox)
        }
    }

    private var laughs: String {
        let lines = (1...9).map { "a\($0): &a\($0) [" + String(repeating: "*a\($0 - 1),", count: 9) + "*a\($0 - 1)]" }
        return "a0: &a0 [x,x]\n" + lines.joined(separator: "\n") + "\nclusters: *a9\n"
    }

    private func escaped(_ good: String) -> String {
        let lines = good.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.hasPrefix("current-context:") ? "current-context: \"\\e[2J\"" : String($0) }
            .joined(separator: "\n")
    }

    @Test func `files that cannot be read`() async throws {
        try await inSandbox { sandbox, plugin in
            let secret = "\(plugin.folder)/not-mine"
            try Data(try good(sandbox).utf8).write(to: URL(fileURLWithPath: secret))
            chmod(secret, 0)
            let bound = plugin.bound()
            BadInput.good("the launcher does no harm").expect(try await bound.harmless())
            for (file, says) in [
                (secret, "permission was denied"), ("/nowhere", "it does not exist"), ("/tmp", "not a regular file"),
                ("/dev/null", "no cluster is configured"), (String(repeating: "x", count: 5000), "could not read"),
                ("\u{1B}[1m", "\\u{1b}[1m"),
            ] {
                BadInput("--kubeconfig \(file.prefix(30))", 3, "kubeconfig", says)
                    .expect(try await bound.harmless(["--kubeconfig", file]))
            }
            try await expectUntouched(sandbox)
        }
    }

    @Test func `API servers that are not there`() async throws {
        try await inSandbox { sandbox, plugin in
            let silent = try Silence()
            let quick = ["--request-timeout", "1s"]
            for (server, says) in [
                ("https://127.0.0.1:9", "no connection could be made"),
                ("https://nowhere.invalid", "could not be resolved"),
                ("https://127.0.0.1:\(silent.port)", "no answer came in time"),
                ("https://127.0.0.1:99999", "not a valid URL"), ("https://[::1", "not a valid URL"),
                (sandbox.variables["KMS_VAULT_SANDBOX_URL"] ?? "", "is not the AKS cluster"),
            ] {
                let isOther = says == "is not the AKS cluster"
                BadInput(server, 3, isOther ? "refused" : "api-server-unreachable", says)
                    .expect(try await plugin.harmless(["--server", server] + quick))
            }
            try await expectUntouched(sandbox)
        }
    }

    // MARK: Credential plugins

    private func exec(_ plugin: Plugin, _ sandbox: SandboxProcess, _ script: String?) throws -> Plugin {
        let file = "\(plugin.folder)/credential-\(UUID().uuidString.prefix(8))"
        if let script {
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: file))
            chmod(file, 0o755)
        }
        let config = try good(sandbox).split(separator: "\n", omittingEmptySubsequences: false).map {
            guard $0.contains("user: {token: ") else { return String($0) }
            return "  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: \(file), "
                + "interactiveMode: Never, installHint: \"get it \\e[5mhere\"}}"
        }
        return try self.plugin(plugin, reading: Data(config.joined(separator: "\n").utf8))
    }

    @Test func `credential plugins that give no credential`() async throws {
        try await inSandbox { sandbox, plugin in
            let answer = "{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", "
            let scripts: [(String, String?, String)] = [
                ("missing", nil, "is not installed"), ("failing", "exit 3", "failed with status 3"),
                ("killed", "kill -9 $$", "ended by signal 9"),
                ("garbage", "echo '%PDF-1.4'", "neither a JSON object nor"),
                ("bytes", "head -c 5000 /dev/urandom", "neither a JSON object nor"),
                ("silent", "true", "neither a JSON object nor"),
                ("100 MB", "head -c 100000000 /dev/zero", "did not run"),
                ("empty", "echo '\(answer)\"status\": {}}'", "neither a token nor a certificate"),
                ("mistyped", "echo '\(answer)\"status\": {\"token\": 5}}'", "not strings"),
                (
                    "a header in a token", "printf '%s' '\(answer)\"status\": {\"token\": \"a\\nX: y\"}}'",
                    "control characters"
                ),
            ]
            for (what, script, says) in scripts {
                BadInput(what, 3, "kubernetes-credential", says)
                    .expect(try await exec(plugin, sandbox, script).harmless())
            }
            let token = try #require(try good(sandbox).firstMatch(of: /token: ([^}]+)/)?.1)
            let fine = "echo '\(answer)\"status\": {\"token\": \"\(token)\"}}'"
            BadInput.good("a good one").expect(try await exec(plugin, sandbox, fine).harmless())
            try await expectUntouched(sandbox)
        }
    }

    @Test func `a credential plugin that hangs is ended with the program`() async throws {
        try await inSandbox { sandbox, plugin in
            let note = "\(plugin.folder)/hanging"
            let program = try exec(plugin, sandbox, "echo $$ > \(note)\nexec sleep 600")
                .start(["switch", "--private"] + plugin.target + ["--yes", "-o", "json"])
            var child: pid_t?
            try await eventually("the credential plugin runs") {
                child = (try? String(contentsOfFile: note, encoding: .utf8)).flatMap {
                    pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                return child != nil
            }
            program.signal(SIGINT)
            BadInput("a hanging one", 4, "interrupted", "SIGINT").expect(try await plugin.finish(program))
            let hanging = try #require(child)
            try await eventually("it has ended") { kill(hanging, 0) == -1 && errno == ESRCH }
            try await expectUntouched(sandbox)
        }
    }
}

/// A port that takes connections and never says a word.
final class Silence: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw RigError("no port could be listened on") }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
