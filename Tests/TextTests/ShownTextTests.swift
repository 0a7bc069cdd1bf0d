import Testing

@testable import Text

@Test func `text for people is cut at its limit, and shows what hides`() {
    #expect("abcdef".printable(limit: 3) == "abc…")
    #expect("abc".printable(limit: 3) == "abc")
    #expect("naïve 🔐 日本".printable() == "naïve 🔐 日本")
    #expect("a\u{1b}[2J\r\nb\u{202e}c\u{e000}".printable() == #"a\u{1b}[2J\u{d}\u{a}b\u{202e}c\u{e000}"#)
}

@Test func `a server's text is on one line, cannot move the cursor and is cut between characters`() {
    #expect("a\u{1b}[2J\r\nb\u{2028}\u{202e}c".onOneLine() == "a [2J  b c")
    #expect("üü".onOneLine(limit: 3) == "ü…")
    #expect("abc".onOneLine(limit: 3) == "abc")
    #expect(String(repeating: "ü", count: 400).onOneLine().utf8.count == 512 + "…".utf8.count)
}

@Test func `no character below the letters, no change of direction and no mark of a byte order is shown`() {
    let unsafe: [ClosedRange<UInt32>] = [
        0...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF...0xFEFF,
    ]
    for value in unsafe.joined() {
        #expect(Unicode.Scalar(value).map { $0.isUnsafeToShow } == true, "\(value)")
    }
    #expect((UInt32(0x20)...0x7E).allSatisfy { Unicode.Scalar($0).map { !$0.isUnsafeToShow } == true })
}
