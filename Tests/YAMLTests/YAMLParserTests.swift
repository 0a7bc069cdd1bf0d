import Testing
import YAML

private func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode? {
    try YAMLNode.parse(Array(text.utf8), limits: limits)
}

private func failure(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
    do throws(YAMLError) {
        _ = try YAMLNode.parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

struct YAMLParserTests {
    @Test func `mappings keep their order and every node its place`() throws {
        let node = try #require(try parse("b: 1\na:\n  - x\n  - 'y z'\n"))
        #expect(node.entries?.map(\.key.scalar?.text) == ["b", "a"])
        let item = try #require(node["a"]?.items?.last)
        #expect(item.scalar == YAMLScalar("y z", style: .singleQuoted))
        #expect(item.line == 4 && item.column == 5)
    }

    @Test func `JSON is YAML`() throws {
        let node = try #require(try parse(#"{"a": [1, true, null, "1", "\u00fc\/"], "b": {}}"#))
        let values = node["a"]?.items?.compactMap(\.scalar?.resolved)
        #expect(values == [.integer(1), .bool(true), .null, .string("1"), .string("ü/")])
        #expect(node["b"]?.entries == [])
        #expect(node["c"] == nil)
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "\u{FEFF}"])
    func `a text without a document has no node`(text: String) throws {
        #expect(try parse(text) == nil)
    }

    @Test func `an empty document is a null`() throws {
        #expect(try parse("---\n")?.isNull == true)
        #expect(try parse("--- ~")?.isNull == true)
    }

    @Test func `only the first document counts`() throws {
        #expect(try parse("a: 1\n---\n]]] not yaml")?["a"]?.scalar?.text == "1")
    }

    @Test func `of equal keys the last counts, or none is allowed`() throws {
        let text = "a: 1\nb: 2\na: 3\n"
        let node = try #require(try parse(text))
        #expect(node.entries?.count == 2)
        #expect(node["a"]?.scalar?.text == "3")
        let error = failure(Array(text.utf8), limits: YAMLLimits(duplicateKeys: .refused))
        #expect(error == YAMLError(.duplicateKey, line: 3, column: 1))
    }

    @Test func `aliases repeat their anchor, and merge keys give way to the mapping's own`() throws {
        let node = try #require(try parse("x: &x {a: 1, b: 2}\ny: *x\nz:\n  <<: *x\n  b: 3\nw: {<<: [{a: 7}, *x]}\n"))
        #expect(node["y"]?["b"]?.scalar?.text == "2")
        #expect(node["z"]?["a"]?.scalar?.text == "1")
        #expect(node["z"]?["b"]?.scalar?.text == "3")
        #expect(node["w"]?["a"]?.scalar?.text == "7")
        #expect(node["w"]?["b"]?.scalar?.text == "2")
        #expect(try parse("'<<': {a: 1}")?["<<"] != nil)
    }
}

struct HostileYAMLTests {
    @Test func `aliases that repeat aliases are refused before they fill the memory`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(failure(Array(text.utf8))?.kind == .tooManyNodes(limit: 500_000))
    }

    @Test func `an alias inside its own anchor is refused`() {
        #expect(failure(Array("a: &a [*a]".utf8)) == YAMLError(.unknownAlias, line: 1, column: 8))
        #expect(failure(Array("a: &a {<<: *a}".utf8))?.kind == .unknownAlias)
        #expect(failure(Array("*nowhere".utf8))?.kind == .unknownAlias)
        #expect(failure(Array("[&a 1, &a [*a]]".utf8)) == YAMLError(.unknownAlias, line: 1, column: 12))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `deep nesting is refused`(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        #expect(failure(Array(text.utf8))?.kind == .tooDeep(limit: 64))
    }

    @Test func `nesting by aliases of aliases counts as nesting`() {
        var text = "- &a0 x\n"
        for level in 1...62 { text += "- &a\(level) [*a\(level - 1)]\n" }
        #expect(failure(Array(text.utf8)) == nil)
        for level in 63...64 { text += "- &a\(level) [*a\(level - 1)]\n" }
        #expect(failure(Array(text.utf8))?.kind == .tooDeep(limit: 64))
    }

    @Test func `a text larger than the limit is refused, one of 10 MiB of values too`() {
        #expect(failure([UInt8](repeating: 32, count: (16 << 20) + 1))?.kind == .tooLarge(limit: 16 << 20))
        let many = Array(String(repeating: "- a\n", count: 10 << 18).utf8)
        #expect(failure(many)?.kind == .tooManyNodes(limit: 500_000))
    }

    @Test func `one string of 10 MiB is read`() throws {
        let text = "a: '" + String(repeating: "x", count: 10 << 20) + "'"
        #expect(try parse(text)?["a"]?.scalar?.text.utf8.count == 10 << 20)
    }

    @Test(
        arguments: [
            [0xFF, 0x61], [0x61, 0x3A, 0x20, 0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect([.notUTF8, .notUTF16].contains(failure(bytes)?.kind))
    }

    @Test func `control characters are refused with their place`() throws {
        for byte in [0, 1, 0x1B, 0x7F] as [UInt8] {
            let error = try #require(failure(Array("a: 1\nb: x".utf8) + [byte] + Array("\n".utf8)))
            #expect(error.line == 2 && error.column == 5)
            #expect(!error.description.utf8.contains(byte))
        }
    }

    @Test(arguments: [
        "a: b: c", "a: [1, 2", "a: {b", "a: 'x", "a: \"\\q\"", "- a\nb: c", "a: |\n\tx\n y", "\ta: 1",
        "%YAML 9.9\n---\na",
        "!<", "&", "a: @x", "a: `x`", "{]", "\"a",
    ])
    func `malformed text is a typed error with a place`(text: String) throws {
        let error = try #require(failure(Array(text.utf8)))
        guard case .malformed = error.kind else {
            Issue.record("unexpected kind \(error.kind)")
            return
        }
        #expect(error.line >= 1 && error.column >= 1)
        #expect(error.description.hasPrefix("line \(error.line), column \(error.column): "))
    }

    @Test func `an error quotes nothing of the text`() throws {
        let error = try #require(failure(Array("token: sesame: {sesame".utf8)))
        #expect(!"\(error)".contains("sesame"))
    }

    @Test func `a merge of no mapping is refused`() {
        #expect(failure(Array("a: 1\n<<: x\n".utf8)) == YAMLError(.mergeOfNonMapping, line: 2, column: 5))
    }

    @Test func `every cut of a document either parses or fails, and never crashes`() {
        let text = Array("a: &x {b: [1, 'ü', \"\\u00fc\"]}\n? c\n: |\n  text\n--- !!str &y\n*x\n".utf8)
        for count in 0...text.count { _ = failure(Array(text[..<count])) }
    }
}

struct TextEncodingTests {
    private static let text = "a: 1\nb: ä😀\n"
    private static func wide(_ text: String, _ bytes: (UInt16) -> [UInt8]) -> [UInt8] { text.utf16.flatMap(bytes) }
    private static func little(_ text: String) -> [UInt8] { wide(text) { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }
    private static func big(_ text: String) -> [UInt8] { wide(text) { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    @Test(arguments: [
        Array(text.utf8), mark + Array(text.utf8), [0xFF, 0xFE] + little(text), [0xFE, 0xFF] + big(text),
        mark + Array(text.replacing("\n", with: "\r\n").utf8), mark + Array("---\n\(text)".utf8),
        Array("# c\n".utf8) + mark + Array(text.utf8), Array("---\n".utf8) + mark + Array(text.utf8),
        Array("a: 1\r\n".utf8) + mark + Array("b: ä😀".utf8),
    ])
    func `UTF-8 and UTF-16 with a mark are read whole`(bytes: [UInt8]) throws {
        let node = try #require(try YAMLNode.parse(bytes))
        #expect(node.entries?.map(\.value.scalar?.text) == ["1", "ä😀"])
    }

    @Test(arguments: [
        mark + mark + Array(text.utf8), [0xFF, 0xFE] + little(text) + [0x0A], [0xFF, 0xFE, 0x00, 0xD8, 0x0A, 0x00],
        [0xFE, 0xFF, 0xDC, 0x00], little(text), big(text), [0xFF, 0xFE, 0, 0] + little("a\0"),
        [0xFF] + Array(text.utf8),
        [0x23, 0xE9, 0x0A] + Array(text.utf8), [0x00] + Array(text.utf8),
    ])
    func `what is in no encoding that can be read is an error, not an empty text`(bytes: [UInt8]) {
        #expect(failure(bytes) != nil)
    }

    @Test(arguments: [[], mark, [0xFF, 0xFE], mark + Array("# nothing\n".utf8)] as [[UInt8]])
    func `a mark alone is an empty text`(bytes: [UInt8]) throws {
        #expect(try YAMLNode.parse(bytes) == nil)
    }
}

struct YAMLTagTests {
    @Test func `binary values stand for what their base64 holds`() throws {
        let node = try #require(
            try parse("a: !!binary dG9rZW4=\nb: !!binary |\n  dG9r\n  ZW4=\n? !!binary a2V5\n: 1\nc: !!binary MTIz"))
        #expect(node["a"]?.scalar?.resolved == .string("token") && node["b"]?.scalar?.resolved == .string("token"))
        #expect(node["key"] != nil && node["c"]?.scalar?.resolved == .string("123"))
    }

    @Test(arguments: ["!!binary '%'", "!!binary dG9r ZW4=", "!!binary dG9rZW4"])
    func `a binary value that is not base64 is refused`(value: String) {
        #expect(failure(Array("a: \(value)".utf8))?.kind == .badBinary)
    }

    @Test(arguments: ["!!int abc", "!!bool abc", "!!null abc", "!!float abc", "!!int 1.5"])
    func `a value that is not what its tag says is refused`(value: String) {
        #expect(failure(Array("a: \(value)".utf8)) == YAMLError(.wrongTag, line: 1, column: 4))
    }

    @Test func `a tag that fits, and one that is not known, change nothing`() throws {
        let node = try #require(try parse("a: !!float 1\nb: !!int '5'\nc: !own x\nd: !!timestamp 2001-01-01"))
        #expect(node["a"]?.scalar?.resolved == .integer(1) && node["b"]?.scalar?.resolved == .integer(5))
        #expect(node["c"]?.scalar?.resolved == .string("x") && node["d"]?.scalar?.resolved == .string("2001-01-01"))
    }
}
