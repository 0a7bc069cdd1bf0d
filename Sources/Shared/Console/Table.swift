import Text

/// Rows under titles, aligned by the width that a terminal gives each character.
package struct Table: Sendable, Hashable {
    package var titles: [String]
    package var rows: [[String]]
    /// The column whose texts are broken between words to fit a terminal; ids and names stand in others.
    package var flexible: Int?
    /// The columns that a narrow terminal does without, the first one first.
    package var optional: [Int]

    package init(_ titles: [String], rows: [[String]], flexible: Int? = nil, optional: [Int] = []) {
        self.titles = titles
        self.rows = rows
        self.flexible = flexible
        self.optional = optional
    }

    /// The columns that a text to be broken gets at least.
    private static let narrowest = 24

    /// The table's lines without trailing blanks; `width` in columns, nil for as wide as it needs to be. Nothing is
    /// cut: what cannot be broken is wider than the terminal.
    package func lines(width: Int?) -> [String] {
        let columns = max(titles.count, rows.map(\.count).max() ?? 0)
        guard columns > 0 else { return [] }
        let cells = ([titles] + rows).map { row in
            (0..<columns).map { $0 < row.count ? row[$0].printable(limit: 4096) : "" }
        }
        let widths = (0..<columns).map { column in cells.map { displayWidth($0[column]) }.max() ?? 0 }
        let layout = Layout(of: self, widths, in: width)
        return cells.flatMap { row in
            let parts = layout.columns.map { $0 == flexible ? wrapped(row[$0], to: layout.flexible) : [row[$0]] }
            return (0..<(parts.map(\.count).max() ?? 0)).map { line in
                let texts = zip(parts, layout.columns).map { part, column in
                    let text = line < part.count ? part[line] : ""
                    let room = column == flexible ? layout.flexible : widths[column]
                    return text + String(repeating: " ", count: max(0, room - displayWidth(text)))
                }
                return texts.joined(separator: layout.gap).trimmedAtEnd
            }
        }
    }

    /// What is shown, and how wide the flexible column becomes.
    private struct Layout {
        var columns: [Int]
        var gap = "   "
        var flexible: Int

        init(of table: Table, _ widths: [Int], in width: Int?) {
            columns = Array(widths.indices)
            flexible = table.flexible.flatMap { $0 < widths.count ? widths[$0] : nil } ?? 0
            guard let width, needed(widths) > width else { return }
            gap = "  "
            for column in table.optional where needed(widths, flexible: table) > width {
                columns.removeAll { $0 == column }
            }
            let excess = needed(widths) - width
            if excess > 0 { flexible = max(min(flexible, Table.narrowest), flexible - excess) }
        }

        /// - Parameter table: whose flexible column counts with the least that it can have.
        private func needed(_ widths: [Int], flexible table: Table? = nil) -> Int {
            let texts = columns.map { $0 == table?.flexible ? min(widths[$0], Table.narrowest) : widths[$0] }
            return texts.reduce(0, +) + gap.count * (columns.count - 1)
        }
    }
}

/// The text in lines of at most `width` columns, broken between words; a longer word has a line of its own.
func wrapped(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        let line = lines[lines.count - 1]
        if line.isEmpty {
            lines[lines.count - 1] = String(word)
        } else if displayWidth(line) + 1 + displayWidth(String(word)) <= width {
            lines[lines.count - 1] += " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines
}

/// The lines of a text, broken between words to fit a terminal; those with a command in them stay whole, to be copied.
package func folded(_ text: String, to width: Int?) -> String {
    guard let width else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
        let line = String(line)
        let isCommand = line.hasPrefix(" ") || line.contains("kubectl ") || line.contains("az ")
        return isCommand || displayWidth(line) <= width ? [line] : wrapped(line, to: width)
    }.joined(separator: "\n")
}

extension String {
    /// Without blanks at its end.
    var trimmedAtEnd: String {
        var line = self[...]
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }
}

/// The columns that a text takes in a terminal: two for East Asian wide characters and emoji, none for combining marks.
package func displayWidth(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
}

private func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        return 2
    default: return 1
    }
}

/// The text, or as much of it as fits with an ellipsis.
package func cut(_ text: String, to width: Int, ellipsis: String = "...") -> String {
    guard displayWidth(text) > width else { return text }
    let ellipsis = displayWidth(ellipsis) <= width ? ellipsis : ""
    var result = ""
    var used = displayWidth(ellipsis)
    for character in text {
        used += displayWidth(String(character))
        if used > width { break }
        result.append(character)
    }
    return result + ellipsis
}
