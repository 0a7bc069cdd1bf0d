import Platform

/// Where text goes: a descriptor, or memory in tests.
package struct TextWriter: Sendable {
    private let put: @Sendable ([UInt8]) -> Bool

    /// `put` returns whether all bytes were taken.
    package init(_ put: @escaping @Sendable ([UInt8]) -> Bool) { self.put = put }

    /// Writes to a descriptor that stays open. A reader that went away is no error for progress: the run goes on.
    package static func descriptor(_ raw: Int32) -> TextWriter { TextWriter { writeAll($0, to: raw) } }

    package static let standardOutput = descriptor(STDOUT_FILENO)
    package static let standardError = descriptor(STDERR_FILENO)

    /// Whether all of it was written.
    @discardableResult
    package func write(_ text: String) -> Bool { put(Array(text.utf8)) }
}

/// SIGPIPE must be ignored by the process; then a closed pipe is EPIPE and ends this writing alone.
private func writeAll(_ bytes: [UInt8], to raw: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
        let code = errno
        if count >= 0 {
            written += count
        } else if code == EAGAIN {
            // A terminal that another program made non-blocking; a second without room gives up this text.
            var wait = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
            if poll(&wait, 1, 1000) == 0 { return false }
        } else if code != EINTR {
            return false
        }
    }
    return true
}

/// What is known of a terminal.
package struct Terminal: Sendable, Hashable {
    /// The columns into which a text is broken; nil where there is no terminal.
    package var columns: Int? { isTerminal ? width : nil }

    package var isTerminal: Bool
    /// Columns; 80 when unknown.
    package var width: Int
    package var color: Bool
    /// Whether it shows more than ASCII.
    package var unicode: Bool

    package init(isTerminal: Bool, width: Int = 80, color: Bool = false, unicode: Bool = false) {
        self.isTerminal = isTerminal
        self.width = width
        self.color = color
        self.unicode = unicode
    }

    /// Asks the descriptor. Color needs a terminal, a TERM other than `dumb`, and NO_COLOR unset or empty
    /// (no-color.org).
    package static func of(_ raw: Int32, environment: [String: String]) -> Terminal {
        guard isatty(raw) == 1 else { return Terminal(isTerminal: false) }
        let term = environment["TERM"] ?? ""
        let plain = !(environment["NO_COLOR"] ?? "").isEmpty || term.isEmpty || term == "dumb"
        // A dumb terminal cannot move its cursor up, so it gets plain lines.
        return Terminal(
            isTerminal: !(term.isEmpty || term == "dumb"), width: terminalColumns(of: raw) ?? 80, color: !plain,
            unicode: showsUnicode(environment))
    }

    /// Whether the locale's encoding is UTF-8 (POSIX, Base Definitions 8.2: which variable rules).
    private static func showsUnicode(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
    }
}

/// The text with what must not be overlooked in colour, where the terminal has any: that something failed or is
/// refused, and that Secrets are plaintext.
package func emphasized(_ text: String, on terminal: Terminal) -> String {
    guard terminal.color else { return text }
    func red(_ text: some StringProtocol) -> String { "\u{1B}[1;31m\(text)\u{1B}[0m" }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        var line = String(line)
        for start in ["error:", "REFUSE"] where line.hasPrefix(start) {
            line = red(start) + line.dropFirst(start.count)
        }
        for word in ["PLAINTEXT", "NOT ended", "ALARM"] { line = line.replacing(word, with: red(word)) }
        return line
    }.joined(separator: "\n")
}
