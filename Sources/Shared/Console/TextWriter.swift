import Glibc

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
    package var isTerminal: Bool
    /// Columns; 80 when unknown.
    package var width: Int
    package var color: Bool

    package init(isTerminal: Bool, width: Int = 80, color: Bool = false) {
        self.isTerminal = isTerminal
        self.width = width
        self.color = color
    }

    /// Asks the descriptor. Color needs a terminal, a TERM other than `dumb`, and NO_COLOR unset or empty
    /// (no-color.org).
    package static func of(_ raw: Int32, environment: [String: String]) -> Terminal {
        guard isatty(raw) == 1 else { return Terminal(isTerminal: false) }
        var size = winsize()
        let known = ioctl(raw, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let term = environment["TERM"] ?? ""
        let plain = !(environment["NO_COLOR"] ?? "").isEmpty || term.isEmpty || term == "dumb"
        // A dumb terminal cannot move its cursor up, so it gets plain lines.
        return Terminal(
            isTerminal: !(term.isEmpty || term == "dumb"), width: known ? Int(size.ws_col) : 80, color: !plain)
    }
}
