import Foundation

/// A request as the handlers see it, whatever server took it in.
public struct Request: Sendable {
    public var method: String
    /// The decoded segments of the path, in the case that the client used.
    public var segments: [String]
    public var query: [(name: String, value: String)]
    /// The path and the query as they came.
    public var target: String
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = (parts.first ?? "").split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = parts.count > 1 ? Form.parse(String(parts[1])) : []
        self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { _, last in last }
        self.body = body
    }

    public var path: String { String(target.prefix { $0 != "?" }) }

    public func parameter(_ name: String) -> String? {
        query.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The name of the host that the client asked for, with its port.
    public var host: String { (headers["host"] ?? "").lowercased() }

    public var bearerToken: String? {
        guard let value = headers["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7))
    }

    public func json() throws -> JSON {
        guard !body.isEmpty else { return [:] }
        do {
            let value = try JSON(parsing: body)
            guard value.object != nil else { throw AzureError.invalidBody }
            return value
        } catch {
            throw AzureError.invalidBody
        }
    }
}

/// What a handler answers, or that it lets the connection die instead.
public struct Answer: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// The connection is closed without an answer.
    public var isLost = false

    public init(_ status: Int, _ body: JSON? = nil, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.headers = headers
        self.body = body?.bytes ?? []
        if body != nil { self.headers.append(("content-type", "application/json; charset=utf-8")) }
    }

    public static var lost: Answer {
        var answer = Answer(599)
        answer.isLost = true
        return answer
    }

    public func with(_ name: String, _ value: String) -> Answer {
        var copy = self
        copy.headers.removeAll { $0.name == name }
        copy.headers.append((name, value))
        return copy
    }

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public func json() throws -> JSON { try JSON(parsing: body) }
}

/// `application/x-www-form-urlencoded`, as queries and token requests use it.
enum Form {
    static func parse(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts.first ?? ""), parts.count > 1 ? decode(parts[1]) : "")
        }
    }

    private static func decode(_ text: Substring) -> String {
        let spaced = text.replacingOccurrences(of: "+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
