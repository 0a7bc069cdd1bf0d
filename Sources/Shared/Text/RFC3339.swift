/// Seconds since 1970 of an RFC 3339 time such as `2006-01-02T15:04:05.5+01:00`; nil when it is none.
package func parseRFC3339(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 64 else { return nil }
    func number(_ range: Range<Int>) -> Int? {
        bytes[range].reduce(0) { sum, byte in
            guard let sum, (0x30...0x39).contains(byte) else { return nil }
            return sum * 10 + Int(byte - 0x30)
        }
    }
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
    guard separators.allSatisfy({ Unicode.Scalar(bytes[$0.0]).properties.uppercaseMapping == $0.1 }),
        let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
        let minute = number(14..<16), let second = number(17..<19),
        let date = CalendarDay(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var place = 19
    var fraction = 0.0
    if bytes[place] == UInt8(ascii: ".") {
        let digits = bytes[(place + 1)...].prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty, let value = Double("0." + String(decoding: digits, as: UTF8.self)) else { return nil }
        fraction = value
        place += 1 + digits.count
    }
    guard let offset = zoneOffset(Array(bytes[place...])) else { return nil }
    return Double(Int(date.number) * 86400 + hour * 3600 + minute * 60 + second - offset) + fraction
}

/// Seconds east of Greenwich of `Z`, `+hh:mm` or `-hh:mm`.
private func zoneOffset(_ bytes: [UInt8]) -> Int? {
    if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard bytes.count == 6, parts.count == 2,
        parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
        let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
    else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "+"): return hours * 3600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
    default: return nil
    }
}
