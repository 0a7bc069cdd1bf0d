/// A server's text, fit to be shown: cut to a number of UTF-8 bytes, without anything that moves a cursor, starts a
/// line or turns the direction of writing.
package func shownText(_ text: String, limit: Int = 512) -> String {
    var shown = ""
    var bytes = 0
    for scalar in text.unicodeScalars {
        let safe: Unicode.Scalar
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: safe = " "
        case .format, .surrogate, .privateUse: continue
        default: safe = scalar
        }
        bytes += UTF8.width(safe)
        guard bytes <= limit else { return shown + "…" }
        shown.unicodeScalars.append(safe)
    }
    return shown
}
