import HTTP
import JSON
import SystemRig
import Testing

/// What a person sees at the moments at which they look: on a terminal of 80 columns and 24 rows, with and without
/// colour. What is wider than the terminal is a command or an id, which must stay whole to be copied.
@Suite(.needsSandbox)
struct `The moments of a run` {
    /// A command on such a terminal, which gets these answers to these questions.
    private func show(
        _ plugin: Plugin, _ command: [String], color: Bool, _ answers: [(String, String)] = [("\u{0}", "-")]
    ) async throws -> (Screen, Plugin.Result) {
        var there = plugin
        there.environment["TERM"] = "xterm-256color"
        there.environment["LANG"] = "C.UTF-8"
        there.environment["NO_COLOR"] = color ? nil : "1"
        let words = answers.enumerated().flatMap { ($0.offset == 0 ? [] : ["--then"]) + [$0.element.0, $0.element.1] }
        there.launcher = ["/usr/bin/env", "python3", Rig.root + "/Tests/EndToEndTests/terminal.py"] + words
        let result = try await there.run(command + plugin.target)
        let screen = Screen(result.output)
        #expect(color || !screen.hasColor, "\(command)")
        for line in screen.lines where line.count > 80 {
            let isWhole = ["kubectl ", "az ", "/subscriptions/", "https://", "sha256:"].contains { line.contains($0) }
            #expect(isWhole || !line.contains(" "), "wider than the terminal: \(line)")
        }
        return (screen, result)
    }

    private let no = [("Type yes", "no")]

    @Test(arguments: [true, false])
    func `before and after a switch`(_ color: Bool) async throws {
        try await inSandbox { sandbox, plugin in
            // 1. A dry run: the steps in one table, their time, which of them leave plaintext, and the sum.
            var (screen, result) = try await show(plugin, ["switch", "--private", "--dry-run"], color: color)
            #expect(result.exitCode == 0)
            let titles = try #require(screen.lines.firstIndex { $0.hasPrefix("STEP") })
            #expect(screen.lines[titles].split(separator: " ") == ["STEP", "TIME", "SECRETS", "WHAT"])
            #expect(screen.lines[titles + 2].contains("plaintext  Turn KMS off"), "\(screen.lines[titles + 2])")
            #expect(screen.lines.contains { $0.hasSuffix("in all") })
            #expect(screen.lines.contains { $0.hasPrefix("Plan:") && $0.contains("--plan-id ") })

            // 2. The prompt: what, how long, how long exposed, the way out; a no changes nothing.
            (screen, result) = try await show(plugin, ["switch", "--private"], color: color, no)
            #expect(result.exitCode == 3)
            let prompt = screen.visible
            #expect(prompt.contains { $0.hasPrefix("Cluster ") && $0.contains("KMS Public -> Private") })
            #expect(prompt.contains { $0.hasPrefix("It takes about ") })
            #expect(prompt.contains { $0.hasPrefix("Exposure window: about ") })
            #expect(prompt.contains { $0.hasPrefix("If it is interrupted: kubectl kms-vault resume") })
            #expect(prompt.last == "Nothing was changed.")

            // 3. Progress stays readable after the run; 4. its last line is the verdict.
            (screen, result) = try await show(
                plugin, ["switch", "--private", "--soak", "60"], color: color, [("Type yes", "yes")])
            #expect(result.exitCode == 0, "\(screen.lines)")
            #expect(screen.lines.contains { $0.hasPrefix("✓ Turning KMS off  ") }, "\(screen.lines)")
            // With the report's path and its digest it takes some lines.
            #expect(screen.lines.suffix(5).contains { $0.hasPrefix("Done: KMS is Private.") }, "\(screen.visible)")
            #expect(screen.visible.suffix(10).contains { $0.contains("resume") } == false)

            // 5. verify right after it, 6. make-safe on a cluster that is sound.
            (screen, result) = try await show(plugin, ["verify"], color: color)
            #expect(screen.visible.contains { $0.hasPrefix("Verdict:") }, "\(screen.visible)")
            (screen, result) = try await show(plugin, ["make-safe"], color: color, no)
            #expect(screen.visible.contains { $0.hasPrefix("KMS is on: nothing has to be turned on.") })
        }
    }

    @Test(arguments: [true, false])
    func `of a run that is interrupted`(_ color: Bool) async throws {
        try await inSandbox { sandbox, plugin in
            // 7. Ctrl-C while Secrets are plaintext: heard at once, and the end says what they are.
            var (screen, result) = try await show(
                plugin, ["switch", "--private", "--soak", "60"], color: color,
                [("Type yes", "yes"), ("Rewriting Secrets (now plaintext)", "\u{3}")])
            #expect(result.exitCode == 6, "\(screen.visible)")
            #expect(screen.text.contains("Ctrl-C again leaves at once") || screen.text.contains("SIGINT"))
            #expect(result.errors.contains("acknowledged after "))
            #expect(screen.hasColor == color)
            #expect(screen.visible.contains { $0.contains("PLAINTEXT") }, "\(screen.visible)")
            #expect(screen.visible.contains { $0.contains("kubectl kms-vault resume") }, "\(screen.visible)")

            // 8. The plan of resume marks what is done, and says since when Secrets are exposed.
            (screen, result) = try await show(plugin, ["resume"], color: color, no)
            #expect(result.exitCode == 3 || result.exitCode == 6, "\(result.testDescription)")
            #expect(screen.visible.contains { $0.hasSuffix("Turn KMS off (done)") }, "\(screen.visible)")
            #expect(screen.visible.contains { $0.hasPrefix("Secrets are exposed since ") }, "\(screen.visible)")

            // 9. While a colleague's run goes on, status says whose and where, and does not advise to resume it.
            try await sandbox.fault("operation-stuck", at: "enable-accepted")
            let other = try plugin.startChange("resume", "--soak", "60")
            try await eventually("KMS is being turned on") { try await sandbox.state().operations.count == 2 }
            (screen, result) = try await show(plugin.machine("other"), ["status"], color: color)
            #expect(screen.visible.contains { $0.contains("step ") && $0.contains(" of ") }, "\(screen.visible)")
            #expect(!screen.visible.contains { $0.contains("kms-vault resume") }, "\(screen.visible)")
            try await sandbox.endFaults()
            #expect(try await plugin.finish(other).exitCode == 0)
        }
    }

    @Test func `of a run that Azure refuses`() async throws {
        try await inSandbox { sandbox, plugin in
            // 10. Azure's refusal: Azure's words once, what state that leaves, and what to do.
            try await sandbox.fault("cluster-policy-denies")
            let (screen, result) = try await show(
                plugin, ["switch", "--private"], color: true, [("Type yes", "yes")])
            #expect(result.exitCode != 0)
            #expect(screen.visible.contains { $0.hasPrefix("error: ") }, "\(screen.visible)")
            #expect(screen.text.contains("correlation id "), "\(screen.visible)")
            #expect(screen.visible.filter { $0.contains("RequestDisallowedByPolicy") }.count <= 1, "\(screen.visible)")
        }
    }
}
