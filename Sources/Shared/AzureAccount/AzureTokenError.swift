import Text

/// Why there is no access token. Nothing in it is secret; texts of servers and of az are cut to 512 bytes.
package struct AzureTokenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What stands in the way, as far as it matters for what to do next.
    package enum Kind: Sendable, Hashable {
        /// No way of signing in was found.
        case notSignedIn
        /// Entra wants the person: a password, a second factor, a consent.
        case interactionRequired
        /// The credential is wrong, expired or not allowed.
        case refused
        /// The settings of the account contradict themselves or name what this tool cannot use.
        case misconfigured
        /// A server could not be reached, or answered with 5xx or 429.
        case unreachable
        /// az could not be started, or failed.
        case azFailed
        case cancelled
    }

    /// What stands in the way.
    package let kind: Kind
    /// Where the token was asked for: "the az profile", "managed identity", "az account get-access-token", ...
    package let source: String
    /// What was wrong.
    package let detail: String
    /// What to do next; may be empty.
    package let advice: String

    package init(_ kind: Kind, source: String, detail: String, advice: String = "") {
        self.kind = kind
        self.source = source
        self.detail = detail.onOneLine()
        self.advice = advice.onOneLine(limit: 1024)
    }

    /// What happened, without what to do.
    package var what: String {
        kind == .notSignedIn
            ? "you are not signed in to Azure: \(detail)" : "no Azure access token from \(source): \(detail)"
    }

    package var description: String {
        advice.isEmpty ? what : "\(what); \(advice)"
    }
}
