/// A text with every byte escaped as `%XX` but the unreserved ones (RFC 3986 §2.3), so that no name can leave its place
/// in an address; those of `kept`, which must be ASCII, stand as they are too.
package func percentEncoded(_ text: String, keeping kept: String = "") -> String {
    // Nearly all names of Secrets are such; one is encoded for each request.
    if text.utf8.allSatisfy({ isUnreserved($0) }) { return text }
    var encoded = ""
    for byte in text.utf8 {
        if isUnreserved(byte) || kept.utf8.contains(byte) {
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            encoded += "%" + hexadecimal(byte, digits: 2).uppercased()
        }
    }
    return encoded
}

private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

/// A number that is not negative in lower-case hexadecimal digits, with zeros before it up to `digits`.
package func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
