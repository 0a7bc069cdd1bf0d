import Text

/// A command that a person can paste into a shell, whatever the names in it contain.
///
/// Only literals of this program stand unquoted; each value that came from a server, a file or a flag is one shell
/// word. A command of this program has the form of the front end that shows it.
package struct ShellCommand: Sendable, Hashable {
    private enum Words: Sendable, Hashable {
        case literal(String)
        case own(ToolCommand)
    }

    private let words: Words

    /// `verb` and the option names are literals; values that begin with a dash are joined to their option with `=`
    /// and operands that do are set off with `--`, so that neither can be taken for an option.
    package init(_ verb: StaticString, operands: [String] = [], _ options: KeyValuePairs<StaticString, String> = [:]) {
        var words = ["\(verb)"]
        for (name, value) in options { words.append(Self.option("\(name)", value)) }
        if operands.contains(where: { $0.hasPrefix("-") }) { words.append("--") }
        words += operands.map(Self.quoted)
        self.words = .literal(words.joined(separator: " "))
    }

    /// A command of this program for one cluster.
    package static func own(
        _ command: CommandName, in cluster: ToolCommand.Cluster?, _ arguments: [ToolCommand.Argument]
    ) -> ShellCommand {
        ShellCommand(ToolCommand(command: command, cluster: cluster, arguments: arguments))
    }

    /// A command of this program for the cluster that the person's own command line has named.
    package static func own(_ command: CommandName, _ arguments: ToolCommand.Argument...) -> ShellCommand {
        own(command, in: nil, arguments)
    }

    private init(_ command: ToolCommand) { words = .own(command) }

    /// This command with one argument more; a command of others is left as it is.
    package func adding(_ argument: ToolCommand.Argument) -> ShellCommand {
        guard case .own(var command) = words else { return self }
        command.arguments.append(argument)
        return ShellCommand(command)
    }

    /// The command as one line for a POSIX shell.
    package func line(for style: CommandStyle) -> String {
        switch words {
        case .literal(let line): line
        case .own(let command): command.line(for: style)
        }
    }

    static func option(_ name: String, _ value: String) -> String {
        "\(name)\(value.hasPrefix("-") ? "=" : " ")\(quoted(value))"
    }

    /// A value as one word of a POSIX shell; what is unsafe to show, which no name of Azure or Kubernetes has, becomes
    /// `?`: not every shell leaves a backslash between quotes alone.
    package static func quoted(_ value: String) -> String {
        let clean = String(String.UnicodeScalarView(value.unicodeScalars.map { $0.isUnsafeToShow ? "?" : $0 }))
        let plain = clean.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"): true
            default: false
            }
        }
        if plain, !clean.isEmpty { return clean }
        return "'" + clean.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

/// A command as it is typed, with values in it: each is quoted.
extension ShellCommand: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var line = ""

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { line += literal }

        /// Words that need no quotes.
        package mutating func appendInterpolation(literal: StaticString) { line += "\(literal)" }

        package mutating func appendInterpolation(_ value: String) {
            // Joined to its option, a value that begins with a dash cannot be taken for one.
            if value.hasPrefix("-"), line.split(separator: " ").last?.hasPrefix("--") == true, line.last == " " {
                line.removeLast()
                line += "="
            }
            line += ShellCommand.quoted(value)
        }
    }

    package init(stringLiteral line: String) { words = .literal(line) }

    package init(stringInterpolation interpolation: StringInterpolation) { words = .literal(interpolation.line) }
}

extension ShellCommand: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(line(for: encoder.commandStyle))
    }
}
