/// An IPv4 or IPv6 address as its bytes, for comparing with networks. It resolves nothing.
package struct IPAddress: Sendable, Hashable {
    /// Four or sixteen bytes, most significant first.
    package let bytes: [UInt8]

    package var isIPv6: Bool { bytes.count == 16 }

    /// Nil for anything but a plain dotted IPv4 address or an IPv6 address (RFC 4291 §2.2) without zone.
    package init?(_ text: String) {
        guard let bytes = text.contains(":") ? Self.sixteen(text) : Self.four(text) else { return nil }
        self.bytes = bytes
    }

    /// Whether the first `length` bits are those of `network`; false between address families.
    package func isWithin(_ network: IPAddress, prefix length: Int) -> Bool {
        guard bytes.count == network.bytes.count, length >= 0, length <= bytes.count * 8 else { return false }
        let whole = length / 8
        guard bytes[..<whole] == network.bytes[..<whole] else { return false }
        guard length % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (length % 8))
        return bytes[whole] & mask == network.bytes[whole] & mask
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func sixteen(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        var halves: [Substring] = []
        var rest = text[...]
        if let gap = doubleColon(rest) {
            halves = [rest[..<gap.lowerBound], rest[gap.upperBound...]]
            rest = halves[1]
            guard doubleColon(rest) == nil else { return nil }
        } else {
            halves = [rest]
        }
        var groups: [[UInt8]] = []
        for (index, half) in halves.enumerated() {
            guard let bytes = groupBytes(half, isEnd: index == halves.count - 1) else { return nil }
            groups.append(bytes)
        }
        guard groups.count == 2 else { return groups[0].count == 16 ? groups[0] : nil }
        let missing = 16 - groups[0].count - groups[1].count
        guard missing >= 2 else { return nil }
        return groups[0] + [UInt8](repeating: 0, count: missing) + groups[1]
    }

    private static func doubleColon(_ text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while let colon = text[index...].firstIndex(of: ":") {
            let next = text.index(after: colon)
            guard next < text.endIndex else { return nil }
            if text[next] == ":" { return colon..<text.index(after: next) }
            index = next
        }
        return nil
    }

    /// Groups of four hexadecimal digits; the last of the whole address may be a dotted IPv4 address.
    private static func groupBytes(_ half: Substring, isEnd: Bool) -> [UInt8]? {
        guard !half.isEmpty else { return [] }
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if part.contains(".") {
                guard isEnd, index == parts.count - 1, let dotted = four(String(part)) else { return nil }
                bytes += dotted
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
