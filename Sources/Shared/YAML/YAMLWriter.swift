import CYAML

/// The text of a document in block style, members in their order, ending with a line break.
///
/// Throws only when memory is short or a string holds what YAML cannot (libyaml's words).
package func yamlText(from node: YAMLNode) throws(YAMLError) -> String {
    let writer = EventWriter()
    try writer.send { yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
    try writer.send { yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
    try writer.write(node, depth: 0)
    try writer.send { yaml_document_end_event_initialize($0, 1) }
    try writer.send { yaml_stream_end_event_initialize($0) }
    return String(decoding: writer.output.bytes, as: UTF8.self)
}

/// Owns libyaml's emitter.
private struct EventWriter: ~Copyable {
    final class Output { var bytes: [UInt8] = [] }

    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    let output = Output()

    init() {
        emitter = .allocate(capacity: 1)
        // Failure leaves an emitter of zeros, which every later call refuses.
        _ = yaml_emitter_initialize(emitter)
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_width(emitter, -1)
        yaml_emitter_set_indent(emitter, 2)
        yaml_emitter_set_encoding(emitter, YAML_UTF8_ENCODING)
        let append: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int32 = {
            target, bytes, count in
            guard let target, let bytes else { return 0 }
            let output = Unmanaged<Output>.fromOpaque(target).takeUnretainedValue()
            output.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            return 1
        }
        yaml_emitter_set_output(emitter, append, Unmanaged.passUnretained(output).toOpaque())
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
    }

    /// Makes an event and hands it to the emitter, which owns it from then on, whatever it answers.
    func send(_ make: (UnsafeMutablePointer<yaml_event_t>) -> Int32) throws(YAMLError) {
        var event = yaml_event_t()
        guard make(&event) == 1 else { throw YAMLError(.noMemory, line: 0, column: 0) }
        guard yaml_emitter_emit(emitter, &event) == 1 else {
            let problem = emitter.pointee.problem.map { String(cString: $0) } ?? "cannot be written"
            throw YAMLError(.malformed(problem), line: 0, column: 0)
        }
    }

    func write(_ node: YAMLNode, depth: Int) throws(YAMLError) {
        guard depth < 256 else { throw YAMLError(.tooDeep(limit: 256), line: node.line, column: node.column) }
        switch node.content {
        case .scalar(let scalar): try write(scalar)
        case .sequence(let items):
            let style = items.isEmpty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
            try send { yaml_sequence_start_event_initialize($0, nil, nil, 1, style) }
            for item in items { try write(item, depth: depth + 1) }
            try send { yaml_sequence_end_event_initialize($0) }
        case .mapping(let entries):
            let style = entries.isEmpty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE
            try send { yaml_mapping_start_event_initialize($0, nil, nil, 1, style) }
            for entry in entries {
                try write(entry.key, depth: depth + 1)
                try write(entry.value, depth: depth + 1)
            }
            try send { yaml_mapping_end_event_initialize($0) }
        }
    }

    private func write(_ scalar: YAMLScalar) throws(YAMLError) {
        let style =
            switch scalar.style {
            case .plain: YAML_PLAIN_SCALAR_STYLE
            case .singleQuoted: YAML_SINGLE_QUOTED_SCALAR_STYLE
            case .doubleQuoted: YAML_DOUBLE_QUOTED_SCALAR_STYLE
            case .literal: YAML_LITERAL_SCALAR_STYLE
            case .folded: YAML_FOLDED_SCALAR_STYLE
            }
        let bytes = Array(scalar.text.utf8)
        try send { event in
            bytes.withUnsafeBufferPointer {
                yaml_scalar_event_initialize(event, nil, nil, $0.baseAddress, Int32(clamping: bytes.count), 1, 1, style)
            }
        }
    }
}
