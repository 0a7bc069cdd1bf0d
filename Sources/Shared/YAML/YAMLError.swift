/// Text that is not YAML, or more than the limits allow; it quotes nothing of the text.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// Not well-formed; the parser's own words, which never hold content.
        case malformed(String)
        case notUTF8
        /// It begins with the byte-order mark of UTF-16, and is none.
        case notUTF16
        case tooLarge(limit: Int)
        case tooDeep(limit: Int)
        /// More nodes than allowed, those that aliases repeat included.
        case tooManyNodes(limit: Int)
        case unknownAlias
        case duplicateKey
        case mergeOfNonMapping
        /// A value tagged `!!binary` that is not base64.
        case badBinary
        /// A value that is not what its tag says: `!!int abc`.
        case wrongTag
        /// Memory is short.
        case noMemory
    }

    package let kind: Kind
    /// Counted from 1; 0 where the whole text is meant.
    package let line: Int
    package let column: Int

    package init(_ kind: Kind, line: Int, column: Int) {
        self.kind = kind
        self.line = line
        self.column = column
    }

    package var description: String {
        let what =
            switch kind {
            case .malformed(let problem): problem
            case .notUTF8: "the text is not UTF-8"
            case .notUTF16: "the text begins as UTF-16 and is none"
            case .tooLarge(let limit): "the text is larger than \(limit) bytes"
            case .tooDeep(let limit): "nested more than \(limit) levels deep"
            case .tooManyNodes(let limit): "more than \(limit) values, those repeated by aliases included"
            case .unknownAlias: "an alias of an anchor that is not (yet) defined"
            case .duplicateKey: "a key that its mapping has already"
            case .mergeOfNonMapping: "a merge key (<<) whose value is no mapping"
            case .badBinary: "a !!binary value that is not base64"
            case .wrongTag: "a value that is not what its tag says"
            case .noMemory: "memory is short"
            }
        return line > 0 ? "line \(line), column \(column): \(what)" : what
    }
}

/// Bounds on a document; defaults suit a kubeconfig of thousands of clusters.
package struct YAMLLimits: Sendable {
    package enum DuplicateKeys: Sendable {
        /// The later value counts: what kubectl does with a kubeconfig (k8s.io/client-go decodes with a serializer that
        /// is not strict; setMapIndex of sigs.k8s.io/yaml/goyaml.v2 then overwrites).
        case lastWins
        case refused
    }

    package var bytes: Int
    package var depth: Int
    package var nodes: Int
    package var duplicateKeys: DuplicateKeys

    package init(
        bytes: Int = 16 << 20, depth: Int = 64, nodes: Int = 500_000, duplicateKeys: DuplicateKeys = .lastWins
    ) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
        self.duplicateKeys = duplicateKeys
    }
}
