/// Walks over JSON bytes without building values, for the one answer that comes thousands of times a second.
///
/// It checks what it reads and only steps over the rest. Strings are given as they stand; one with an escape is
/// refused, since nothing that is looked for has any.
struct JSONCursor {
    private let bytes: [UInt8]
    private var index = 0

    struct Malformed: Error, Sendable, Hashable {}

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte that is no white space, without taking it.
    mutating func peek() throws(Malformed) -> UInt8 {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return bytes[index]
            }
        }
        throw Malformed()
    }

    mutating func expect(_ character: Unicode.Scalar) throws(Malformed) {
        guard try peek() == UInt8(ascii: character) else { throw Malformed() }
        index += 1
    }

    /// Calls `body` for each member of an object, after its colon; it must take the value.
    mutating func object(
        _ body: (inout JSONCursor, ArraySlice<UInt8>) throws(Malformed) -> Void
    ) throws(Malformed) {
        try expect("{")
        if try peek() == UInt8(ascii: "}") { return try expect("}") }
        while true {
            let key = try string()
            try expect(":")
            try body(&self, key)
            if try peek() == UInt8(ascii: "}") { return try expect("}") }
            try expect(",")
        }
    }

    /// Calls `body` for each element of an array, with its place; it must take the value.
    mutating func array(_ body: (inout JSONCursor, Int) throws(Malformed) -> Void) throws(Malformed) {
        try expect("[")
        if try peek() == UInt8(ascii: "]") { return try expect("]") }
        var place = 0
        while true {
            try body(&self, place)
            place += 1
            if try peek() == UInt8(ascii: "]") { return try expect("]") }
            try expect(",")
        }
    }

    /// A string's bytes between its quotes.
    mutating func string() throws(Malformed) -> ArraySlice<UInt8> {
        try expect("\"")
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return bytes[start..<(index - 1)]
            case UInt8(ascii: "\\"): throw Malformed()
            default: index += 1
            }
        }
        throw Malformed()
    }

    /// A number without sign, fraction or exponent.
    mutating func integer() throws(Malformed) -> Int64 {
        let start = (try peek(), index).1
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard let value = decimal(bytes[start..<index]) else { throw Malformed() }
        return value
    }

    /// Whether a null comes next; it is taken if so.
    mutating func null() throws(Malformed) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        index += 4
        return true
    }

    /// Steps over one value of any kind.
    mutating func skip() throws(Malformed) {
        var depth = 0
        repeat {
            switch try peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw Malformed() }
                depth -= 1
                index += 1
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw Malformed() }
                index += 1
            default: skipWord()
            }
        } while depth > 0
    }

    private mutating func skipString() throws(Malformed) {
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        throw Malformed()
    }

    private mutating func skipWord() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
                return
            default: index += 1
            }
        }
    }

    /// Whether nothing but white space is left.
    mutating func isAtEnd() -> Bool { (try? peek()) == nil }
}

/// A decimal number of digits only that fits; a resourceVersion, for one.
func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflowsToo) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
        guard !overflows, !overflowsToo else { return nil }
        value = sum
    }
    return value
}
