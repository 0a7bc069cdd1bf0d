/// The encodings in which editors and shells leave a text, told apart by the mark at its beginning.
enum TextEncoding {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text as UTF-8 without byte-order marks; a text without a mark at its beginning as it stands.
    ///
    /// kubectl's parser reads UTF-8 and UTF-16 with a mark (sigs.k8s.io/yaml/goyaml.v2 readerc.go). libyaml detects
    /// the same, but moves the first line by a column for every mark that begins a line, so that a document ends after
    /// its first line: such marks, which come from files put together, are left out here.
    static func utf8(_ bytes: [UInt8]) throws(YAMLError) -> [UInt8] {
        var text: [UInt8]
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFF, 0xFE): text = try transcoded(bytes.dropFirst(2)) { UInt16($1) << 8 | UInt16($0) }
        case (0xFE, 0xFF): text = try transcoded(bytes.dropFirst(2)) { UInt16($0) << 8 | UInt16($1) }
        default: text = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        }
        // kubectl takes such a file for an empty one; nothing that cannot be read is.
        guard !text.starts(with: mark) else {
            throw YAMLError(.malformed("a second byte-order mark"), line: 1, column: 1)
        }
        if text.contains(mark[0]) { text = withoutMarksBeforeLines(text) }
        return text
    }

    private static func transcoded(
        _ bytes: ArraySlice<UInt8>, _ unit: (UInt8, UInt8) -> UInt16
    ) throws(YAMLError) -> [UInt8] {
        guard bytes.count.isMultiple(of: 2) else { throw YAMLError(.notUTF16, line: 0, column: 0) }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
            units.append(unit(bytes[index], bytes[index + 1]))
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        let isBroken = transcode(
            units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true
        ) { text.append($0) }
        guard !isBroken else { throw YAMLError(.notUTF16, line: 0, column: 0) }
        return text
    }

    private static func withoutMarksBeforeLines(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.first {
            let beginsLine = result.last == UInt8(ascii: "\n") || result.last == UInt8(ascii: "\r")
            if beginsLine, rest.starts(with: mark) {
                rest = rest.dropFirst(mark.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
