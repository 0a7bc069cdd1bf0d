import Files
package import HTTP
import Text

/// Whom to act as, once signed in.
package struct Impersonation: Sendable, Hashable {
    package var user = ""
    package var uid = ""
    package var groups: [String] = []
    package var extra: [String: [String]] = [:]

    package init() {}

    var isEmpty: Bool { self == Impersonation() }

    /// A UID, groups or extras need a user (client-go refuses the rest, and so do servers).
    var lacksUser: Bool { user.isEmpty && !isEmpty }

    /// The header fields of client-go's transport; empty without a user.
    package var headers: HTTPHeaders {
        var headers = HTTPHeaders()
        guard !user.isEmpty else { return headers }
        headers.add("Impersonate-User", user)
        if !uid.isEmpty { headers.add("Impersonate-Uid", uid) }
        for group in groups { headers.add("Impersonate-Group", group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values { headers.add("Impersonate-Extra-" + Self.escapedKey(key), value) }
        }
        return headers
    }

    /// Escapes what may not stand in a field's name, and `%` itself, each byte as `%XX` (client-go headerKeyEscape).
    static func escapedKey(_ key: String) -> String {
        percentEncoded(key, keeping: "!#$&'*+^`|")
    }

    /// The settings of `other` over those here, field by field where they are not empty.
    mutating func override(with other: Impersonation) {
        if !other.user.isEmpty { user = other.user }
        if !other.uid.isEmpty { uid = other.uid }
        if !other.groups.isEmpty { groups = other.groups }
        extra.merge(other.extra) { _, new in new }
    }
}

extension String {
    /// Whether the text can stand in a header field's value (RFC 9110 §5.5, as strict as Go's net/http).
    var isSafeHeaderValue: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
}
