import Crypto
import CryptoExtras
import Foundation

/// A certificate with which a service principal may sign its requests for tokens.
struct ClientCertificate: Sendable {
    private let der: Data
    private let key: _RSA.Signing.PublicKey

    /// - Parameter pem: a CERTIFICATE block and the PUBLIC KEY block of its key.
    init?(pem: String) {
        guard let der = Self.block("CERTIFICATE", of: pem),
            let encoded = Self.block("PUBLIC KEY", of: pem),
            let key = try? _RSA.Signing.PublicKey(derRepresentation: encoded)
        else { return nil }
        self.der = der
        self.key = key
    }

    private static func block(_ name: String, of pem: String) -> Data? {
        let parts = pem.components(separatedBy: "-----BEGIN \(name)-----")
        guard parts.count == 2, let text = parts[1].components(separatedBy: "-----END \(name)-----").first else {
            return nil
        }
        return Data(base64Encoded: text.filter { !$0.isWhitespace })
    }

    /// Whether the header of an assertion names this certificate.
    func isNamed(by header: JSON) -> Bool {
        if let name = header["x5t#S256"]?.string { return Base64URL.decode(name) == Data(SHA256.hash(data: der)) }
        if let name = header["x5t"]?.string { return Base64URL.decode(name) == Data(Insecure.SHA1.hash(data: der)) }
        return false
    }

    func hasSigned(_ text: String, signature: Data, algorithm: String) -> Bool {
        let padding: _RSA.Signing.Padding
        switch algorithm {
        case "RS256": padding = .insecurePKCS1v1_5
        case "PS256": padding = .PSS
        default: return false
        }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: Data(text.utf8)),
            padding: padding)
    }
}

extension StandIn {
    /// The service principal that a signed JWT stands for (RFC 7523, as Entra takes it).
    func principal(of assertion: String, audience: String, clientID: String) throws -> Principal {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap(Self.json),
            let claims = Base64URL.decode(parts[1]).flatMap(Self.json), let signature = Base64URL.decode(parts[2])
        else { throw invalidClient(50027, "JWT token is invalid or malformed.") }
        let client = claims["sub"]?.string ?? ""
        guard clientID.isEmpty || clientID.lowercased() == client.lowercased(), claims["iss"]?.string == client,
            let found = world.principals.first(where: { $0.kind == .servicePrincipal && $0.name == client })
        else {
            throw entra(
                400, "unauthorized_client", 700016,
                "Application with identifier '\(client)' was not found in the directory.")
        }
        guard let certificate = found.certificate.flatMap(ClientCertificate.init(pem:)),
            certificate.isNamed(by: header),
            certificate.hasSigned(
                parts[0] + "." + parts[1], signature: signature, algorithm: header["alg"]?.string ?? "")
        else { throw invalidClient(700_027, "Client assertion failed signature validation.") }
        guard claims["aud"]?.string == audience else {
            throw invalidClient(700_023, "Client assertion audience claim does not match Realm issuer.")
        }
        let now = configuration.now().timeIntervalSince1970
        guard let end = claims["exp"]?.number, end > now, claims["nbf"]?.number ?? 0 <= now + 300 else {
            throw invalidClient(700_024, "Client assertion is not within its valid time range.")
        }
        return found
    }

    private func invalidClient(_ code: Int, _ text: String) -> AzureError { entra(401, "invalid_client", code, text) }

    private static func json(_ bytes: Data) -> JSON? { try? JSON(parsing: [UInt8](bytes)) }
}
