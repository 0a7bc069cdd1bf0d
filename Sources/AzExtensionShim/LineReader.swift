import Platform

/// One line of input, or why there is none.
enum InputLine: Sendable, Equatable {
    case line([UInt8])
    case tooLong
}

/// Cuts what comes from a descriptor into lines. It blocks, so it has a thread of its own.
enum LineReader {
    /// Reads to the end, which is also what a reading error is: nobody is left to hear of it.
    static func read(_ raw: Int32, limit: Int, into lines: AsyncStream<InputLine>.Continuation) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var splitter = LineSplitter(limit: limit)
        while true {
            let count = readBytes(raw, &buffer)
            let code = errno
            if count < 0, code == EINTR { continue }
            guard count > 0 else { break }
            for line in splitter.lines(of: buffer[..<count]) { lines.yield(line) }
            // What is left may be a token.
            for index in buffer[..<count].indices { buffer[index] = 0 }
        }
        lines.finish()
    }
}

/// Joins what comes in pieces into lines; one that is too long is told once and passed over.
struct LineSplitter {
    let limit: Int
    private var current: [UInt8] = []
    private var isSkipping = false

    init(limit: Int) { self.limit = limit }

    mutating func lines(of piece: ArraySlice<UInt8>) -> [InputLine] {
        var found: [InputLine] = []
        for byte in piece {
            if byte == UInt8(ascii: "\n") {
                if !isSkipping, !current.isEmpty { found.append(.line(current)) }
                isSkipping = false
                current.removeAll(keepingCapacity: true)
            } else if !isSkipping {
                current.append(byte)
                guard current.count > limit else { continue }
                found.append(.tooLong)
                isSkipping = true
                current.removeAll()
            }
        }
        return found
    }
}
