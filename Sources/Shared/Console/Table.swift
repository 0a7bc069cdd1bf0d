import Text

/// Rows under titles, aligned by the width that a terminal gives each character.
package struct Table: Sendable, Hashable {
    package var titles: [String]
    package var rows: [[String]]
    /// The column that may be cut to fit a terminal; ids and names stand in others and are never cut.
    package var flexible: Int?

    package init(_ titles: [String], rows: [[String]], flexible: Int? = nil) {
        self.titles = titles
        self.rows = rows
        self.flexible = flexible
    }

    /// The table's lines without trailing blanks; `width` in columns, nil for as wide as it needs to be.
    package func lines(width: Int?) -> [String] {
        let columns = max(titles.count, rows.map(\.count).max() ?? 0)
        guard columns > 0 else { return [] }
        var cells = ([titles] + rows).map { row in
            (0..<columns).map { $0 < row.count ? row[$0].printable(limit: 4096) : "" }
        }
        var widths = (0..<columns).map { column in cells.map { displayWidth($0[column]) }.max() ?? 0 }
        let needed = widths.reduce(0, +) + 3 * (columns - 1)
        if let width, let flexible, flexible < columns, needed > width {
            widths[flexible] = max(16, widths[flexible] - (needed - width))
            for row in cells.indices { cells[row][flexible] = cut(cells[row][flexible], to: widths[flexible]) }
        }
        return cells.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - displayWidth($0))) }
            return withoutTrailingBlanks(padded.joined(separator: "   "))
        }
    }
}

private func withoutTrailingBlanks(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line = line.dropLast() }
    return String(line)
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
package func cut(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    var result = ""
    var used = 0
    for character in text {
        let more = displayWidth(String(character))
        if used + more > width - 1 { break }
        result.append(character)
        used += more
    }
    return width > 0 ? result + "…" : ""
}
