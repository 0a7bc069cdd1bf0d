import ArgumentParser
import Foundation
import Testing

@testable import KubectlPlugin

@Suite
struct `Help` {
    private static let commands = [[]] + CommandTree.ofPlugin.commands.map { [$0.name] }.filter { $0 != ["help"] }

    @Test(arguments: commands)
    func `begins with examples, and fits 80 columns`(_ command: [String]) throws {
        let help = KubectlKMSVault.helpMessage(for: try type(command), columns: 80)
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines { #expect(line.count <= 80, "\(line)") }
        let examples = try #require(lines.firstIndex(of: "Examples:"), "\(help)")
        let usage = try #require(lines.firstIndex { $0.hasPrefix("USAGE: kubectl kms-vault") })
        #expect(examples < usage)
        #expect(lines[examples + 1].hasPrefix("  kubectl kms-vault \(command.joined())"))
    }

    @Test(arguments: commands)
    func `gives examples that the parser takes`(_ command: [String]) throws {
        let help = KubectlKMSVault.helpMessage(for: try type(command), columns: 80)
        let examples = help.split(separator: "\n").filter { $0.hasPrefix("  kubectl kms-vault ") }
        #expect(!examples.isEmpty)
        for example in examples {
            // In the root's help a second column says what the command is for.
            let column = example.firstRange(of: "      ").map { example[..<$0.lowerBound] } ?? example
            let words = column.prefix { !"|>".contains($0) }
                .replacing("--subscription ID", with: "--subscription 5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11")
            #expect(throws: Never.self, "\(words)") {
                try KubectlKMSVault.parseAsRoot(words.split(separator: " ").dropFirst(2).map(String.init))
            }
        }
    }

    private func type(_ command: [String]) throws -> any ParsableCommand.Type {
        guard let name = command.first else { return KubectlKMSVault.self }
        return try #require(
            KubectlKMSVault.configuration.subcommands.first { $0.configuration.commandName == name })
    }
}

@Suite
struct `A mistyped command line` {
    private func mistake(_ words: String...) -> String? { Mistake(in: words, .ofPlugin)?.description }

    @Test func `hears which command is nearest`() {
        #expect(mistake("swich", "--private") == "there is no command 'swich'; did you mean 'switch'?")
        #expect(mistake("makesafe")?.contains("'make-safe'") == true)
        #expect(mistake("stauts")?.contains("'status'") == true)
        #expect(mistake("rewrite")?.contains("did you mean") == false)
        #expect(mistake("xyzzy") == "there is no command 'xyzzy'; see kubectl kms-vault --help")
        #expect(mistake(String(repeating: "a", count: 100_000)) != nil)
    }

    @Test func `hears that flags come after the command, without their values`() {
        #expect(
            mistake("--context", "prod", "status", "--token=abc")
                == "flags come after the command: kubectl kms-vault status --context … --token=…")
        // A value that reads as a command is not suggested as one.
        #expect(mistake("--context", "resume", "status")?.contains("kubectl kms-vault status") == true)
        #expect(
            mistake("--yes", "switch", "status")
                == "flags come after the command: kubectl kms-vault <command> [flags]")
        #expect(mistake("--context", "resume") == nil)
    }

    @Test func `is left to the parser where it begins with a command`() {
        #expect(mistake() == nil && mistake("status", "--contxt") == nil && mistake("help", "switch") == nil)
        #expect(mistake("--help") == nil && mistake("--version") == nil && mistake("-h") == nil)
        #expect(mistake("--bogus") == nil)
    }

    @Test(arguments: [
        ("--contxt", "--context"), ("--resource-grp=g", "--resource-group"),
        ("--certificate-autority", "--certificate-authority"),
    ])
    func `hears which flag is nearest, of all that there are`(_ typed: String, _ meant: String) {
        let error = #expect(throws: (any Error).self) {
            try KubectlWords.normalized(["status", typed, "x"], .ofPlugin)
        }
        #expect(error.map { KubectlKMSVault.message(for: $0) }?.contains("Did you mean '\(meant)'?") == true)
    }
}
