import Foundation

/// The bodies that clients built on typed client-go send: `k8s\0` and a `runtime.Unknown`, as far as kubectl makes them
/// (k8s.io/api core/v1, authorization/v1, coordination/v1 and apimachinery meta/v1, generated.proto).
enum Protobuf {
    static let contentType = "application/vnd.kubernetes.protobuf"

    /// Reads a message's length-delimited and varint fields.
    private struct Message {
        private(set) var fields: [Int: [ArraySlice<UInt8>]] = [:]
        private(set) var numbers: [Int: Int] = [:]

        init?(_ bytes: ArraySlice<UInt8>) {
            var rest = bytes
            while !rest.isEmpty {
                guard let tag = Self.varint(&rest), let value = Self.varint(&rest) else { return nil }
                switch tag & 7 {
                case 0: numbers[tag >> 3] = value
                case 2:
                    guard value >= 0, value <= rest.count else { return nil }
                    fields[tag >> 3, default: []].append(rest.prefix(value))
                    rest = rest.dropFirst(value)
                default: return nil
                }
            }
        }

        private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 63, by: 7) {
                guard let byte = bytes.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return Int(value) }
            }
            return nil
        }

        func message(_ field: Int) -> Message? { fields[field]?.last.flatMap(Message.init) }

        func string(_ field: Int) -> JSON? {
            fields[field]?.last.flatMap { $0.isEmpty ? nil : .string(String(decoding: $0, as: UTF8.self)) }
        }

        func map(_ field: Int, _ value: (ArraySlice<UInt8>) -> String = { String(decoding: $0, as: UTF8.self) })
            -> JSON?
        {
            guard let entries = fields[field] else { return nil }
            var members: [String: JSON] = [:]
            for entry in entries {
                guard let pair = Message(entry) else { continue }
                let key = String(decoding: pair.fields[1]?.last ?? [], as: UTF8.self)
                members[key] = .string(value(pair.fields[2]?.last ?? []))
            }
            return .object(members)
        }

        func bool(_ field: Int) -> JSON? { numbers[field].map { .bool($0 != 0) } }
    }

    /// The object of a body, or nil when it is none that is known here.
    static func object(_ body: [UInt8]) -> JSON? {
        guard body.starts(with: Array("k8s\0".utf8)), let unknown = Message(body.dropFirst(4)),
            let type = unknown.message(1), let apiVersion = type.string(1), let kind = type.string(2)
        else { return nil }
        guard let message = Message(unknown.fields[2]?.last ?? []) else { return nil }
        var object: JSON = ["apiVersion": apiVersion, "kind": kind]
        object["metadata"] = metadata(message.message(1))
        switch kind {
        case "Secret":
            object["data"] = message.map(2) { Data($0).base64EncodedString() }
            object["type"] = message.string(3)
            object["stringData"] = message.map(4)
            object["immutable"] = message.bool(5)
        case "ConfigMap":
            object["data"] = message.map(2)
            object["binaryData"] = message.map(3) { Data($0).base64EncodedString() }
            object["immutable"] = message.bool(4)
        case "Namespace": break
        case "SelfSubjectAccessReview": object["spec"] = accessReview(message.message(2))
        default: return nil
        }
        return object
    }

    private static func metadata(_ message: Message?) -> JSON {
        var metadata: JSON = [:]
        guard let message else { return metadata }
        for (field, name) in [
            (1, "name"), (2, "generateName"), (3, "namespace"), (5, "uid"), (6, "resourceVersion"),
        ] {
            metadata[name] = message.string(field)
        }
        metadata["labels"] = message.map(11)
        metadata["annotations"] = message.map(12)
        return metadata
    }

    private static func accessReview(_ message: Message?) -> JSON {
        var spec: JSON = [:]
        if let attributes = message?.message(1) {
            var members: JSON = [:]
            let names = ["namespace", "verb", "group", "version", "resource", "subresource", "name"]
            for (index, name) in names.enumerated() { members[name] = attributes.string(index + 1) }
            spec["resourceAttributes"] = members
        }
        if let attributes = message?.message(2) {
            var members: JSON = [:]
            for (index, name) in ["path", "verb"].enumerated() { members[name] = attributes.string(index + 1) }
            spec["nonResourceAttributes"] = members
        }
        return spec
    }

    /// An OpenAPI v2 document without definitions: what kubectl does not find there, it does not validate itself.
    static let emptyOpenAPI: [UInt8] = {
        func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(value.count)] + value }
        return field(1, Array("2.0".utf8)) + field(2, field(1, Array("Kubernetes".utf8)) + field(2, Array("v1".utf8)))
    }()
}
