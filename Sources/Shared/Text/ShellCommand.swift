/// A command that a person can paste into a shell, whatever the names in it contain.
///
/// Only literals of this program stand unquoted; each value that came from a server, a file or a flag is one shell
/// word.
package struct ShellCommand: Sendable, Hashable {
    /// The command as one line for a POSIX shell.
    package let line: String

    /// `verb` and the option names are literals; values that begin with a dash are joined to their option with `=`
    /// and operands that do are set off with `--`, so that neither can be taken for an option.
    package init(_ verb: StaticString, operands: [String] = [], _ options: KeyValuePairs<StaticString, String> = [:]) {
        var words = ["\(verb)"]
        for (name, value) in options {
            let joint = value.hasPrefix("-") ? "=" : " "
            words.append("\(name)\(joint)\(Self.quoted(value))")
        }
        if operands.contains(where: { $0.hasPrefix("-") }) { words.append("--") }
        words += operands.map(Self.quoted)
        line = words.joined(separator: " ")
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
