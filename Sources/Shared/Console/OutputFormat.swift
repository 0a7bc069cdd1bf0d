import FoundationEssentials
package import JSON
package import ModeSwitch
import Text
package import Usage
import YAML

/// The values of `-o`.
package enum OutputFormat: String, Sendable, Hashable, CaseIterable {
    case table
    case json
    case yaml
    /// One document a line, for programs that read while a command runs.
    case jsonl
    /// A page to keep, for results that have one.
    case html
}

/// A part of what a person is shown.
package enum Section: Sendable, Hashable {
    /// Lines that stay as they are, such as commands and code.
    case text(String)
    /// Lines that are broken between words to fit a terminal.
    case prose(String)
    /// Names and values in two columns.
    case fields([Field])
    case table(Table)

    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// A result: `Codable` for machines, sections for people. Sections are separated by an empty line.
package protocol Presentable: Encodable, Sendable {
    var sections: [Section] { get }
    /// What `jsonl` writes a line of each; nil for one line that holds the whole.
    var lineItems: [any Encodable & Sendable]? { get }
    /// The whole as one HTML page; nil for a result that has none.
    var page: String? { get }
}

extension Presentable {
    package var page: String? { nil }
    package var lineItems: [any Encodable & Sendable]? { nil }
}

/// The text for stdout, ending with a line break.
///
/// - Parameters:
///   - width: columns of the terminal; nil when stdout is none.
///   - exitCode: with `secretsAtRest` a member of every document.
/// - Throws: `JSONError` when the value cannot be encoded, which no value of this project does.
package func render(
    _ value: some Presentable, as format: OutputFormat, exitCode: ExitCode, secretsAtRest: SecretsAtRest,
    width: Int? = nil
) throws(JSONError) -> String {
    let stamp = [
        "exitCode": JSONValue.integer(Int64(exitCode.rawValue)), "secretsAtRest": .string(secretsAtRest.rawValue),
    ]
    switch format {
    case .table: return text(of: value.sections, width: width)
    case .json: return text(of: try document(value, stamp), pretty: true)
    case .yaml: return try yaml(try document(value, stamp))
    case .html:
        guard let page = value.page else { throw JSONError("only the report of a run can be written as HTML") }
        return page
    case .jsonl:
        guard let items = value.lineItems else { return text(of: try document(value, stamp), pretty: false) }
        var lines = ""
        for item in items { lines += text(of: try document(item, stamp), pretty: false) }
        return lines
    }
}

/// A value as an output document: times readable, the stamp added to an object.
///
/// - Parameter style: for whom the commands in it are worded.
package func document(
    _ value: some Encodable, _ stamp: [String: JSONValue] = [:], for style: CommandStyle = .kubectl
) throws(JSONError) -> JSONValue {
    let encoder = JSONEncoder()
    if let key = CommandStyle.key { encoder.userInfo[key] = style }
    guard let data = try? encoder.encode(value) else { throw JSONError("the result cannot be written as JSON") }
    let plain = try JSONValue(parsing: Array(data)).withReadableTimes()
    guard case .object(let members) = plain else { return plain }
    return .object(members.merging(stamp) { $1 })
}

/// A document's text. Characters that could steer a terminal are escaped: they can only stand in strings.
func text(of document: JSONValue, pretty: Bool) -> String {
    var result = ""
    for scalar in String(decoding: document.bytes(pretty: pretty), as: UTF8.self).unicodeScalars {
        // Line breaks between members are the encoder's own; one in a string is already escaped.
        if scalar == "\n" || !scalar.isUnsafeToShow {
            result.unicodeScalars.append(scalar)
        } else {
            // JSON escapes units of UTF-16 (RFC 8259 §7).
            for unit in String(scalar).utf16 { result += "\\u" + hexadecimal(unit, digits: 4) }
        }
    }
    return result + "\n"
}

private func yaml(_ document: JSONValue) throws(JSONError) -> String {
    do { return try yamlText(from: node(document)) } catch { throw JSONError("the result cannot be written as YAML") }
}

private func node(_ value: JSONValue) -> YAMLNode {
    switch value {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .double(let value): .double(value)
    case .string(let value): .string(printableLines(value))
    case .array(let items): .sequence(items.map(node))
    case .object(let members): .mapping(members.sorted { $0.key < $1.key }.map { ($0.key, node($0.value)) })
    }
}

/// The text with everything escaped but its line breaks.
func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable(limit: 65536) }
        .joined(separator: "\n")
}

/// Names, and beside them their values, which are broken as `folded` breaks them.
private func lines(of fields: [Section.Field], width: Int?) -> [String] {
    let room = (fields.map { displayWidth($0.name) }.max() ?? 0) + 4
    return fields.flatMap { field in
        let value = folded(field.value.printable(limit: 4096), to: width.map { max(24, $0 - room) })
        return value.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { number, line in
            let name = number == 0 ? field.name + ":" : ""
            let line = name + String(repeating: " ", count: room - displayWidth(name)) + line
            return line.trimmedAtEnd
        }
    }
}

package func text(of sections: [Section], width: Int?) -> String {
    let blocks = sections.map { section -> String in
        switch section {
        case .text(let text): printableLines(text)
        case .prose(let text):
            folded(printableLines(text), to: width)
        case .table(let table): table.lines(width: width).joined(separator: "\n")
        case .fields(let fields):
            lines(of: fields, width: width).joined(separator: "\n")
        }
    }
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
}
