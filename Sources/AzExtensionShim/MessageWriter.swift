import Console
import JSON
import Platform
import Synchronization

/// Writes messages to az, one whole line at a time, whichever task they come from.
final class MessageWriter: Sendable {
    private let output: Mutex<TextWriter>
    /// Whether a short line can be written now without waiting.
    private let hasRoom: @Sendable () -> Bool

    init(_ output: TextWriter, hasRoom: @escaping @Sendable () -> Bool) {
        self.output = Mutex(output)
        self.hasRoom = hasRoom
    }

    static func standardOutput() -> MessageWriter {
        MessageWriter(.standardOutput) {
            var pipe = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            return poll(&pipe, 1, 0) == 1
        }
    }

    /// An az that has gone is no error here: its end is seen by the reader.
    func send(_ message: Message) {
        let line = jsonLine(message.document)
        output.withLock { _ = $0.write(line) }
    }

    /// Leaves it out where az does not read: progress must not hold up the run, which holds a lock with an end.
    func sendUnlessFull(_ message: Message) {
        guard hasRoom() else { return }
        send(message)
    }
}
