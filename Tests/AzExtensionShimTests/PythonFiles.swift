import ModeSwitch
import Usage

/// The files of the az extension that say which commands it has, with which options and which help: made from the
/// tables of commands and options.
enum PythonFiles {
    /// By their names in az-extension/azext_aks_kms_vault_mode.
    static var all: [String: String] {
        [
            "commands.py": commandTable, "custom.py": functions, "_params.py": arguments, "_help.py": help,
        ]
    }

    private static let commands = CommandName.allCases.compactMap(\.entry.az)
    private static let width = 120
    private static let rule = "# " + String(repeating: "-", count: 92)
    private static let head = """
        \(rule)
        # Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
        \(rule)
        # Generated from Sources/Shared/Usage by UPDATE_DOCS=1 swift test --filter GeneratedFilesTests. Do not edit.

        """

    private static var commandTable: String {
        let rows = commands.map { command in
            let register = command.name == "show" ? "custom_show_command" : "custom_command"
            return "        group.\(register)('\(command.name)', '\(function(command))', "
                + "table_transformer=_tables.\(command.table))"
        }
        return head + """
            \"""Which commands there are, and how each looks as a table.\"""

            from azext_aks_kms_vault_mode import _tables

            # Those that change a cluster.
            CHANGES = [\(commands.filter(\.changes).map { "'\($0.name)'" }.joined(separator: ", "))]


            def load_command_table(self, _):
                \"""The table of commands.\"""
                with self.command_group('aks kms-vault-mode') as group:
            \(rows.joined(separator: "\n"))

            """
    }

    private static func function(_ command: CommandEntry.Az) -> String {
        "run_" + command.name.replacing("-", with: "_")
    }

    /// az reads the arguments of a command from the function's signature.
    private static var functions: String {
        let all = CommandName.allCases.compactMap { name in name.entry.az.map { (name.entry, $0) } }.map { entry, az in
            let required = az.options.filter { $0.az?.isRequired == true || $0 == .name }.compactMap(\.az).map(python)
            let others = az.options.filter { $0.az?.isRequired == false && $0 != .name }
            let parameters =
                ["cmd"] + (entry.takesCluster ? ["resource_group_name"] : []) + required
                + others.compactMap { option in
                    option.az.map { "\(python($0))=\(option.value == .flag ? "False" : "None")" }
                }
            let start = "def \(function(az))("
            let indent = String(repeating: " ", count: start.count)
            let lines = wrapped(parameters.map { $0 + "," }, indent: indent, first: start)
            return lines.dropLast()
                + "):\n    \"\"\"\(az.summary)\"\"\"\n    return _run.run(cmd, '\(az.name)', locals())\n"
        }
        return head + """
            \"""The commands: each asks the shim, and none decides anything.\"""

            # pylint: disable=too-many-arguments,too-many-locals,too-many-positional-arguments,unused-argument

            from azext_aks_kms_vault_mode import _run



            """ + all.joined(separator: "\n\n")
    }

    private static var arguments: String {
        var seen: Set<OptionEntry> = []
        let options = commands.flatMap(\.options).filter { seen.insert($0).inserted }
        let rows = options.map { option -> String in
            let takers = commands.filter { $0.options.contains(option) }.map { "'\($0.name)'" }
            let end = "], '\(option.az.map(python) ?? "")', {"
            let names = wrapped(takers.map { $0 + "," }, indent: "      ", first: "    ([", less: end.count).dropLast()
            return names + end + "\n"
                + settings(option).map { "        \($0),\n" }.joined()
                + "    }),\n"
        }
        return head + """
            \"""The arguments of the commands. Whatever their values mean is checked by the shim, for every front end alike.\"""

            from azure.cli.core.commands.parameters import get_enum_type

            # Commands, the argument, and what az is to know of it.
            ARGUMENTS = [
            \(rows.joined())]


            def load_arguments(self, _):
                \"""Arguments by command.\"""
                for commands, name, settings in ARGUMENTS:
                    for command in commands:
                        with self.argument_context(f'aks kms-vault-mode {command}') as context:
                            context.argument(name, **settings)

            """
    }

