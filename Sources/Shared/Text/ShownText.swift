extension String {
    /// The text with everything that could drive a terminal or hide in a log line made visible as `\u{…}`: for what
    /// people see.
    ///
    /// Beyond `limit` characters the text is cut and ends with `…`.
    package func printable(limit: Int = 512) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            if count == limit { return result + "…" }
            count += 1
            if scalar.isUnsafeToShow {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A server's text, fit to be kept: on one line, without what could drive a terminal or hide.
    ///
    /// Beyond `limit` bytes of UTF-8 the text is cut between characters and ends with `…`, so that what was cut cannot
    /// be taken for a whole name.
    package func onOneLine(limit: Int = 512) -> String {
        var result = ""
        var bytes = 0
        for scalar in unicodeScalars {
            let safe: Unicode.Scalar
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: safe = " "
            default:
                if scalar.isUnsafeToShow { continue }
                safe = scalar
            }
            bytes += UTF8.width(safe)
            guard bytes <= limit else { return result + "…" }
            result.unicodeScalars.append(safe)
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether the character can move a cursor, start a line, turn the direction of writing, or cannot be seen.
    package var isUnsafeToShow: Bool {
        if (0x20...0x7E).contains(value) { return false }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
