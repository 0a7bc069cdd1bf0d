/// What stands on a terminal after a program wrote to it: the lines that scrolled away too.
///
/// It knows what this project's programs write: line breaks, carriage returns, colours, "up N lines" and "clear from
/// here" (ECMA-48 8.3.26 CPL, 8.3.39 ED, 8.3.117 SGR).
package struct Screen: Sendable {
    package private(set) var lines: [String] = [""]
    /// Whether anything was in colour.
    package private(set) var hasColor = false
    private var row = 0

    package init(_ written: String) {
        var rest = Substring(written).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\n":
                row += 1
                if row == lines.count { lines.append("") }
                lines[row] = ""
            case "\r": continue
            case "\u{1B}":
                guard rest.popFirst() == "[" else { continue }
                let parameters = rest.prefix { $0.value < 0x40 }
                rest = rest.dropFirst(parameters.count)
                control(rest.popFirst(), Int(String(String.UnicodeScalarView(parameters))) ?? 1)
            default: lines[row].unicodeScalars.append(scalar)
            }
        }
        while lines.last == "" { lines.removeLast() }
    }

    private mutating func control(_ final: Unicode.Scalar?, _ count: Int) {
        switch final {
        case "F":
            row = max(0, row - count)
            lines[row] = ""
        case "J": lines.removeSubrange((row + 1)...)
        case "m": hasColor = true
        default: break
        }
    }

    /// The lines as one text, whatever the width was.
    package var text: String { lines.joined(separator: " ") }

    /// The last lines, as many as a small terminal shows.
    package var visible: [String] { Array(lines.suffix(24)) }
}