    private static func settings(_ option: OptionEntry) -> [String] {
        guard let az = option.az else { return [] }
        var lines: [String] = []
        if !az.spellings.isEmpty {
            lines.append("'options_list': [\(az.spellings.map { "'\($0)'" }.joined(separator: ", "))]")
        }
        switch option.value {
        case .flag: lines.append("'action': 'store_true'")
        case .integer: lines.append("'type': int")
        case .number: lines.append("'type': float")
        case .choice(let values):
            lines.append("'arg_type': get_enum_type([\(values.map { "'\($0)'" }.joined(separator: ", "))])")
        case .text, .file, .folder, .duration: break
        }
        if option.repeats { lines.append("'nargs': '+'") }
        if let group = az.group { lines.append("'arg_group': '\(group)'") }
        return lines + ["'help': " + literal(az.help, indent: String(repeating: " ", count: 16))]
    }

    private static var help: String {
        var parts = [
            entry(
                "", "group", CommandEntry.azGroup.summary, details: CommandEntry.azGroup.details, examples: [])
        ]
        for name in CommandName.allCases {
            guard let az = name.entry.az else { continue }
            let place = name.entry.takesCluster ? " -g MyResourceGroup -n MyManagedCluster" : ""
            let examples = az.examples.map { example in
                // The mode first, as it tells one switch from another.
                let words = example.arguments.split(separator: " ").map(String.init)
                let mode = words.first == "--mode" ? words.prefix(2) : []
                let line = ["az aks kms-vault-mode \(az.name)"] + mode
                let rest = words.dropFirst(mode.count)
                return (
                    example.title,
                    line.joined(separator: " ") + place + (rest.isEmpty ? "" : " " + rest.joined(separator: " "))
                )
            }
            let codes = name == .switchMode ? ExitCode.sentence : nil
            let details = [az.details, codes].compactMap { $0 }.joined(separator: " ")
            parts.append(
                entry(
                    " " + az.name, "command", az.summary, details: details.isEmpty ? nil : details,
                    examples: examples))
        }
        return head + """
            \"""Help, with examples that parse.\"""

            from knack.help_files import helps

            \(parts.joined(separator: "\n"))
            """
    }

    private static func entry(
        _ name: String, _ type: String, _ summary: String, details: String?, examples: [(String, String)]
    ) -> String {
        var lines = ["helps['aks kms-vault-mode\(name)'] = \"\"\"", "type: \(type)", "short-summary: \(yaml(summary))"]
        if let details {
            let words = details.split(separator: " ").map(String.init)
            lines += ["long-summary: >", wrapped(words, indent: "    ", first: "    ")]
        }
        if !examples.isEmpty { lines.append("examples:") }
        for (title, command) in examples { lines += ["  - name: \(yaml(title))", "    text: \(command)"] }
        return lines.joined(separator: "\n") + "\n\"\"\"\n"
    }

    /// A text as one scalar of YAML.
    private static func yaml(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    private static func python(_ az: OptionEntry.Az) -> String { az.name.replacing("-", with: "_") }

    /// A string of Python, in pieces that fit the lines.
    private static func literal(_ text: String, indent: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        let lines = wrapped(escaped.split(separator: " ").map(String.init), indent: indent, first: indent, less: 4)
            .split(separator: "\n").map { $0.dropFirst(indent.count) }
        return lines.enumerated().map { "'\($1)\($0 == lines.count - 1 ? "" : " ")'" }
            .joined(separator: "\n" + indent)
    }

    /// Words in lines of at most the width.
    private static func wrapped(_ words: [String], indent: String, first: String, less: Int = 1) -> String {
        var lines = [first]
        var isFirst = true
        for word in words {
            let last = lines[lines.count - 1]
            if isFirst {
                lines[lines.count - 1] = last + word
            } else if last.count + 1 + word.count + less <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(indent + word)
            }
            isFirst = false
        }
        return lines.joined(separator: "\n")
    }
}
