import FoundationEssentials
import JSON
import YAML

/// Reads the fields of one mapping; a field of the wrong type is an error that names its file and line.
///
/// Fields that are not known are passed over, and null counts as absent, as client-go does both.
struct EntryReader {
    let node: YAMLNode
    /// The path to here, for messages: `clusters[0].cluster`.
    let path: String
    let file: String

    init(_ node: YAMLNode, path: String, file: String) throws(KubeconfigError) {
        self.node = node
        self.path = path
        self.file = file
        guard node.entries != nil || node.isNull else {
            throw failure(.wrongType(field: path, expected: "a mapping"), node)
        }
    }

    func string(_ name: String) throws(KubeconfigError) -> String {
        guard let value = value(name) else { return "" }
        guard case .string(let text) = value.scalar?.resolved else { throw wrongType(name, "a string", value) }
        return text
    }

    func bool(_ name: String) throws(KubeconfigError) -> Bool {
        guard let value = value(name) else { return false }
        guard case .bool(let flag) = value.scalar?.resolved else { throw wrongType(name, "true or false", value) }
        return flag
    }

    /// Standard base64; line breaks inside are allowed, as Go's decoder allows them.
    func data(_ name: String) throws(KubeconfigError) -> [UInt8] {
        let text = try string(name)
        let clean = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let data = Data(base64Encoded: Data(clean)) else {
            throw failure(.badBase64(field: field(name)), value(name) ?? node)
        }
        return Array(data)
    }

    func items(_ name: String) throws(KubeconfigError) -> [YAMLNode] {
        guard let value = value(name) else { return [] }
        guard let items = value.items else { throw wrongType(name, "a list", value) }
        return items
    }

    func strings(_ name: String) throws(KubeconfigError) -> [String] {
        var result: [String] = []
        for item in try items(name) {
            guard case .string(let text) = item.scalar?.resolved else {
                throw wrongType(name, "a list of strings", item)
            }
            result.append(text)
        }
        return result
    }

    /// The reader of a field that is a mapping; nil when absent.
    func child(_ name: String) throws(KubeconfigError) -> EntryReader? {
        guard let value = value(name) else { return nil }
        return try EntryReader(value, path: field(name), file: file)
    }

    /// The readers of a list's mappings.
    func children(_ name: String) throws(KubeconfigError) -> [EntryReader] {
        var result: [EntryReader] = []
        for (index, item) in try items(name).enumerated() {
            result.append(try EntryReader(item, path: "\(field(name))[\(index)]", file: file))
        }
        return result
    }

    func failure(_ kind: KubeconfigProblem.Kind, _ node: YAMLNode) -> KubeconfigError {
        KubeconfigError([KubeconfigProblem(kind, file: file, line: node.line, column: node.column)])
    }

    private func value(_ name: String) -> YAMLNode? {
        guard let value = node[name], !value.isNull else { return nil }
        return value
    }

    private func field(_ name: String) -> String { path.isEmpty ? name : path + "." + name }

    private func wrongType(_ name: String, _ expected: String, _ node: YAMLNode) -> KubeconfigError {
        failure(.wrongType(field: field(name), expected: expected), node)
    }
}

extension JSONValue {
    /// The JSON that kubectl makes of YAML; keys that are no strings become their text.
    init(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let items): self = .array(items.map { JSONValue($0) })
        case .mapping(let entries):
            let members = entries.compactMap { entry in entry.key.scalar.map { ($0.text, JSONValue(entry.value)) } }
            self = .object(Dictionary(members) { _, last in last })
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: self = .null
            case .bool(let value): self = .bool(value)
            case .integer(let value): self = .integer(value)
            case .double(let value): self = value.isFinite ? .double(value) : .string(scalar.text)
            case .string(let value): self = .string(value)
            }
        }
    }
}
