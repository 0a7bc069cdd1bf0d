import Foundation
import Glibc
import SystemRig
import Testing

/// The Tab key, in shells on terminals, and as kubectl asks.
@Suite(.needsSandbox)
struct `The Tab key` {
    enum Shell: String, CaseIterable, Sendable {
        case bash, zsh, fish

        var setup: String {
            self == .fish
                ? "kubectl-kms_vault completion fish | source" : "source <(kubectl-kms_vault completion \(rawValue))"
        }
    }

    @Test(arguments: Shell.allCases)
    func `completes commands, flags, contexts, namespaces and clusters`(_ shell: Shell) async throws {
        try #require(Rig.tool(shell.rawValue) != nil, "\(shell) is needed (script/install-packages)")
        try await inSandbox { sandbox, plugin in
            let context = try await plugin.kubectl(["config", "current-context"]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let file = sandbox.variables["KUBECONFIG"] ?? ""
            // Whoever names a context must not run a command.
            let hostile = "odd name;touch${IFS}\(sandbox.folder)/pwned"
            try #"{"contexts": [{"name": "\#(hostile)", "context": {}}, {"name": "back\\slash", "context": {}}]}"#
                .write(
                    toFile: sandbox.folder + "/hostile", atomically: true, encoding: .utf8)
            let theirs = "status --kubeconfig \(sandbox.folder)/hostile --context"
            // What is typed, and what it becomes.
            let lines = [
                ("swi", "switch"), ("switch --priv", "switch --private"),
                ("status --output=jsonl", "status --output=jsonl"),
                ("status --context=\(context.dropLast(2))", "status --context=\(context)"),
                ("rewrite-secrets -n kube-sys", "rewrite-secrets -n kube-system"),
                ("status -g rg-d", "status -g \(sandbox.resourceGroup)"),
                ("status --name de", "status --name \(sandbox.cluster)"),
                ("status --kubeconfig \(file.dropLast(3))", "status --kubeconfig \(file)"),
                ("status --kubeconfig=\(file.dropLast(3))", "status --kubeconfig=\(file)"),
                ("\(theirs) od", "\(theirs) \(hostile)"), ("\(theirs)=ba", "\(theirs)=back\\slash"),
            ]
            let program = try RunningProgram(
                "/usr/bin/env",
                ["python3", Rig.root + "/Tests/EndToEndTests/tab.py", shell.rawValue, shell.setup]
                    + lines.map { "kubectl-kms_vault " + $0.0 },
                environment: plugin.environment, folder: sandbox.folder)
            let result = try await plugin.finish(program)
            let shown = result.output.split(separator: "\n").filter { $0.hasPrefix("LINE=") }
                .map { $0.dropFirst("LINE=kubectl-kms_vault ".count).trimmingCharacters(in: .whitespaces) }
            #expect(shown == lines.map(\.1), "\(result.testDescription)")
            #expect(!FileManager.default.fileExists(atPath: sandbox.folder + "/pwned"))
        }
    }

    @Test func `has its answers under the name by which kubectl asks`() async throws {
        try await inSandbox { sandbox, plugin in
            let made = try await plugin.run(["completion", "install"])
            #expect(made.exitCode == 0 && made.output.contains("made "), "\(made.testDescription)")
            #expect(try await plugin.run(["completion", "install"]).output.contains("is there already"))
            let link = (Rig.installed ?? sandbox.folder + "/bin") + "/kubectl_complete-kms_vault"
            let asked = try await plugin.finish(
                try RunningProgram(
                    link, ["status", "--name", ""], environment: plugin.environment, folder: sandbox.folder))
            #expect(asked.output == "\(sandbox.cluster)\t\(sandbox.resourceGroup)\n:4\n", "\(asked.testDescription)")
            // Servers that are not there take nothing but the answers away.
            var nobody = plugin
            nobody.environment["KUBECONFIG"] = "/nowhere"
            nobody.environment["AZURE_CONFIG_DIR"] = "/nowhere"
            for words in [["status", "--context", ""], ["status", "--name", ""], ["rewrite-secrets", "-n", ""]] {
                let none = try await nobody.finish(
                    try RunningProgram(link, words, environment: nobody.environment, folder: sandbox.folder))
                #expect(none.exitCode == 0 && none.all == ":4\n", "\(words) \(none.testDescription)")
            }
        }
    }

    @Test func `never hangs a shell on a kubeconfig that hangs, and leaves no core file`() async throws {
        try await inSandbox { sandbox, plugin in
            let pipe = sandbox.folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            var there = plugin
            there.environment["KUBECONFIG"] = pipe
            func ask() async throws -> RunningProgram {
                let link = (Rig.installed ?? sandbox.folder + "/bin") + "/kubectl-kms_vault"
                // Whoever runs it may leave core files.
                let program = try RunningProgram(
                    "/bin/bash",
                    [
                        "-c", #"ulimit -c unlimited; exec "$0" "$@""#, link, "__complete", "status", "--context", "",
                    ], environment: there.environment, folder: sandbox.folder)
                try await eventually("it may leave no core file") {
                    program.limits.contains { $0.hasPrefix("Max core file size        0 ") }
                }
                return program
            }
            let patient = try await ask()
            try await eventually(within: 20, "it has ended by itself") { patient.hasEnded }
            #expect(try await there.finish(patient).all == "")
            // Ctrl-C ends it at once.
            let impatient = try await ask()
            impatient.signal(SIGINT)
            #expect(try await impatient.result().exitCode == 128 + SIGINT)
        }
    }

    @Test(.enabled(if: kubectlAsksPlugins, "kubectl 1.26 or newer is needed; Debian 12 has 1.20"))
    func `is passed on by kubectl itself`() async throws {
        try await inSandbox { _, plugin in
            #expect(try await plugin.run(["completion", "install"]).exitCode == 0)
            let asked = try await plugin.kubectl(["__complete", "kms-vault", "swi"])
            #expect(asked.output.contains("switch"), "\(asked.testDescription)")
        }
    }

    /// kubectl asks plugins since 1.26 (kubernetes/kubernetes#105867).
    static let kubectlAsksPlugins: Bool = {
        guard let kubectl = Rig.kubectl else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: kubectl)
        process.arguments = ["version", "--client", "-o", "json"]
        let pipe = Pipe()
        process.standardOutput = pipe
        guard (try? process.run()) != nil else { return false }
        let answer = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: answer, as: UTF8.self)
        guard let minor = text.firstMatch(of: /"minor": "(\d+)/)?.output.1 else { return false }
        return (Int(minor) ?? 0) >= 26
    }()
}
