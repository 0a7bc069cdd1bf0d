import Foundation
import JSON
import Journal
import SystemRig
import Testing

/// Whoever may write ConfigMaps in kube-system writes what no run writes.
@Suite(.needsSandbox)
struct `Absurd records` {
    /// Changes of a real record, each with a name.
    private static func absurd(_ record: String) -> [(what: String, text: String)] {
        func replaced(_ pattern: String, _ text: String) -> String {
            record.replacingOccurrences(of: pattern, with: text, options: .regularExpression)
        }
        func with(_ member: String, _ number: String) -> String {
            replaced("\"\(member)\":[0-9.]+", "\"\(member)\":\(number)")
        }
        func naming(_ member: String, _ text: String) -> String {
            replaced("\"\(member)\":\"[^\"]*\"", "\"\(member)\":\"\(text)\"")
        }
        let many = Array(repeating: "$1", count: 1_500).joined(separator: ",")
        return [
            ("nothing", ""), ("no JSON", "}{\u{1b}[2J"), ("an empty object", "{}"), ("a list", "[1, 2]"),
            ("depth", String(repeating: "[", count: 200_000)),
            ("the largest sequence", with("sequence", "9223372036854775807")),
            ("a sequence beyond it", with("sequence", "9223372036854775808")),
            ("a negative place", with("attemptsFrom", "-1")),
            ("a place far off", with("vaultAttemptsFrom", "4611686018427387904")),
            ("a version to come", with("version", "9223372036854775807")),
            ("a negative version", with("version", "-1")),
            ("a watch without an end", with("soakSeconds", "1e308")),
            ("a time without an end", with("sentAt", "1e400")),
            ("1,500 changes", replaced(#""changes":\[([^\[\]]*)\]"#, "\"changes\":[\(many)]")),
            ("a long run", naming("runID", String(repeating: "A", count: 900_000))),
            ("a run that drives terminals", naming("runID", #"\\u001b[2J\\r\\nrun-1 is done\\u0007"#)),
            ("a key that drives terminals", naming("keyID", #"https://kv.vault.azure.net/keys/k/\\u001b]0;x\\u0007"#)),
        ]
    }

    @Test func `end no command, are believed by none, and leave this machine's record as it is`() async throws {
        var options = SandboxOptions()
        options.longestLife = 1200
        try await inSandbox(options) { sandbox, plugin in
            try await plugin.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            let real = String(decoding: try await attacker.record().bytes(), as: UTF8.self)
            let journal = try #require(plugin.journalFile)
            let mine = try Data(contentsOf: URL(fileURLWithPath: journal))
            let other = plugin.machine("other")
            for (what, text) in Self.absurd(real) {
                #expect(text != real, "\(what)")
                try await attacker.plant(text)
                for machine in [plugin, other] {
                    let status = try await machine.status()
                    expectTold(status, [0])
                    #expect(status.secretsAtRest != "encrypted", "\(what): \(status.testDescription)")
                }
                let resumed = try await other.change("resume")
                expectTold(resumed, [3, 6])
                #expect(try Data(contentsOf: URL(fileURLWithPath: journal)) == mine, "\(what)")
            }
            #expect(try await sandbox.state().operations.count == 1)
            expectPrivate(try await plugin.change("resume", "--soak", "60"), try await sandbox.state(), sandbox)
        }
    }

    @Test(arguments: ["the largest sequence", "depth", "a run that drives terminals", "1,500 changes"])
    func `keep no make-safe from its way`(_ what: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await plugin.killed(at: "arm-put-answered#1")
            try await sandbox.idle()
            let attacker = try await Attacker.writesConfigMaps(sandbox, plugin)
            let real = String(decoding: try await attacker.record().bytes(), as: UTF8.self)
            try await attacker.plant(try #require(Self.absurd(real).first { $0.what == what }).text)
            let other = plugin.machine("other")
            // Azure shows no key while KMS is off: the person names it, and the record is not asked.
            expectTold(try await other.change("make-safe"), [6])
            let safe = try await other.change("make-safe", "--key-id", sandbox.keyID)
            #expect(safe.exitCode == 0, "\(safe.testDescription)")
            #expect(safe.secretsAtRest == "encrypted", "\(safe.testDescription)")
            let state = try await sandbox.state()
            expectPublicMode(state, sandbox)
            expectStoredEncrypted(state, by: sandbox.keyID, sandbox)
        }
    }
}
