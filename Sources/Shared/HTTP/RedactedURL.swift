/// What may be shown of a URL: no user information, no fragment, and no value of a query field that may be a secret.
package enum RedactedURL {
    /// Only the origin when `secret`, as for signed operation URLs.
    package static func show(_ url: String, secret: Bool) -> String {
        guard let parts = URLParts(url) else { return "(not a valid URL)" }
        guard !secret else { return parts.origin }
        let shown = parts.rest.prefix { $0 != "#" }
        guard let question = shown.firstIndex(of: "?") else { return parts.origin + shown }
        let fields = shown[shown.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
        return parts.origin + String(shown[...question]) + fields.map(redacted).joined(separator: "&")
    }

    private static func redacted(_ field: Substring) -> Substring {
        guard let equals = field.firstIndex(of: "=") else { return field }
        return isSensitive(field[..<equals].lowercased()) ? field[...equals] + "REDACTED" : field
    }

    /// A percent sign in a name is enough to distrust it. `c`, `h`, `s` and `t` are how Azure signs operation URLs.
    private static func isSensitive(_ name: String) -> Bool {
        let whole: Set = ["c", "h", "s", "t", "sig", "se", "code", "key", "pass", "pwd", "auth"]
        let within = ["token", "secret", "signature", "password", "assertion", "credential", "apikey", "%"]
        return whole.contains(name) || within.contains { name.contains($0) }
    }
}
