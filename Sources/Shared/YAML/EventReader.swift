import CYAML

/// What libyaml tells of a text, one piece at a time.
struct YAMLEvent {
    enum Kind {
        case documentStart, documentEnd, streamStart, streamEnd, none
        case alias(String)
        case scalar(YAMLScalar, anchor: String?)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
        case sequenceEnd, mappingEnd
    }

    let kind: Kind
    let line: Int
    let column: Int
}

/// Owns libyaml's parser over a text that outlives it; the only place that touches its memory.
struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeBufferPointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        self.text = text
        guard yaml_parser_initialize(parser) == 1 else {
            // What initialization left behind on failure it has freed; deleting twice is safe, as it zeroes.
            throw YAMLError(.noMemory, line: 0, column: 0)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(
            kind: Self.kind(of: event), line: event.start_mark.line + 1, column: event.start_mark.column + 1)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_STREAM_END_EVENT: .streamEnd
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: .scalar(scalar(event), anchor: string(event.data.scalar.anchor))
        case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: string(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart(anchor: string(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        default: .none
        }
    }

    private static func scalar(_ event: yaml_event_t) -> YAMLScalar {
        let raw = event.data.scalar
        let text = String(decoding: UnsafeBufferPointer(start: raw.value, count: raw.length), as: UTF8.self)
        let style: YAMLScalar.Style =
            switch raw.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        return YAMLScalar(text, style: style, tag: string(raw.tag))
    }

    private static func string(_ pointer: UnsafePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func failure() -> YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not well-formed"
        switch state.error {
        case YAML_MEMORY_ERROR: return YAMLError(.noMemory, line: 0, column: 0)
        case YAML_READER_ERROR:
            // The reader knows only a byte's place in the text.
            let before = text.prefix(state.problem_offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
            let isEncoding = problem.contains("UTF-8") || problem.contains("Unicode")
            return YAMLError(isEncoding ? .notUTF8 : .malformed(problem), line: line, column: column)
        default:
            return YAMLError(
                .malformed(problem), line: state.problem_mark.line + 1, column: state.problem_mark.column + 1)
        }
    }
}
