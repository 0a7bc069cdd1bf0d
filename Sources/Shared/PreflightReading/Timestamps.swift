import Text

/// Times as Azure writes them, in seconds since 1970.
enum Timestamp {
    /// The times that a calendar with four digits for a year has: no sum of two of them overflows.
    static let range: ClosedRange<Int64> = 0...253_402_300_799

    /// `2026-01-05T10:00:00.0000000Z` and the like, with an offset or none, which is then UTC; nil for anything else.
    static func iso8601(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes[4] == dash, bytes[7] == dash, bytes[10] == UInt8(ascii: "T"),
            bytes[13] == colon, bytes[16] == colon, let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
            let day = digits(bytes[8..<10]), let time = clock(bytes[11..<19]),
            let start = midnight(year: year, month: month, day: day)
        else { return nil }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { digit($0) != nil }
            guard !fraction.isEmpty else { return nil }
            rest = rest[fraction.endIndex...]
        }
        guard let offset = offset(String(decoding: rest, as: UTF8.self)) else { return nil }
        return start + time - offset
    }

    /// `Tue, 24 Nov 2026 00:46:45 GMT`, the one form that servers may send (RFC 9110 §5.6.7); nil for anything else.
    static func httpDate(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = digits(Array(words[1].utf8)[...]),
            let month = months.firstIndex(of: words[2].lowercased()), let year = digits(Array(words[3].utf8)[...]),
            let time = clock(Array(words[4].utf8)[...]), let start = midnight(year: year, month: month + 1, day: day)
        else { return nil }
        return start + time
    }

    /// `Z`, `+01:00`, `-0330` or nothing, in seconds east of UTC.
    static func offset(_ text: String) -> Int64? {
        if text.isEmpty || text == "Z" || text == "z" { return 0 }
        guard let sign: Int64 = text.hasPrefix("+") ? 1 : text.hasPrefix("-") ? -1 : nil else { return nil }
        let numbers = Array(text.dropFirst().filter { $0 != ":" }.utf8)
        guard numbers.count == 4, let hours = digits(numbers[0..<2]), let minutes = digits(numbers[2..<4]), hours <= 14,
            minutes < 60
        else { return nil }
        return sign * Int64(hours * 3600 + minutes * 60)
    }

    /// The beginning of a day in UTC; nil if there is no such day.
    static func midnight(year: Int, month: Int, day: Int) -> Int64? {
        guard (1...9999).contains(year) else { return nil }
        return CalendarDay(year: year, month: month, day: day).map { $0.number * 86400 }
    }

    private static let dash = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private static func clock(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let parts = bytes.split(separator: colon, omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = digits(parts[0]), let minutes = digits(parts[1]),
            let seconds = digits(parts[2]), hours < 24, minutes < 60, seconds <= 60
        else { return nil }
        return Int64(hours * 3600 + minutes * 60 + seconds)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard (1...4).contains(bytes.count) else { return nil }
        var number = 0
        for byte in bytes {
            guard let digit = digit(byte) else { return nil }
            number = number * 10 + digit
        }
        return number
    }
}
