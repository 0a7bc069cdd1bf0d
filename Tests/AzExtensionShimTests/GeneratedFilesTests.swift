import Foundation
import ModeSwitch
import Testing
import Usage

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// docs/commands.md: every command, option and exit code, as the tables have them.
private func documentation() -> String {
    var lines = [
        "# Commands, options and exit codes", "",
        "What `kubectl kms-vault` and `az aks kms-vault-mode` take. `COMMAND --help` shows the same with examples.", "",
        "This file is generated; a test keeps it true (`UPDATE_DOCS=1 swift test --filter GeneratedFilesTests`).", "",
        "## Commands", "", "| kubectl kms-vault | az aks kms-vault-mode | |", "|---|---|---|",
    ]
    for command in CommandName.allCases {
        let az = command.entry.az.map { "`\($0.name)`" } ?? ""
        lines.append("| `\(command.rawValue)` | \(az) | \(command.entry.summary) |")
    }
    lines += [
        "", "## Options", "",
        "Lengths of time are seconds, or have units: `90s`, `10m`, `1h30m`. az has `--resource-group`, `--subscription`",
        "and `--output` for every command. \"Of a cluster\" are all commands that work on one cluster.", "",
        "| kubectl | az | commands | |", "|---|---|---|---|",
    ]
    var seen: Set<OptionEntry> = []
    let ofCluster = CommandName.allCases.filter(\.entry.takesCluster)
    let entries = CommandName.allCases.map(\.entry)
    for option in entries.flatMap({ $0.options + ($0.az?.options ?? []) }) where seen.insert(option).inserted {
        let isKubectls = entries.contains { $0.options.contains(option) }
        let kubectl = isKubectls ? option.spellings.reversed().map { "`\($0)`" }.joined(separator: ", ") : ""
        let az = option.az.map { "`--\($0.name)`" } ?? ""
        let commands = CommandName.allCases.filter {
            $0.entry.options.contains(option) || $0.entry.az?.options.contains(option) == true
        }
        let help = option.defaultValue.map { "\(option.help) Default: \($0)." } ?? option.help
        let takers =
            commands == ofCluster || commands == ofCluster.filter { $0.entry.az != nil }
            ? "of a cluster" : commands.map(\.rawValue).joined(separator: ", ")
        lines.append("| \(kubectl) | \(az) | \(takers) | \(help) |")
    }
    lines += ["", "## Exit codes", "", "| code | |", "|---|---|"]
    lines += ExitCode.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
    return lines.joined(separator: "\n") + "\n"
}

@Suite
struct `Generated files` {
    static var files: [String: String] {
        var files = ["docs/commands.md": documentation()]
        for (name, text) in PythonFiles.all { files["az-extension/azext_aks_kms_vault_mode/\(name)"] = text }
        return files
    }

    @Test(arguments: files.keys.sorted())
    func `are what the tables of commands and options say`(_ path: String) throws {
        let file = root.appendingPathComponent(path)
        let expected = try #require(Self.files[path])
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" { try Data(expected.utf8).write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == expected)
    }
}
