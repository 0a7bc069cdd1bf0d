/// A request as the server received it.
struct APIRequest: Sendable {
    var method: String
    /// The path, percent-decoded, without the query.
    var path: String
    var query: [String: String]
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    init(method: String, uri: String, headers: [String: String], body: [UInt8]) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        self.method = method
        path = Self.decoded(parts[0], plusIsSpace: false)
        self.query = query
        self.headers = headers
        self.body = body
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool = true) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The body as an object: JSON, or the protobuf of the kinds that kubectl creates.
    func object(of kind: String) throws -> JSON {
        switch headers["content-type"]?.split(separator: ";").first ?? "application/json" {
        case "application/json":
            do {
                return try JSON(parsing: body)
            } catch {
                throw APIStatus.badRequest("\(kind) in version \"v1\" cannot be handled as a \(kind): \(error)")
            }
        case "application/vnd.kubernetes.protobuf":
            guard let object = Protobuf.object(body) else {
                throw APIStatus.badRequest("\(kind) in version \"v1\" cannot be handled as a \(kind): unknown message")
            }
            return object
        default: throw APIStatus.unsupportedMediaType(["application/json", Protobuf.contentType])
        }
    }

    /// The verb, as authorization knows it.
    func verb(hasName: Bool) -> String {
        switch method {
        case "GET", "HEAD":
            query["watch"].map { $0 == "true" || $0 == "1" } == true ? "watch" : hasName ? "get" : "list"
        case "POST": "create"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": hasName ? "delete" : "deletecollection"
        default: method.lowercased()
        }
    }
}

/// An answer, and what becomes of the connection after it.
struct APIResponse: Sendable {
    enum Ending: Sendable {
        case keep
        /// No answer: the connection is cut.
        case drop
        /// The answer, then GOAWAY or `Connection: close`.
        case goAway
        /// Half of the answer's body, then the connection is cut.
        case truncate
    }

    var status: Int
    var headers: [(String, String)]
    var body: [UInt8]
    var ending = Ending.keep
    /// Seconds over which the body is spread.
    var drip = 0.0

    init(status: Int, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        headers = [("content-type", contentType)]
        self.body = body
    }

    init(_ object: JSON, status: Int = 200) {
        self.init(status: status, body: object.encoded())
    }

    init(text: String, status: Int = 200) {
        self.init(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    init(_ failure: APIStatus) {
        if failure.isPlainText {
            self.init(text: failure.message, status: failure.code)
        } else {
            self.init(failure.body, status: failure.code)
        }
        headers += failure.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
