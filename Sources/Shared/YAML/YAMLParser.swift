extension YAMLNode {
    /// Parses the first document of a text, JSON included; nil when there is none (an empty text, or only comments).
    ///
    /// Later documents are not read, as kubectl does not read them in a kubeconfig.
    package static func parse(
        _ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        guard bytes.count <= limits.bytes else { throw YAMLError(.tooLarge(limit: limits.bytes), line: 0, column: 0) }
        let result = try TextEncoding.utf8(bytes).withUnsafeBufferPointer { text -> Result<YAMLNode?, YAMLError> in
            do throws(YAMLError) {
                var composer = Composer(limits: limits)
                return .success(try composer.firstDocument(of: EventReader(text)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// Builds nodes from events with a stack of its own, so that deep nesting cannot exhaust the thread's.
private struct Composer {
    /// A sequence or mapping that has not ended.
    private struct Open {
        let isMapping: Bool
        let anchor: String?
        let line: Int
        let column: Int
        /// The children so far: for a mapping key, value, key, value.
        var children: [YAMLNode] = []
        /// Nodes below and including this one, repeats by aliases counted each time.
        var size = 1
        /// Levels below this one, those inside aliases included.
        var height = 0
    }

    /// A complete node with its measures.
    private struct Complete {
        let node: YAMLNode
        var size = 1
        var height = 0
    }

    private let limits: YAMLLimits
    private var stack: [Open] = []
    private var anchors: [String: Complete] = [:]
    private var total = 0
    private var root: YAMLNode?

    init(limits: YAMLLimits) { self.limits = limits }

    mutating func firstDocument(of reader: borrowing EventReader) throws(YAMLError) -> YAMLNode? {
        while true {
            let event = try reader.next()
            switch event.kind {
            case .documentEnd: return root
            case .streamEnd: return nil
            case .documentStart, .streamStart, .none: break
            case .scalar(let scalar, let anchor):
                let content = try untagged(scalar, at: event)
                let node = YAMLNode(.scalar(content), line: event.line, column: event.column)
                try add(Complete(node: node), anchor: anchor, at: event)
            case .alias(let name):
                guard let known = anchors[name] else {
                    throw YAMLError(.unknownAlias, line: event.line, column: event.column)
                }
                // Aliases of aliases nest without any nesting in the text.
                guard stack.count + known.height <= limits.depth else {
                    throw YAMLError(.tooDeep(limit: limits.depth), line: event.line, column: event.column)
                }
                try add(known, anchor: nil, at: event)
            case .sequenceStart(let anchor): try open(isMapping: false, anchor, at: event)
            case .mappingStart(let anchor): try open(isMapping: true, anchor, at: event)
            case .sequenceEnd, .mappingEnd: try close(at: event)
            }
        }
    }

    /// A scalar whose tag has been acted on, as kubectl's parser does (goyaml.v2 resolve.go and decode.go).
    private func untagged(_ scalar: YAMLScalar, at event: YAMLEvent) throws(YAMLError) -> YAMLScalar {
        guard scalar.agreesWithTag else { throw YAMLError(.wrongTag, line: event.line, column: event.column) }
        guard scalar.isBinary else { return scalar }
        guard let text = scalar.binaryText else { throw YAMLError(.badBinary, line: event.line, column: event.column) }
        return YAMLScalar(text, style: .doubleQuoted)
    }

    private mutating func open(isMapping: Bool, _ anchor: String?, at event: YAMLEvent) throws(YAMLError) {
        guard stack.count < limits.depth else {
            throw YAMLError(.tooDeep(limit: limits.depth), line: event.line, column: event.column)
        }
        // An alias inside its own anchor would have no end: the name means nothing until the node is complete.
        if let anchor { anchors[anchor] = nil }
        stack.append(Open(isMapping: isMapping, anchor: anchor, line: event.line, column: event.column))
    }

    private mutating func close(at event: YAMLEvent) throws(YAMLError) {
        guard let open = stack.popLast() else { return }
        var node = YAMLNode(.sequence(open.children), line: open.line, column: open.column)
        if open.isMapping { node.content = .mapping(try entries(of: open.children)) }
        total -= open.size - 1
        try add(Complete(node: node, size: open.size, height: open.height + 1), anchor: open.anchor, at: event)
    }

    /// Adds a complete node to what is open, or makes it the root.
    private mutating func add(_ child: Complete, anchor: String?, at event: YAMLEvent) throws(YAMLError) {
        total += child.size
        guard total <= limits.nodes else {
            throw YAMLError(.tooManyNodes(limit: limits.nodes), line: event.line, column: event.column)
        }
        if let anchor { anchors[anchor] = child }
        guard let last = stack.indices.last else {
            root = child.node
            return
        }
        stack[last].children.append(child.node)
        stack[last].size += child.size
        stack[last].height = max(stack[last].height, child.height)
    }

    private func entries(of children: [YAMLNode]) throws(YAMLError) -> [YAMLNode.Entry] {
        var result: [YAMLNode.Entry] = []
        var places: [String: Int] = [:]
        var merged: [YAMLNode] = []
        for index in stride(from: 0, to: children.count - 1, by: 2) {
            let entry = YAMLNode.Entry(key: children[index], value: children[index + 1])
            if entry.key.isMergeKey {
                merged += entry.value.items ?? [entry.value]
            } else if let name = entry.key.scalar?.text, let place = places[name] {
                guard limits.duplicateKeys == .lastWins else {
                    throw YAMLError(.duplicateKey, line: entry.key.line, column: entry.key.column)
                }
                result[place] = entry
            } else {
                if let name = entry.key.scalar?.text { places[name] = result.count }
                result.append(entry)
            }
        }
        // Keys of the mapping itself count before merged ones, and earlier merged mappings before later ones.
        for mapping in merged {
            guard let entries = mapping.entries else {
                throw YAMLError(.mergeOfNonMapping, line: mapping.line, column: mapping.column)
            }
            for entry in entries {
                guard let name = entry.key.scalar?.text, places[name] == nil else { continue }
                places[name] = result.count
                result.append(entry)
            }
        }
        return result
    }
}

extension YAMLNode {
    fileprivate var isMergeKey: Bool {
        guard let scalar, scalar.text == "<<" else { return false }
        return scalar.tag == "tag:yaml.org,2002:merge" || (scalar.tag == nil && scalar.style == .plain)
    }
}
