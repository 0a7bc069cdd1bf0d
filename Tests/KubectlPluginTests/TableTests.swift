import ArgumentParser
import Console
import JSON
import ModeSwitch
import Preflight
import SecretRewrite
import Testing
import Usage

@testable import KubectlPlugin

@Suite
struct `The tables of commands and options` {
    private static let commands = CommandTree.ofPlugin.commands.filter { $0.name != "help" }

    @Test func `name the parser's commands with their help`() {
        #expect(Self.commands.map(\.name) == CommandName.allCases.map(\.rawValue))
        #expect(Self.commands.map(\.help) == CommandName.allCases.map(\.entry.summary))
    }

    @Test(arguments: CommandName.allCases)
    func `name the options that the parser takes`(_ command: CommandName) throws {
        let known = Set(command.entry.options.map { Shown($0) })
        let parsed = try #require(CommandTree.ofPlugin.command(command.rawValue)).options
            .filter { !$0.names.contains("--help") && !$0.names.contains("--version") }.map { Shown($0) }
        #expect(Set(parsed) == known, "\(Set(parsed).symmetricDifference(known))")
        #expect(parsed.count == command.entry.options.count)
    }

    @Test func `have the default values that the parser shows`() throws {
        let tree = try JSONValue(parsing: Array(KubectlKMSVault._dumpHelp().utf8))
        let commands = tree[path: "command", "subcommands"]?.array ?? []
        var count = 0
        for command in commands {
            guard let entry = command["commandName"]?.string.flatMap(CommandName.init(rawValue:))?.entry else {
                continue
            }
            for option in entry.options {
                let shown = command["arguments"]?.array?.first { argument in
                    argument["names"]?.array?.contains { $0["name"]?.string == option.name } == true
                }
                #expect(shown?["defaultValue"]?.string == option.defaultValue, "\(option.name)")
                count += 1
            }
        }
        #expect(count > 200)
    }

    @Test func `offer the values that are taken`() {
        #expect(OptionEntry.acceptFailures.value == .choice(FailureClass.acceptable.map(\.rawValue).sorted()))
        #expect(OptionEntry.onFailure.value == .choice(Intent.OnFailure.allCases.map(\.rawValue)))
        #expect(OptionEntry.output.value == .choice(OutputFormat.allCases.map(\.rawValue)))
        #expect(OptionEntry.rightsOf.value == .choice(RightsUse.allCases.map(\.rawValue)))
        #expect(OptionEntry.passDryRun.value == .choice([DryRunMode.none, .server].map(\.rawValue)))
    }
}

/// What a table and the parser both say of an option.
private struct Shown: Hashable {
    let names: Set<String>
    let takesValue: Bool
    let repeats: Bool
    let help: String

    init(_ entry: OptionEntry) {
        names = Set(entry.spellings)
        takesValue = entry.value != .flag
        repeats = entry.repeats
        help = entry.help
    }

    init(_ argument: CommandTree.Argument) {
        names = Set(argument.names)
        takesValue = argument.takesValue
        repeats = argument.repeats
        help = argument.help
    }
}
