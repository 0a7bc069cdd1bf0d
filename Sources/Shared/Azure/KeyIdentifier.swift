import Text

/// The URL of a key in a vault, `https://{vault host}/keys/{name}/{version}`.
///
/// AKS takes a versioned one for the KMS that this tool switches. A versionless one is the sign of the newer KMS
/// experience, so it can be read but is refused where a key is to be set.
package struct KeyIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// The vault's host, lower case, with the port if the URL names one other than 443.
    package let vaultAuthority: String
    /// The key's name.
    package let name: String
    /// 32 hexadecimal digits; nil in a versionless identifier.
    package let version: String?
    /// The identifier as a URL.
    package let description: String

    /// Parts that were checked.
    init(vaultAuthority: String, name: String, version: String?) {
        self.vaultAuthority = vaultAuthority
        self.name = name
        self.version = version
        description = "https://\(vaultAuthority)/keys/\(name)" + (version.map { "/" + $0 } ?? "")
    }

    /// Why a text is no key identifier. It never quotes the text.
    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case notHTTPS
        case notAKey
        case badHost
        case badName
        case badVersion
        case versionless

        package var description: String {
            switch self {
            case .notHTTPS: "the key id is not an https URL"
            case .notAKey: "the key id does not read https://{vault}/keys/{name}/{version}"
            case .badHost: "the host in the key id is not a Key Vault's"
            case .badName: "the key's name in the key id is not 1 to 127 letters, digits and hyphens"
            case .badVersion: "the version in the key id is not 32 hexadecimal digits"
            case .versionless: "the key id has no version; AKS needs https://{vault}/keys/{name}/{version}"
            }
        }
    }

    /// Parses an identifier with or without a version.
    package init(parsing text: String) throws(Problem) {
        guard text.lowercased().hasPrefix("https://") else { throw .notHTTPS }
        guard let origin = Origin(ofHTTPS: text) else { throw .badHost }
        guard !text.contains("?"), !text.contains("#"), !text.contains("%") else { throw .notAKey }
        let segments = text.dropFirst("https://".count).split(separator: "/", omittingEmptySubsequences: false)
        guard (3...4).contains(segments.count), segments[1] == "keys" else { throw .notAKey }
        guard Self.isVaultHost(origin.host) else { throw .badHost }
        let name = String(segments[2])
        guard (1...127).contains(name.utf8.count),
            name.utf8.allSatisfy({ isASCIIAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else { throw .badName }
        let version = segments.count == 4 ? String(segments[3]) : nil
        if let version {
            guard !version.isEmpty else { throw .versionless }
            guard version.utf8.count == 32, version.utf8.allSatisfy(isHex) else { throw .badVersion }
        }
        self.init(vaultAuthority: origin.authority, name: name, version: version)
    }

    /// Parses an identifier that must have a version.
    package init(parsingVersioned text: String) throws(Problem) {
        try self.init(parsing: text)
        guard version != nil else { throw .versionless }
    }

    /// The same key without a version, as the new KMS experience takes it.
    package var versionless: KeyIdentifier {
        KeyIdentifier(vaultAuthority: vaultAuthority, name: name, version: nil)
    }

    /// Whether both are versions of one key.
    package func isSameKey(as other: KeyIdentifier) -> Bool {
        versionless.description.lowercased() == other.versionless.description.lowercased()
    }

    /// The first label of the host, which is the vault's name in ARM.
    package var vaultName: String { String(vaultAuthority.prefix { $0 != "." }) }

    /// A vault's name (3 to 24 letters, digits, hyphens, a letter first) and at least two labels more.
    private static func isVaultHost(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 3, let first = labels[0].utf8.first else { return false }
        return (3...24).contains(labels[0].utf8.count) && isASCIILetter(first)
    }
}

/// As its URL; decoding refuses what parsing refuses.
extension KeyIdentifier: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
