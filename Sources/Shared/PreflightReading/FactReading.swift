import AzureAccount
import JSON
package import Preflight
import Text

/// Why something that came could not be taken for a fact.
struct Unreadable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension Fact {
    /// What a reading gives; its error becomes the reason.
    package static func reading(_ read: () async throws -> Value) async -> Self {
        do { return .known(try await read()) } catch { return .unreadable("\(error)") }
    }

    /// What follows from a fact that is known.
    func then<Other: Sendable>(_ next: (Value) throws -> Other) -> Fact<Other> {
        switch self {
        case .known(let value):
            do { return .known(try next(value)) } catch { return .unreadable("\(error)") }
        case .unreadable(let reason): return .unreadable(reason)
        case .notApplicable: return .notApplicable
        }
    }

    /// What can be read once a fact is known.
    func thenRead<Other: Sendable>(_ next: (Value) async throws -> Other) async -> Fact<Other> {
        switch self {
        case .known(let value): return await .reading { try await next(value) }
        case .unreadable(let reason): return .unreadable(reason)
        case .notApplicable: return .notApplicable
        }
    }
}

/// Reading a document that a server wrote: what has another type than documented is never taken for absent.
extension JSONValue {
    /// A member by its path, such as `properties.powerState.code`; nil if it, or what would hold it, is absent.
    func member(_ path: String) throws(Unreadable) -> JSONValue? {
        var current = self
        for name in path.split(separator: ".") {
            guard current.object != nil else { throw Unreadable("\(path) is not what Azure documents") }
            guard let next = current[String(name)] else { return nil }
            current = next
        }
        return current
    }

    /// A text; `absent` stands for one that is missing.
    func text(_ path: String, absent: String? = nil) throws(Unreadable) -> String {
        guard let value = try member(path) else {
            guard let absent else { throw Unreadable("Azure's answer has no \(path)") }
            return absent
        }
        guard let text = value.string else { throw Unreadable("\(path) is not a text") }
        return text.onOneLine(limit: 2048)
    }

    func flag(_ path: String, absent: Bool) throws(Unreadable) -> Bool {
        guard let value = try member(path) else { return absent }
        guard let flag = value.bool else { throw Unreadable("\(path) is neither true nor false") }
        return flag
    }

    /// A whole number; nil if it is missing.
    func number(_ path: String) throws(Unreadable) -> Int64? {
        guard let value = try member(path) else { return nil }
        guard let number = value.integer else { throw Unreadable("\(path) is not a whole number") }
        return number
    }

    /// A time in seconds since 1970, until the year 9999; nil if it is missing.
    func time(_ path: String) throws(Unreadable) -> Int64? {
        guard let time = try number(path) else { return nil }
        guard Timestamp.range.contains(time) else { throw Unreadable("\(path) is not a time") }
        return time
    }

    /// A list; empty if it is missing, where `absentIsEmpty` says so.
    func items(_ path: String, absentIsEmpty: Bool = true) throws(Unreadable) -> [JSONValue] {
        guard let value = try member(path) else {
            if absentIsEmpty { return [] }
            throw Unreadable("Azure's answer has no \(path)")
        }
        guard let items = value.array else { throw Unreadable("\(path) is not a list") }
        return items
    }

    /// A list of texts.
    func texts(_ path: String, absentIsEmpty: Bool = true) throws(Unreadable) -> [String] {
        var texts: [String] = []
        for item in try items(path, absentIsEmpty: absentIsEmpty) {
            guard let text = item.string else { throw Unreadable("\(path) holds more than texts") }
            texts.append(text.onOneLine(limit: 2048))
        }
        return texts
    }
}
