import FoundationEssentials

/// A scalar as it was written, and the value that it means.
package struct YAMLScalar: Sendable, Hashable {
    package enum Style: Sendable, Hashable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    package enum Value: Sendable, Hashable {
        case null
        case bool(Bool)
        case integer(Int64)
        /// Also whole numbers beyond Int64.
        case double(Double)
        case string(String)
    }

    package var text: String
    package var style: Style
    /// An explicit tag, in full (`tag:yaml.org,2002:str`), or nil.
    package var tag: String?

    package init(_ text: String, style: Style, tag: String? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }

    /// The value by the rules of YAML 1.1 that kubectl's parser has (sigs.k8s.io/yaml over goyaml.v2, resolve.go):
    /// quoted scalars are strings, plain ones what they look like, with `yes`, `no`, `on` and `off` as booleans.
    package var resolved: Value {
        switch tag {
        case nil where style != .plain, "!", Self.stringTag, Self.binaryTag: return .string(text)
        case nil, Self.prefix + "null", Self.prefix + "bool", Self.prefix + "int", Self.prefix + "float": break
        default: return .string(text)
        }
        if Self.nulls.contains(text) { return .null }
        if Self.trues.contains(text) { return .bool(true) }
        if Self.falses.contains(text) { return .bool(false) }
        return number ?? .string(text)
    }

    /// Whether the value is of the kind that its tag names; other tags name none.
    var agreesWithTag: Bool {
        switch (tag, resolved) {
        case (Self.prefix + "null", .null), (Self.prefix + "bool", .bool), (Self.prefix + "int", .integer),
            (Self.prefix + "float", .integer), (Self.prefix + "float", .double):
            true
        case (Self.prefix + "null", _), (Self.prefix + "bool", _), (Self.prefix + "int", _), (Self.prefix + "float", _):
            false
        default: true
        }
    }

    var isBinary: Bool { tag == Self.binaryTag }

    /// What a `!!binary` value stands for: standard base64, in which Go's decoder lets lines be broken.
    var binaryText: String? {
        let clean = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return Data(base64Encoded: Data(clean)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let prefix = "tag:yaml.org,2002:"
    private static let stringTag = prefix + "str"
    private static let binaryTag = prefix + "binary"
    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let trues: Set<String> = [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
    ]
    private static let falses: Set<String> = [
        "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
    ]

    private var number: Value? {
        guard text.utf8.count <= 400, let first = text.utf8.first, Self.startsNumber(first) else { return nil }
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        let digits = text.filter { $0 != "_" }
        return Self.integer(digits) ?? Self.float(digits)
    }

    private static func startsNumber(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.".utf8.contains(byte)
    }

    /// Go's strconv.ParseInt with base 0: `0x`, `0o`, `0b`, and a leading 0 for octal.
    private static func integer(_ text: String) -> Value? {
        var digits = text[...]
        let negative = digits.first == "-"
        if negative || digits.first == "+" { digits = digits.dropFirst() }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        where digits.hasPrefix(prefix) {
            radix = base
            digits = digits.dropFirst(2)
        }
        if radix == 10, digits.count > 1, digits.first == "0" { radix = 8 }
        // Swift's own parser takes a sign of its own, which would allow two.
        guard let first = digits.first, first != "+", first != "-" else { return nil }
        return Int64((negative ? "-" : "") + digits, radix: radix).map(Value.integer)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, as in goyaml.v2.
    private static func float(_ text: String) -> Value? {
        var rest = Array(text.utf8)[...]
        func takeDigits() -> Int {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(digits)
            return digits
        }
        func take(_ choices: String) -> Bool {
            guard let first = rest.first, choices.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("+-")
        let whole = takeDigits()
        let fraction = take(".") ? takeDigits() : 0
        guard whole + fraction > 0 else { return nil }
        if take("eE") {
            _ = take("+-")
            guard takeDigits() > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        return Double(text.hasSuffix(".") ? text + "0" : text).map(Value.double)
    }
}
