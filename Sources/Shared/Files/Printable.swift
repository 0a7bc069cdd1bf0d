extension String {
    /// The text with everything that could drive a terminal or hide in a log line made visible.
    ///
    /// Control characters (C0, DEL, C1), line separators, and the characters that change the direction of text become
    /// `\u{…}`; beyond `limit` characters the text is cut and ends with `…`.
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
}

extension Unicode.Scalar {
    fileprivate var isUnsafeToShow: Bool {
        switch value {
        case 0...0x1F, 0x7F...0x9F: true
        case 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}
