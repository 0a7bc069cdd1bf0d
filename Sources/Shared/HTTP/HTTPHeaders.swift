/// Header fields in the order in which they were added; names compare without case (RFC 9110 §5.1).
///
/// Those of an answer are kept as they came until somebody looks: of thousands of answers a second hardly any is looked
/// at, and each field would be two strings.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    private var known: [Field] = []
    /// Lines that nobody has looked at; they come after the known ones.
    private var lines: [UInt8] = []

    private var fields: [Field] { lines.isEmpty ? known : known + Self.fields(in: lines) }

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// - Parameter lines: `name: value`, each ended by a line feed; what has no colon is passed over.
    package init(lines: [UInt8]) { self.lines = lines }

    /// Appends a field, keeping others of the same name.
    package mutating func add(_ name: String, _ value: String) {
        read()
        known.append(Field(name: name, value: value))
    }

    /// All values of a name, in order.
    package func all(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// The first value of a name; setting replaces every field of that name, and nil removes them.
    package subscript(_ name: String) -> String? {
        get {
            let wanted = name.lowercased()
            return fields.first { $0.name.lowercased() == wanted }?.value
        }
        set {
            read()
            let wanted = name.lowercased()
            known.removeAll { $0.name.lowercased() == wanted }
            if let newValue { known.append(Field(name: name, value: newValue)) }
        }
    }

    package func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    private mutating func read() {
        guard !lines.isEmpty else { return }
        known = fields
        lines = []
    }

    private static func fields(in lines: [UInt8]) -> [Field] {
        lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return Field(name: text(line[..<colon]), value: text(line[(colon + 1)...]))
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HTTPHeaders: Hashable {
    package static func == (one: HTTPHeaders, other: HTTPHeaders) -> Bool { one.fields == other.fields }

    package func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}
