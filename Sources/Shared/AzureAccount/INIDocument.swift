/// A file of sections and options, as az writes it with Python's configparser, without interpolation.
package struct INIDocument: Sendable, Hashable {
    /// Options by section; sections as they are written, options in lower case.
    package let sections: [String: [String: String]]

    /// Why a text is not such a file; it quotes nothing of it.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// From 1.
        package let line: Int
        /// In words, without the line itself.
        package let reason: String
        package var description: String { "line \(line): \(reason)" }
    }

    /// Parses strictly: no option outside a section, nothing twice, no line of another form.
    package init(parsing text: String) throws(Problem) {
        var sections: [String: [String: String]] = [:]
        var section: String?
        var option: String?
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = raw.trimmed
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if let first = raw.first, first.isWhitespace, let section, let option {
                sections[section]?[option, default: ""] += "\n" + line
                continue
            }
            if line.hasPrefix("[") {
                guard line.hasSuffix("]"), line.count > 2 else {
                    throw Problem(line: index + 1, reason: "the section's name does not end with ]")
                }
                let name = String(line.dropFirst().dropLast())
                guard sections[name] == nil else {
                    throw Problem(line: index + 1, reason: "the section is there twice")
                }
                sections[name] = [:]
                (section, option) = (name, nil)
                continue
            }
            guard let section else { throw Problem(line: index + 1, reason: "an option stands before any section") }
            guard let sign = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw Problem(line: index + 1, reason: "it is neither a section nor an option")
            }
            let name = line[..<sign].trimmed.lowercased()
            guard !name.isEmpty, sections[section]?[name] == nil else {
                throw Problem(line: index + 1, reason: "the option has no name or is there twice")
            }
            sections[section]?[name] = line[line.index(after: sign)...].trimmed
            option = name
        }
        self.sections = sections
    }

    package subscript(section: String, option: String) -> String? { sections[section]?[option] }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
