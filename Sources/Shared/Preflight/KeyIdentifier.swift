/// The parts of a Key Vault key identifier, `https://<vault host>/keys/<name>[/<version>]`.
package struct KeyIdentifier: Sendable, Hashable {
    /// Lower case, with a port if the identifier has one.
    package let host: String
    package let name: String
    /// Absent in the identifiers that the newer KMS experience uses.
    package let version: String?

    /// Nil if the text is not a key identifier.
    package init?(_ text: String) {
        guard text.lowercased().hasPrefix("https://") else { return nil }
        let parts = text.dropFirst("https://".count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, parts[1].lowercased() == "keys", parts.allSatisfy({ !$0.isEmpty })
        else { return nil }
        host = parts[0].lowercased()
        name = String(parts[2])
        version = parts.count == 4 ? String(parts[3]) : nil
    }

    /// The host of a vault's `vaultUri`, which comes with and without a closing slash.
    static func host(ofVaultURI uri: String) -> String? {
        guard uri.lowercased().hasPrefix("https://") else { return nil }
        let host = uri.dropFirst("https://".count).prefix { $0 != "/" }
        return host.isEmpty ? nil : host.lowercased()
    }
}

/// A Kubernetes version down to its minor number, which is all that the rules here depend on.
struct MinorVersion: Comparable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Takes `1.33.3`, `v1.33.3` and `1.33`; nil for anything else.
    init?(_ text: String) {
        let parts = text.drop { $0 == "v" }.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }) else {
            return nil
        }
        self.init(major, minor)
    }

    static func < (one: Self, other: Self) -> Bool { (one.major, one.minor) < (other.major, other.minor) }
}
