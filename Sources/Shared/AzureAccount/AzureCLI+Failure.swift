import Text

extension AzureCLI {
    /// Why az failed, in its own words: what follows `ERROR: ` on standard error (knack's log), and the commands that
    /// it says to run, on lines of their own (azure/cli/core/auth/util.py).
    static func failure(_ bytes: [UInt8]) -> AzureTokenError {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        if let cause = pythonException(lines) { return failure(ofException: cause) }
        let said = lines.first { $0.hasPrefix("ERROR: ") }.map { String($0.dropFirst(7)) }
        let commands = lines.filter { $0.hasPrefix("az ") }
        let advice = commands.isEmpty ? "run az login" : "run " + commands.joined(separator: ", then ")
        let kind: AzureTokenError.Kind =
            if text.contains("AADSTS") { .interactionRequired } else if text.contains("az login") {
                .notSignedIn
            } else { .azFailed }
        return AzureTokenError(
            kind, source: source, detail: EntraWords.short(said ?? "it failed without saying why"),
            advice: kind == .azFailed ? "" : advice)
    }

    private static func failure(ofException cause: String) -> AzureTokenError {
        // What requests, which az asks Entra with, calls every failure on the way.
        guard cause.hasPrefix("requests.exceptions.") else {
            return AzureTokenError(
                .azFailed, source: source, detail: "az itself failed: \(cause)",
                advice: "az version shows whether az works; az upgrade or a new installation mends it")
        }
        let reason = cause.firstRange(of: "(Caused by ").map { String(cause[$0.upperBound...].dropLast()) } ?? cause
        return AzureTokenError(
            .unreachable, source: source, detail: "az could not reach Entra: \(reason)",
            advice: "check the network and the proxy")
    }

    /// The line that says why, of the last traceback of Python: the first one that is not indented.
    private static func pythonException(_ lines: [String]) -> String? {
        guard let start = lines.lastIndex(where: { $0.contains("Traceback (most recent call last):") }) else {
            return nil
        }
        return lines[(start + 1)...].first { $0.first?.isWhitespace == false }
    }
}

/// How Entra words its errors (learn.microsoft.com/entra/identity-platform/reference-error-codes).
enum EntraWords {
    /// An error's description without the ids that only Entra's support can look up.
    static func short(_ description: String) -> String {
        guard let ids = description.firstRange(of: "Trace ID:") else { return description }
        return String(description[..<ids.lowerBound]).trimmed
    }

    /// What az says to run, with the tenant and the scope that a policy may ask for (`_generate_login_command` of
    /// azure/cli/core/auth/util.py).
    ///
    /// Both come from files: what could be more than a word to a shell is left out.
    static func login(tenant: String?, resource: String) -> String {
        func option(_ name: String, _ value: String) -> [String] {
            let isPlain = value.utf8.allSatisfy { $0 < 0x80 && (isLetterOrDigit($0) || "-._:/".utf8.contains($0)) }
            return isPlain ? ["\(name) \"\(value)\""] : []
        }
        let words = (tenant.map { option("--tenant", $0) } ?? []) + option("--scope", resource + "/.default")
        return (["az login"] + words).joined(separator: " ")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isLetter || character.isNumber
    }
}
