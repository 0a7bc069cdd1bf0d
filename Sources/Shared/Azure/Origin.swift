import Text

/// Scheme, host and port of a URL: what decides whether a token may be sent to it.
package struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// Lower case.
    package let host: String
    /// 443 where the URL names none.
    package let port: Int

    /// The origin of an https URL; nil for every other text, also for URLs with user names or odd characters in front
    /// of the path, which parsers read in different ways.
    package init?(ofHTTPS url: String) {
        guard url.utf8.count <= 65_536, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        guard url.lowercased().hasPrefix("https://") else { return nil }
        let authority = url.dropFirst("https://".count).prefix { !"/?#".contains($0) }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, parts.count <= 2, isHostName(String(name)) else { return nil }
        if parts.count == 2 {
            guard parts[1].utf8.count <= 5, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), (1...65_535).contains(number)
            else { return nil }
            port = number
        } else {
            port = 443
        }
        host = name.lowercased()
    }

    /// Whether the host is this machine by its name alone: `localhost` and below (RFC 6761), or 127.0.0.0/8.
    package var isOnThisMachine: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The host, with the port if it is not 443.
    package var authority: String { port == 443 ? host : "\(host):\(port)" }

    package var description: String { "https://\(authority)" }
}

/// Whether a text is a DNS name or a dotted IPv4 address.
private func isHostName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { isASCIIAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}
