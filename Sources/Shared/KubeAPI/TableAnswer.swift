/// What is read of a Table (meta.k8s.io/v1) that was asked for with `includeObject=None`.
struct TableAnswer: Sendable, Hashable {
    /// Of the object, where one object was asked for; else of the list.
    var resourceVersion: Int64
    var next: String?
    var remaining: Int?
    /// More than any etcd holds: such a number is as absent, and sums of smaller ones do not overflow.
    static let mostRemaining: Int64 = 1_000_000_000_000

    /// The cells of the column `Name`.
    var names: [String] = []

    enum Refusal: Error, Sendable, Hashable {
        /// It is another kind, or a row holds an object: the server did not do what was asked, and may have sent data.
        case carriesObjects
        case malformed(String)
    }

    /// - Parameter withNames: whether the names are looked at; the version of one object needs none of it.
    init(parsing body: [UInt8], withNames: Bool = true) throws(Refusal) {
        var parts = Parts(wantsNames: withNames)
        do throws(JSONCursor.Malformed) {
            var cursor = JSONCursor(body)
            try cursor.object { cursor, key throws(JSONCursor.Malformed) in try parts.take(key, &cursor) }
            guard cursor.isAtEnd() else { throw JSONCursor.Malformed() }
        } catch {
            throw .malformed("it is not the Table that was asked for")
        }
        guard parts.isTable, !parts.carriesObject else { throw .carriesObjects }
        guard let version = parts.resourceVersion else { throw .malformed("it has no resourceVersion") }
        resourceVersion = version
        next = parts.next
        remaining = parts.remaining
        names = parts.names
    }
}

private struct Parts {
    let wantsNames: Bool
    var isTable = false
    var carriesObject = false
    var resourceVersion: Int64?
    var next: String?
    var remaining: Int?
    var nameColumn: Int?
    var names: [String] = []

    typealias Malformed = JSONCursor.Malformed

    mutating func take(_ key: ArraySlice<UInt8>, _ cursor: inout JSONCursor) throws(Malformed) {
        if key.elementsEqual("kind".utf8) {
            isTable = try cursor.string().elementsEqual("Table".utf8)
        } else if key.elementsEqual("metadata".utf8) {
            try metadata(&cursor)
        } else if wantsNames, key.elementsEqual("columnDefinitions".utf8) {
            try columns(&cursor)
        } else if key.elementsEqual("rows".utf8) {
            try rows(&cursor)
        } else {
            try cursor.skip()
        }
    }

    private mutating func metadata(_ cursor: inout JSONCursor) throws(Malformed) {
        var (version, token, count) = (resourceVersion, next, remaining)
        try cursor.object { cursor, key throws(Malformed) in
            if key.elementsEqual("resourceVersion".utf8) {
                version = decimal(try cursor.string())
            } else if key.elementsEqual("continue".utf8) {
                let text = String(decoding: try cursor.string(), as: UTF8.self)
                token = text.isEmpty ? nil : text
            } else if key.elementsEqual("remainingItemCount".utf8) {
                let number = try cursor.integer()
                count = number <= TableAnswer.mostRemaining ? Int(number) : nil
            } else {
                try cursor.skip()
            }
        }
        (resourceVersion, next, remaining) = (version, token, count)
    }

    private mutating func columns(_ cursor: inout JSONCursor) throws(Malformed) {
        var found: Int?
        try cursor.array { cursor, place throws(Malformed) in
            try cursor.object { cursor, key throws(Malformed) in
                if key.elementsEqual("name".utf8) {
                    if try cursor.string().elementsEqual("Name".utf8) { found = found ?? place }
                } else {
                    try cursor.skip()
                }
            }
        }
        nameColumn = found
    }

    private mutating func rows(_ cursor: inout JSONCursor) throws(Malformed) {
        if try cursor.null() { return }
        var (found, hasObject) = (names, carriesObject)
        let column = nameColumn
        try cursor.array { cursor, _ throws(Malformed) in
            guard column != nil || !wantsNames else { throw Malformed() }
            try cursor.object { cursor, key throws(Malformed) in
                if wantsNames, key.elementsEqual("cells".utf8) {
                    try cursor.array { cursor, place throws(Malformed) in
                        if place == column {
                            found.append(String(decoding: try cursor.string(), as: UTF8.self))
                        } else {
                            try cursor.skip()
                        }
                    }
                } else if key.elementsEqual("object".utf8) {
                    if try !cursor.null() {
                        hasObject = true
                        try cursor.skip()
                    }
                } else {
                    try cursor.skip()
                }
            }
        }
        (names, carriesObject) = (found, hasObject)
    }
}
