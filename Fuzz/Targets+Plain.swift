import Azure
import AzureAccount
import AzureResources
import HTTP
import JSON
import Text
import YAML

@testable import Connections
@testable import KubeAPI
@testable import Kubeconfig
@testable import Preflight
@testable import PreflightReading

extension Target {
    /// Single values and forms of text.
    static let plain = [
        Target("json") { input in
            guard let value = try? JSONValue(parsing: input) else { return }
            // What was read must be written so that it reads the same.
            let written = value.bytes()
            precondition((try? JSONValue(parsing: written))?.bytes() == written)
        },
        Target("yaml") { input in
            guard let node = try? YAMLNode.parse(input), let written = try? yamlText(from: node) else { return }
            _ = JSONValue(node)
            _ = try? YAMLNode.parse(Array(written.utf8))
        },
        Target("url") { input in
            let text = text(input)
            _ = URLParts(text).map { ($0.origin, $0.bracketedHost) }
            _ = Origin(ofHTTPS: text)?.description
            _ = ARMEndpoint(base: text, audience: "a")
            _ = RedactedURL.show(text, secret: false)
            _ = RedactedURL.show(text, secret: true)
            let words = text.split(separator: " ")
            _ = NoProxyList(text).contains(host: words.first.map(String.init) ?? text, port: 443)
            _ = ProxySelection(environment: ["HTTPS_PROXY": text, "NO_PROXY": text], forHTTPS: true, as: .az)
            if let address = IPAddress(text) { _ = address.isWithin(address, prefix: text.utf8.count) }
        },
        Target("resource-id") { input in
            guard let id = try? AzureResourceID(parsing: text(input)) else { return }
            // An id goes into URLs with our rights: it must stay itself.
            precondition((try? AzureResourceID(parsing: id.description)) == id)
            precondition(id.urlPath.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") })
            _ = (id.type, id.name, id.hashValue, try? id.child("keys", "k"))
        },
        Target("key-id") { input in
            let text = text(input)
            if let key = try? KeyIdentifier(parsing: text) {
                precondition((try? KeyIdentifier(parsing: key.description)) == key)
                _ = key.vaultName
            }
            _ = try? KeyIdentifier(parsingVersioned: text)
            _ = MinorVersion(text)
        },
        Target("time") { input in
            let text = text(input)
            _ = parseTimeout(text)
            _ = parseRFC3339(text)
            _ = Timestamp.iso8601(text)
            _ = Timestamp.httpDate(text)
            _ = Timestamp.offset(text)
            _ = KubeVersion(text)?.description
        },
        Target("token-expiry") { _ = CredentialExpiry.end(ofToken: text($0)) },
        Target("certificate") { input in
            _ = CertificateValidity.end(ofDER: input)
            _ = CertificateValidity.end(ofPEM: input, decode: { Array($0.utf8) })
            let identity = ClientIdentity(certificatePEM: input, keyPEM: [])
            _ = CredentialExpiry.fact(of: access(identity))
        },
        Target("autoscaler-status") { _ = AutoscalerStatus.groupsScalingUp(text($0)) },
        Target("lock-holder") { input in
            let text = text(input)
            let here = ProcessIdentity(host: "h", processID: 1, start: 7, namespace: "n", boot: "b") { _ in .gone }
            if let holder = Holder(text) { _ = here.isSurelyGone(holder) }
            _ = (Holder.words(text), ProcessIdentity.sighting(stat: text))
        },
        Target("shown-text") { input in
            let text = text(input)
            precondition(text.onOneLine(limit: 64).utf8.count <= 67)
            precondition(text.printable(limit: 64).unicodeScalars.count <= 64 * 10 + 1)
        },
    ]

    private static func access(_ identity: ClientIdentity) -> ClusterAccess {
        ClusterAccess(
            server: "https://api", trust: .none, insecureSkipTLSVerify: false, tlsServerName: nil, identity: identity,
            credential: .none, impersonation: Impersonation(), proxyURL: nil, namespace: "default", contextName: "",
            clusterName: "", userName: "", requestTimeout: nil, disableCompression: false, sourceFiles: [],
            isInCluster: false)
    }
}
