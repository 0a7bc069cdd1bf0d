import Testing
import YAML

struct YAMLScalarTests {
    @Test(
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("nULL", .string("nULL")),
            ("yes", .bool(true)), ("On", .bool(true)), ("true", .bool(true)), ("TrUe", .string("TrUe")),
            ("no", .bool(false)), ("OFF", .bool(false)),
            ("0", .integer(0)), ("-12", .integer(-12)), ("+7", .integer(7)), ("1_000", .integer(1000)),
            ("0x1F", .integer(31)), ("-0x10", .integer(-16)), ("017", .integer(15)), ("0o17", .integer(15)),
            ("0b101", .integer(5)), ("08", .double(8)), ("0x", .string("0x")), ("--1", .string("--1")),
            ("0x-1", .string("0x-1")), ("+-1", .string("+-1")),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.5", .double(1.5)), (".5", .double(0.5)), ("1.", .double(1)), ("1e3", .double(1000)),
            ("1e", .string("1e")), (".", .string(".")), ("-", .string("-")), ("1.2.3", .string("1.2.3")),
            ("0.0.0.0", .string("0.0.0.0")), (".inf", .double(.infinity)), ("2001-01-01", .string("2001-01-01")),
            ("v1", .string("v1")), ("1:30", .string("1:30")),
        ] as [(String, YAMLScalar.Value)])
    func `a plain scalar means what it looks like`(text: String, value: YAMLScalar.Value) {
        #expect(YAMLScalar(text, style: .plain).resolved == value)
    }

    @Test func `quotes and tags make strings`() {
        #expect(YAMLScalar("true", style: .doubleQuoted).resolved == .string("true"))
        #expect(YAMLScalar("1", style: .literal).resolved == .string("1"))
        #expect(YAMLScalar("1", style: .plain, tag: "tag:yaml.org,2002:str").resolved == .string("1"))
        #expect(YAMLScalar("1", style: .doubleQuoted, tag: "tag:yaml.org,2002:int").resolved == .integer(1))
    }

    @Test func `a number of a million digits is only a string`() {
        let text = String(repeating: "9", count: 1_000_000)
        #expect(YAMLScalar(text, style: .plain).resolved == .string(text))
    }
}

struct YAMLWriterTests {
    @Test func `a document is written in block style and in order`() throws {
        let node = YAMLNode.mapping([
            ("name", .string("x")), ("items", .sequence([.integer(1), .bool(false), .null, .double(1.5)])),
            ("empty", .sequence([])), ("none", .mapping([])), ("nested", .mapping([("a", .string("b c"))])),
        ])
        let expected = """
            name: x
            items:
            - 1
            - false
            - null
            - 1.5
            empty: []
            none: {}
            nested:
              a: b c

            """
        #expect(try yamlText(from: node) == expected)
    }

    @Test(arguments: [
        "", "true", "no", "y", "1", "-0x1", "1e5", "~", "null", "<<", "=", "a: b", "- a", "#x", " lead", "trail ", "\t",
        "'", "\"", "*a", "&a", "!a", "|", "%", "@", "two\nlines", "\n", "end\n", " \n x\n\n", "ü🔐\u{2028}", "a\u{7}b",
        "a\n\u{1B}b", "\0", "\u{FEFF}x", "\u{85}", "\u{FFFE}", "\u{10FFFF}", "a\r\nb",
        "---", "...", "{}", "[]", "2001-01-01", ".inf", "key:",
    ])
    func `every string reads back as itself`(text: String) throws {
        let document = try yamlText(from: .mapping([(text, .sequence([.string(text)]))]))
        let node = try #require(try YAMLNode.parse(Array(document.utf8)))
        #expect(node.entries?.first?.key.scalar?.resolved == .string(text))
        #expect(node.entries?.first?.value.items?.first?.scalar?.resolved == .string(text))
    }

    @Test(arguments: [0, 1.5, -1e300, .leastNonzeroMagnitude, .infinity, -.infinity] as [Double])
    func `every number reads back as itself`(value: Double) throws {
        let document = try yamlText(from: .double(value))
        #expect(try YAMLNode.parse(Array(document.utf8))?.scalar?.resolved == .double(value))
    }
}
