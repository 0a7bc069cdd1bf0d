import AzureStandIn
import Crypto
import CryptoExtras
import Foundation
import Testing

/// Service principals that sign with a certificate.
struct ClientAssertionTests {
    /// Any bytes do as the certificate: what counts is their thumbprint and the key.
    private static let certificate = Data("a certificate of no authority".utf8)
    private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    private func description() throws -> WorldDescription {
        var description = WorldDescription()
        let key = try #require(Self.key)
        description.clientCertificate =
            "-----BEGIN CERTIFICATE-----\n\(Self.certificate.base64EncodedString())\n-----END CERTIFICATE-----\n"
            + key.publicKey.pemRepresentation
        return description
    }

    private func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// Asks for a token with an assertion of these claims.
    private func sign(
        _ azure: Azure, header more: JSON = [:], claims other: JSON = [:], tampered: Bool = false
    ) async throws -> Answer {
        let thumbprint = encoded(Data(Insecure.SHA1.hash(data: Self.certificate)))
        let header: JSON = (["alg": "RS256", "typ": "JWT", "x5t": .string(thumbprint)] as JSON).merging(more)
        let client = azure.description.clientID
        let claims: JSON =
            ([
                "iss": .string(client), "sub": .string(client), "jti": .string(UUID().uuidString),
                "aud": .string("https://localhost:4711/\(azure.description.tenantID)/oauth2/v2.0/token"),
                "exp": .int(Int(Date().timeIntervalSince1970) + 600),
            ] as JSON).merging(other)
        let text = encoded(Data(header.bytes)) + "." + encoded(Data(claims.bytes))
        let key = try #require(Self.key)
        let isPSS = header["alg"] == "PS256"
        let signature = try key.signature(
            for: SHA256.hash(data: Data((tampered ? text + "x" : text).utf8)),
            padding: isPSS ? .PSS : .insecurePKCS1v1_5)
        let assertion = text + "." + encoded(signature.rawRepresentation)
        let form =
            "grant_type=client_credentials&client_id=\(client)&scope=https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default"
            + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
            + assertion
        return await azure.standIn.respond(
            to: Request(
                method: "POST", target: "/\(azure.description.tenantID)/oauth2/v2.0/token", body: Array(form.utf8)))
    }

    @Test func `an assertion signed with the registered certificate gets a token`() async throws {
        try await Azure.run(try description()) { azure async throws in
            let token = try #require(try await sign(azure).json()["access_token"]?.string)
            #expect(await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: token).status == 200)
            let newer = encoded(Data(SHA256.hash(data: Self.certificate)))
            let pss = try await sign(azure, header: ["alg": "PS256", "x5t#S256": .string(newer)])
            #expect(pss.status == 200)
        }
    }

    @Test func `an assertion that is tampered with, too old, for others or of another certificate is refused`()
        async throws
    {
        try await Azure.run(try description()) { azure async throws in
            func code(_ answer: Answer) throws -> Int? { try answer.json()["error_codes"]?.array?.first?.int }
            #expect(try code(try await sign(azure, tampered: true)) == 700_027)
            #expect(try code(try await sign(azure, header: ["x5t": "AAAA"])) == 700_027)
            #expect(try code(try await sign(azure, header: ["alg": "none"])) == 700_027)
            #expect(try code(try await sign(azure, claims: ["exp": 1])) == 700_024)
            #expect(try code(try await sign(azure, claims: ["aud": "https://elsewhere"])) == 700_023)
            #expect(try code(try await sign(azure, claims: ["sub": "x"])) == 700_016)
        }
        try await Azure.run { azure async throws in
            #expect(try await sign(azure).status == 401)
        }
    }
}
