/// Reads the end of an X.509 certificate's validity, and nothing else of it (RFC 5280 §4.1, in DER).
///
/// The bytes come from a kubeconfig or from Azure, so every length is checked against what is there.
enum CertificateValidity {
    /// Seconds since 1970 after which the certificate is not valid; nil if the bytes are not a certificate in DER.
    static func end(ofDER bytes: [UInt8]) -> Int64? {
        var input = DERReader(bytes[...])
        guard var certificate = input.content(.sequence).map({ DERReader($0) }),
            var signed = certificate.content(.sequence).map({ DERReader($0) })
        else { return nil }
        // The version is there from version 2 on; then serial number, algorithm and issuer.
        signed.skipIfThere(.version)
        guard signed.content(.integer) != nil, signed.content(.sequence) != nil, signed.content(.sequence) != nil,
            var validity = signed.content(.sequence).map({ DERReader($0) }), validity.time() != nil
        else { return nil }
        return validity.time()
    }

    /// The earliest end of the certificates in a PEM text: those after the first sign it, and all must be valid.
    static func end(ofPEM bytes: [UInt8], decode: (String) -> [UInt8]?) -> Int64? {
        let text = String(decoding: bytes, as: UTF8.self)
        var ends: [Int64] = []
        var body: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("-----BEGIN CERTIFICATE-----") {
                body = ""
            } else if line.hasPrefix("-----END CERTIFICATE-----"), let encoded = body {
                guard let der = decode(encoded), let end = end(ofDER: der) else { return nil }
                ends.append(end)
                body = nil
            } else {
                body?.append(contentsOf: line.filter { !$0.isWhitespace })
            }
        }
        return ends.min()
    }
}

/// Takes elements off the front of DER bytes.
private struct DERReader {
    /// Identifier octets: class, form and number in one.
    enum Tag: UInt8 {
        case integer = 0x02
        case utcTime = 0x17
        case generalizedTime = 0x18
        case sequence = 0x30
        /// `[0]`, constructed.
        case version = 0xa0
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func content(_ tag: Tag) -> ArraySlice<UInt8>? {
        guard rest.first == tag.rawValue, let (start, length) = length() else { return nil }
        defer { rest = rest[(start + length)...] }
        return rest[start..<(start + length)]
    }

    mutating func skipIfThere(_ tag: Tag) { _ = content(tag) }

    /// Where the content begins and how long it is, if all of it is there. DER takes the shortest form of a length;
    /// that of a certificate has at most 4 octets.
    private func length() -> (start: Int, length: Int)? {
        let octets = rest.dropFirst()
        guard let first = octets.first else { return nil }
        var length = Int(first)
        var start = octets.startIndex + 1
        if first >= 0x80 {
            let count = Int(first) - 0x80
            guard (1...3).contains(count), octets.count > count else { return nil }
            length = octets.dropFirst().prefix(count).reduce(0) { $0 << 8 | Int($1) }
            guard length >= 0x80, length >> (8 * (count - 1)) != 0 else { return nil }
            start += count
        }
        guard rest.endIndex - start >= length else { return nil }
        return (start, length)
    }

    /// `YYMMDDHHMMSSZ`, which stands for 1950 to 2049, or `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5).
    mutating func time() -> Int64? {
        if let short = content(.utcTime) {
            guard short.count == 13, let digits = Self.digits(short) else { return nil }
            let year = digits[0] * 10 + digits[1]
            return Self.seconds(year: year < 50 ? 2000 + year : 1900 + year, digits[2...])
        }
        guard let long = content(.generalizedTime), long.count == 15, let digits = Self.digits(long) else { return nil }
        return Self.seconds(year: digits[..<4].reduce(0) { $0 * 10 + $1 }, digits[4...])
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> [Int]? {
        guard text.last == UInt8(ascii: "Z") else { return nil }
        let digits = text.dropLast().map { Int($0) - 0x30 }
        return digits.allSatisfy { (0...9).contains($0) } ? digits : nil
    }

    private static func seconds(year: Int, _ digits: ArraySlice<Int>) -> Int64? {
        let pairs = stride(from: digits.startIndex, to: digits.endIndex, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        guard pairs.count == 5, pairs[2] < 24, pairs[3] < 60, pairs[4] < 60,
            let midnight = Timestamp.midnight(year: year, month: pairs[0], day: pairs[1])
        else { return nil }
        return midnight + Int64(pairs[2] * 3600 + pairs[3] * 60 + pairs[4])
    }
}
