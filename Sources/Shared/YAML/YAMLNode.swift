/// A node of a YAML document: its content, and where it stands in the text.
package struct YAMLNode: Sendable, Hashable {
    package indirect enum Content: Sendable, Hashable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the document; keys that are equal scalars occur once.
        case mapping([Entry])
    }

    package struct Entry: Sendable, Hashable {
        package var key: YAMLNode
        package var value: YAMLNode

        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    package var content: Content
    /// Counted from 1, as editors do; 0 for a node that was not parsed.
    package var line: Int
    package var column: Int

    package init(_ content: Content, line: Int = 0, column: Int = 0) {
        self.content = content
        self.line = line
        self.column = column
    }
}

extension YAMLNode {
    /// A string, quoted when written wherever it would otherwise read as something else.
    package static func string(_ text: String) -> YAMLNode {
        let style: YAMLScalar.Style = text.contains("\n") ? .literal : .plain
        let plain = YAMLScalar(text, style: .plain)
        let readsAsItself = plain.resolved == .string(text) && text != "<<" && text != "="
        return YAMLNode(.scalar(YAMLScalar(text, style: readsAsItself ? style : .doubleQuoted)))
    }

    package static func bool(_ value: Bool) -> YAMLNode { .plain(value ? "true" : "false") }

    package static func integer(_ value: Int64) -> YAMLNode { .plain(String(value)) }

    package static func double(_ value: Double) -> YAMLNode {
        guard value.isFinite else { return .plain(value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf") }
        return .plain("\(value)")
    }

    package static var null: YAMLNode { .plain("null") }

    package static func sequence(_ items: [YAMLNode]) -> YAMLNode { YAMLNode(.sequence(items)) }

    package static func mapping(_ members: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(.mapping(members.map { Entry(key: .string($0.0), value: $0.1) }))
    }

    private static func plain(_ text: String) -> YAMLNode { YAMLNode(.scalar(YAMLScalar(text, style: .plain))) }

    /// The scalar, or nil for a sequence or mapping.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
    package var items: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
    package var entries: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }
    package var isNull: Bool { scalar?.resolved == .null }

    /// The value of a mapping's key; nil when absent or when this is no mapping.
    package subscript(_ name: String) -> YAMLNode? {
        entries?.first { $0.key.scalar?.text == name }?.value
    }
}
