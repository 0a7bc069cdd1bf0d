import Foundation

/// Why a text is not JSON.
struct JSONError: Error, CustomStringConvertible {
    let reason: String
    let offset: Int
    var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
    init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(text: buffer)
            return try parser.document()
        }
    }
}

private struct JSONParser {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func document() throws -> JSON {
        let value = try value()
        skipSpace()
        guard position == text.count else { throw error("something follows the value") }
        return value
    }

    private func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: position) }

    private mutating func skipSpace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func next() throws -> UInt8 {
        skipSpace()
        guard position < text.count else { throw error("the text ends early") }
        return text[position]
    }

    private mutating func take(_ literal: StaticString, as value: JSON) throws -> JSON {
        let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        guard text.count - position >= wanted.count, text[position..<position + wanted.count].elementsEqual(wanted)
        else {
            throw error("unknown literal")
        }
        position += wanted.count
        return value
    }

    private mutating func value() throws -> JSON {
        switch try next() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try take("true", as: .bool(true))
        case UInt8(ascii: "f"): return try take("false", as: .bool(false))
        case UInt8(ascii: "n"): return try take("null", as: .null)
        default: return try number()
        }
    }

    private mutating func enter() throws {
        depth += 1
        position += 1
        guard depth <= 100 else { throw error("nested too deeply") }
    }

    private mutating func object() throws -> JSON {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSON] = [:]
        if try next() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            guard try next() == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
            let name = try string()
            guard try next() == UInt8(ascii: ":") else { throw error("a colon is missing") }
            position += 1
            members[name] = try value()
            if try endsAfterSeparator(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array() throws -> JSON {
        try enter()
        defer { depth -= 1 }
        var elements: [JSON] = []
        if try next() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            if try endsAfterSeparator(UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func endsAfterSeparator(_ end: UInt8) throws -> Bool {
        let byte = try next()
        guard byte == end || byte == UInt8(ascii: ",") else { throw error("a comma is missing") }
        position += 1
        return byte == end
    }

    private mutating func number() throws -> JSON {
        let start = position
        while position < text.count, "+-.0123456789eE".utf8.contains(text[position]) { position += 1 }
        let spelling = String(decoding: text[start..<position], as: UTF8.self)
        guard Double(spelling) != nil else { throw error("not a value") }
        return .number(spelling)
    }

    private mutating func string() throws -> String {
        position += 1
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[position...])
        guard let base = rest.baseAddress, !rest.isEmpty,
            let quote = memchr(base, Int32(UInt8(ascii: "\"")), rest.count)
        else { throw error("a string does not end") }
        let length = UnsafeRawPointer(quote) - base
        guard memchr(base, Int32(UInt8(ascii: "\\")), length) == nil else { return try escapedString() }
        defer { position += length + 1 }
        return String(decoding: UnsafeRawBufferPointer(start: base, count: length), as: UTF8.self)
    }

    private mutating func escapedString() throws -> String {
        var units: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units.append(contentsOf: Array(try escape().utf8))
            default: units.append(byte)
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape() throws -> String {
        guard position < text.count else { throw error("a string does not end") }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"):
            var units = [try hexUnit()]
            if UTF16.isLeadSurrogate(units[0]), position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
                text[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                units.append(try hexUnit())
            }
            return String(decoding: units, as: UTF16.self)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        default: throw error("unknown escape")
        }
    }

    private mutating func hexUnit() throws -> UInt16 {
        guard position + 4 <= text.count,
            let unit = UInt16(String(decoding: text[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw error("not a \\u escape") }
        position += 4
        return unit
    }
}
