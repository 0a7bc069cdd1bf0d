/// An absolute `http` or `https` URL, cut where the transport needs it and otherwise left as it was written.
package struct URLParts: Sendable, Hashable {
    package let isHTTPS: Bool
    /// Without the brackets of an IPv6 literal.
    package let host: String
    package let port: Int
    /// Host and port as written.
    package let authority: String
    /// Path, query and fragment as written; may be empty.
    package let rest: String

    /// Scheme, host and port: what may be shown of any URL.
    package var origin: String { (isHTTPS ? "https://" : "http://") + authority }

    /// The host as it stands in a URL.
    package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// Nil unless the URL is absolute, printable ASCII, of scheme http or https, and free of user information.
    package init?(_ url: String) {
        let bytes = url.utf8
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let schemeLength: Int
        switch true {
        case Self.has(bytes, "https://"): (isHTTPS, schemeLength) = (true, 8)
        case Self.has(bytes, "http://"): (isHTTPS, schemeLength) = (false, 7)
        default: return nil
        }
        let start = bytes.index(bytes.startIndex, offsetBy: schemeLength)
        let slash = UInt8(ascii: "/")
        let question = UInt8(ascii: "?")
        let hash = UInt8(ascii: "#")
        let end = bytes[start...].firstIndex { $0 == slash || $0 == question || $0 == hash } ?? bytes.endIndex
        guard let (host, port) = Self.hostAndPort(url[start..<end]) else { return nil }
        self.host = host
        self.port = port ?? (isHTTPS ? 443 : 80)
        authority = String(url[start..<end])
        rest = String(url[end...])
    }

    /// `prefix` is lower case; schemes compare without case (RFC 3986 §3.1).
    private static func has(_ bytes: String.UTF8View, _ prefix: StaticString) -> Bool {
        guard bytes.count > prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { wanted in
            zip(bytes, wanted).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
        }
    }

    /// Byte by byte: it is done for each request, and characters cost many times as much.
    private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
        let bytes = authority.utf8
        let colon = UInt8(ascii: ":")
        let host: Substring
        let tail: Substring.UTF8View
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[bytes.index(after: bytes.startIndex)..<close]
            tail = bytes[bytes.index(after: close)...]
            guard IPAddress(String(host))?.isIPv6 == true else { return nil }
        } else {
            let end = bytes.firstIndex(of: colon) ?? bytes.endIndex
            host = authority[..<end]
            tail = bytes[end...]
            guard !host.isEmpty, host.utf8.allSatisfy(isNameByte) else { return nil }
        }
        guard !tail.isEmpty else { return (String(host), nil) }
        let digits = tail.dropFirst()
        guard tail.first == colon, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = Int(Substring(digits)), (1...65535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
