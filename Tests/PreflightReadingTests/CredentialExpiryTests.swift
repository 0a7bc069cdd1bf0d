import Files
import FoundationEssentials
import HTTP
import Kubeconfig
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

/// Certificates that OpenSSL 3.0 made for 1,000 days and, so that the time has a year of four digits, for 12,000.
enum Certificates {
    static let short = """
        -----BEGIN CERTIFICATE-----
        MIIBdzCCAR2gAwIBAgIUO2tQELaHH46UuXC4YPig/JIJ5towCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2MTEyODA5MjkyMVoXDTI5MDgyNDA5Mjky
        MVowETEPMA0GA1UEAwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        28+eZFRvdOgEDViVr0w0TZbnz5YWH+Shx4UXZTC1/CEL1zrbdz5gvMpZU36eI8H4
        SZTu+EXUmuyCv/wwU5KZpqNTMFEwHQYDVR0OBBYEFHF+YEPYxdPH+bMfTxp43w6z
        WcHaMB8GA1UdIwQYMBaAFHF+YEPYxdPH+bMfTxp43w6zWcHaMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAM+SPAiurIpY5JK9kVRYAoL18K+xYPOa
        5hsCC92UzDb7AiAzyFscGGaFPgcMBvsVA9Kv039o/mkAS4X+h3cHihLFNg==
        -----END CERTIFICATE-----
        """
    static let long = """
        -----BEGIN CERTIFICATE-----
        MIIBejCCAR+gAwIBAgIUMAtx63+TQpVIMgheIg533Y/JmbQwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGY2xpZW50MCAXDTI2MTEyODA5MjkyMVoYDzIwNTkxMDA2MDky
        OTIxWjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AATbz55kVG906AQNWJWvTDRNlufPlhYf5KHHhRdlMLX8IQvXOtt3PmC8yllTfp4j
        wfhJlO74RdSa7IK//DBTkpmmo1MwUTAdBgNVHQ4EFgQUcX5gQ9jF08f5sx9PGnjf
        DrNZwdowHwYDVR0jBBgwFoAUcX5gQ9jF08f5sx9PGnjfDrNZwdowDwYDVR0TAQH/
        BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA4dHenOMoXxMLJUrbQYMfZ7guoxSJ
        7hn7V+fOnUp+HgICIQC8CT0OVt9onyXA3Em1/56JMGRSCoF0Jv2Xc2lypblcGQ==
        -----END CERTIFICATE-----
        """
    static let shortEnd: Int64 = 1_882_258_161
    static let longEnd: Int64 = 2_832_658_161
    static let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

    static func der(_ pem: String) -> [UInt8] {
        let body = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        return Data(base64Encoded: body).map { Array($0) } ?? []
    }

    static func end(_ pem: String) -> Int64? {
        CertificateValidity.end(ofPEM: Array(pem.utf8)) { Data(base64Encoded: $0).map { Array($0) } }
    }
}

/// What a kubeconfig with this user gives.
func access(user: String, files: [String: String] = [:], cluster: String = "") throws -> ClusterAccess {
    let kubeconfig = """
        {"clusters":[{"name":"c","cluster":{"server":"https://api:443"\(cluster)}}],
         "users":[{"name":"u","user":{\(user)}}],
         "contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}
        """
    var overrides = KubeconfigOverrides()
    overrides.kubeconfig = "/config"
    let all = files.merging(["/config": kubeconfig]) { file, _ in file }
    return try ClusterAccess.load(
        overrides,
        KubeEnvironment(
            variables: [:], homeDirectory: nil, workingDirectory: "/", files: MemoryFiles(all)))
}

private func token(_ payload: String) -> String {
    let encoded = Data(payload.utf8).base64EncodedString().split(separator: "=").joined()
    return "aGVhZA.\(encoded).c2ln"
}

@Suite struct CredentialExpiryTests {
    @Test func `a bearer token that is a JWT tells its end`() throws {
        let ends = try access(user: #""token":"\#(token(#"{"exp":1795478400}"#))""#)
        #expect(CredentialExpiry.fact(of: ends) == .known(.init(renewable: false, expires: now)))
        #expect(CredentialExpiry.end(ofToken: token(#"{"exp":1795478400.75}"#)) == now)
    }

    @Test(arguments: [
        "opaque", "a.b.c", "..", token("{}"), token("[]"), token(#"{"exp":"soon"}"#), token(#"{"exp":-1}"#),
        token(#"{"exp":9223372036854775807}"#), token(#"{"exp":1e300}"#), token(#"{"exp":null}"#),
        String(repeating: "a", count: 1 << 17), token(#"{"exp":1}"#) + ".d",
    ])
    func `any other token leaves it open`(_ text: String) throws {
        #expect(CredentialExpiry.end(ofToken: text) == nil)
        let fact = CredentialExpiry.fact(of: try access(user: #""token":"\#(text)""#))
        #expect(fact.value == nil)
    }

    @Test func `what renews itself has no end that counts`() throws {
        let plugin = #""exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"x","interactiveMode":"Never"}"#
        for user in [plugin, #""tokenFile":"/token""#] {
            let access = try access(user: user, files: ["/token": "t"])
            #expect(CredentialExpiry.fact(of: access) == .known(.init(renewable: true, expires: nil)))
        }
    }

    @Test func `a client certificate ends, and the earlier end counts`() throws {
        let files = ["/crt": Certificates.short, "/key": Certificates.key]
        let user = #""client-certificate":"/crt","client-key":"/key""#
        #expect(
            CredentialExpiry.fact(of: try access(user: user, files: files))
                == .known(.init(renewable: false, expires: Certificates.shortEnd)))
        let both = user + #","token":"\#(token(#"{"exp":1795478400}"#))""#
        #expect(CredentialExpiry.fact(of: try access(user: both, files: files)).value?.expires == now)
        let broken = files.merging(["/crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) { $1 }
        #expect(CredentialExpiry.fact(of: try access(user: user, files: broken)).value == nil)
    }

    @Test func `the ends of certificates are those that OpenSSL shows`() {
        #expect(Certificates.end(Certificates.short) == Certificates.shortEnd)
        #expect(Certificates.end(Certificates.long) == Certificates.longEnd)
        #expect(Certificates.end(Certificates.long + "\n" + Certificates.short) == Certificates.shortEnd)
        #expect(Certificates.end("") == nil)
        #expect(Certificates.end("-----BEGIN CERTIFICATE-----\n" + Certificates.short) == Certificates.shortEnd)
    }

    @Test func `no bytes that are not a certificate are taken for one, and none ends the program`() {
        let whole = Certificates.der(Certificates.short)
        #expect(CertificateValidity.end(ofDER: whole) == Certificates.shortEnd)
        for length in whole.indices { #expect(CertificateValidity.end(ofDER: Array(whole[..<length])) == nil) }
        for index in whole.indices {
            for value in [0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff] as [UInt8] {
                var changed = whole
                changed[index] = value
                let end = CertificateValidity.end(ofDER: changed)
                #expect(end.map { abs($0) < 1 << 40 } ?? true)
            }
        }
    }

    @Test(
        arguments: [
            [], [0x30], [0x30, 0x80], [0x30, 0x83, 0xff, 0xff, 0xff], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x30, 0x81, 0x01, 0x00],
            [0x30, 0x02, 0x30, 0x00],
        ] as [[UInt8]])
    func `lengths that lie are refused`(_ bytes: [UInt8]) { #expect(CertificateValidity.end(ofDER: bytes) == nil) }
}
