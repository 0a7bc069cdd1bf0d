import HTTP
import JSON
import SystemRig
import Testing

/// Ctrl-C on a terminal, at ten moments: it is heard at once, and the exit code says what it left.
@Suite(.needsSandbox)
struct `Ctrl-C` {
    private func press(_ plugin: Plugin, _ command: [String], _ answers: [String]) async throws -> Plugin.Result {
        var there = plugin
        there.environment["TERM"] = "xterm-256color"
        let words = answers.indices.filter { $0 % 2 == 0 }.flatMap { place in
            (place == 0 ? [] : ["--then"]) + [answers[place], answers[place + 1]]
        }
        there.launcher = ["/usr/bin/env", "python3", Rig.root + "/Tests/EndToEndTests/terminal.py"] + words
        let result = try await there.run(command + plugin.target)
        let word = result.errors.split(separator: "\n").first { $0.hasPrefix("acknowledged after ") }
        #expect(word != nil, "\(command): \(result.testDescription)")
        // How fast is for a person to read: no test fails for a busy machine.
        print("Ctrl-C: \(command[0]), \(answers[answers.count - 2]): \(word ?? "")")
        return result
    }

    @Test(arguments: [["status"], ["history"], ["report"], ["verify"], ["preflight", "--private"]])
    func `ends a command that only reads`(_ command: [String]) async throws {
        try await inSandbox { sandbox, plugin in
            let slow: JSONValue = .object([
                "action": .object(["delay": .object(["seconds": 120])]),
                "verbs": .array(["get", "list", "create", "patch"]),
            ])
            try await sandbox.control(.post, "cluster/faults", slow)
            let result = try await press(plugin, command, ["after 5", "\u{3}"])
            #expect(result.exitCode == 4, "\(result.testDescription)")
            #expect(Screen(result.output).text.contains("interrupted (SIGINT)"), "\(result.testDescription)")
        }
    }

    @Test func `is heard while requests are still under way`() async throws {
        try await inSandbox { sandbox, plugin in
            let slow: JSONValue = .object([
                "action": .object(["delay": .object(["seconds": 5])]), "verbs": ["patch"], "resource": "secrets",
                "namespace": "team-1",
            ])
            try await sandbox.control(.post, "cluster/faults", slow)
            let result = try await press(
                plugin, ["switch", "--private"],
                ["Type yes", "yes", "Rewriting Secrets (now plaintext)", "-", "after 2", "\u{3}"])
            #expect(result.exitCode == 6, "\(result.testDescription)")
            #expect(Screen(result.output).text.contains("Ctrl-C again leaves at once"), "\(result.testDescription)")
        }
    }

    @Test(arguments: [
        ("Turning KMS off", Int32(6)), ("Rewriting Secrets (now plaintext)", 6), ("Turning KMS on", 6),
        ("Verifying every Secret", 6), ("Watching that Secrets can still be written", 4),
    ])
    func `is heard in every step of a run`(_ step: String, _ exitCode: Int32) async throws {
        try await inSandbox { sandbox, plugin in
            let result = try await press(
                plugin, ["switch", "--private", "--soak", "1000"], ["Type yes", "yes", step, "\u{3}"])
            // What the moment leaves is decided by the requests that were under way.
            #expect(result.exitCode == exitCode || result.exitCode == 4, "\(step): \(result.testDescription)")
            let text = Screen(result.output).text
            // A run that ends at once has no need to say that it heard.
            #expect(text.contains("Ctrl-C again leaves at once") || text.contains("SIGINT"), "\(step): \(text)")
            let state = try await sandbox.state()
            #expect(state.plaintext == 0 || result.exitCode == 6, "\(step): \(result.testDescription)")
            #expect(text.contains("kubectl kms-vault resume"), "\(step): \(text)")
        }
    }
}
