import FoundationEssentials
import HTTP
import JSON
import Kubeconfig
import Preflight

/// When the credential of a connection ends. Nothing of it is verified here: that is the API server's business.
enum CredentialExpiry {
    /// A token of Entra has some kilobytes; whatever is longer is not looked into.
    private static let longestToken = 1 << 16

    static func fact(of access: ClusterAccess) -> Fact<PreflightFacts.Credential> {
        switch access.credential {
        // The plugin, the file or Azure is asked again before the end that they give.
        case .exec, .tokenFile, .entra: return .known(.init(renewable: true, expires: nil))
        case .token(let token):
            guard let end = end(ofToken: token) else {
                return .unreadable("the bearer token does not say when it ends")
            }
            return earliest([end], access.identity)
        case .basic: return earliest([], access.identity)
        case .none: return earliest([], access.identity)
        }
    }

    private static func earliest(
        _ ends: [Int64], _ identity: ClientIdentity?
    ) -> Fact<PreflightFacts.Credential> {
        var ends = ends
        if let identity {
            guard let end = CertificateValidity.end(ofPEM: identity.certificatePEM, decode: base64) else {
                return .unreadable("the client certificate does not say when it ends")
            }
            ends.append(end)
        }
        return .known(.init(renewable: false, expires: ends.min()))
    }

    /// The end of a JSON Web Token (`exp`, RFC 7519 §4.1.4), in seconds since 1970; nil for any other token.
    static func end(ofToken token: String) -> Int64? {
        guard token.utf8.count <= longestToken else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = base64(String(parts[1])), let claims = try? JSONValue(parsing: payload)
        else { return nil }
        let end: Int64? =
            switch claims["exp"] {
            case .integer(let end)?: end
            // The number may have a fraction (RFC 7519 §2, NumericDate).
            case .double(let end)?: Int64(exactly: end.rounded(.down))
            default: nil
            }
        return end.flatMap { Timestamp.range.contains($0) ? $0 : nil }
    }

    /// In its usual or its URL alphabet, with or without padding.
    private static func base64(_ text: String) -> [UInt8]? {
        var usual = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while usual.hasSuffix("=") { usual.removeLast() }
        usual += String(repeating: "=", count: (4 - usual.utf8.count % 4) % 4)
        return Data(base64Encoded: usual).map { Array($0) }
    }
}
