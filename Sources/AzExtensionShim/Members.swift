import JSON
import Kubeconfig

/// Takes the members of an object one by one; one that nobody takes is an error: what was asked for in it would be
/// left undone in silence.
struct Members {
    private var members: [String: JSONValue]
    private let what: String

    init(_ document: JSONValue, _ what: String) throws(RequestError) {
        guard let members = document.object else { throw RequestError("\(what) is no JSON object") }
        self.members = members.filter { $0.value != .null }
        self.what = what
    }

    mutating func object(_ name: String) throws(RequestError) -> Members {
        try Members(members.removeValue(forKey: name) ?? .object([:]), "'\(name)'")
    }

    mutating func string(_ name: String) throws(RequestError) -> String? {
        try take(name, "a string", \.string)
    }

    /// A string that must be there and not be empty.
    mutating func needed(_ name: String) throws(RequestError) -> String {
        guard let text = try string(name), !text.isEmpty else { throw RequestError("'\(name)' is missing in \(what)") }
        return text
    }

    mutating func integer(_ name: String) throws(RequestError) -> Int64? {
        try take(name, "a whole number", \.integer)
    }

    mutating func number(_ name: String) throws(RequestError) -> Double? {
        try take(name, "a number") { value in
            if case .double(let number) = value { number } else { value.integer.map(Double.init) }
        }
    }

    /// Absent is false.
    mutating func bool(_ name: String) throws(RequestError) -> Bool {
        try take(name, "true or false", \.bool) ?? false
    }

    mutating func strings(_ name: String) throws(RequestError) -> [String] {
        let items = try take(name, "a list", \.array) ?? []
        let texts = items.compactMap(\.string)
        guard texts.count == items.count else { throw RequestError("'\(name)' is not a list of strings") }
        return texts
    }

    /// A length of time as people type it: seconds, or with units.
    mutating func seconds(_ name: String) throws(RequestError) -> Double? {
        try take(name, "a length of time such as 90s or 10m") { $0.string.flatMap(parseTimeout) }
    }

    func end() throws(RequestError) {
        guard let first = members.keys.sorted().first else { return }
        throw RequestError("\(what) has a member that is not known: '\(first.prefix(64))'")
    }

    private mutating func take<Value>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
    ) throws(RequestError) -> Value? {
        guard let value = members.removeValue(forKey: name) else { return nil }
        guard let result = read(value) else { throw RequestError("'\(name)' is not \(kind)") }
        return result
    }
}
