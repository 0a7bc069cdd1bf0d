import ClusterModel
import Foundation
import KMSPlugin
import Testing

@testable import RealCluster

struct EncryptionPlanTests {
    private let publicA = KeyRoute(keyID: "https://a/keys/k/1", path: .publicEndpoint)
    private let privateA = KeyRoute(keyID: "https://a/keys/k/1", path: .privateEndpoint)
    private let publicB = KeyRoute(keyID: "https://b/keys/k/1", path: .publicEndpoint)

    private func on(_ route: KeyRoute) -> KMSProfile {
        KMSProfile(enabled: true, keyID: route.keyID, networkPath: route.path)
    }

    private let off = KMSProfile(enabled: false, keyID: "", networkPath: .privateEndpoint)

    private func providers(_ plan: EncryptionPlan) throws -> [String] {
        let endpoints = [publicA: "unix:///a", privateA: "unix:///pa", publicB: "unix:///b"]
        let data = try plan.configuration(endpoints: endpoints, cacheSize: 1000, timeoutSeconds: 3)
        let decoded = try JSONDecoder().decode(Decoded.self, from: data)
        #expect(decoded.kind == "EncryptionConfiguration")
        #expect(decoded.resources.map(\.resources) == [["secrets"]])
        return try #require(decoded.resources.first).providers.map { $0.kms?.endpoint ?? "identity" }
    }

    private struct Decoded: Decodable {
        struct Rule: Decodable {
            let resources: [String]
            let providers: [Provider]
        }
        struct Provider: Decodable { let kms: Plugin? }
        struct Plugin: Decodable { let endpoint: String }
        let kind: String
        let resources: [Rule]
    }

    @Test func `a cluster that never had KMS on has no plugin`() throws {
        #expect(try providers(.neverOn) == ["identity"])
        #expect(try providers(EncryptionPlan.neverOn.applying(off)) == ["identity"])
    }

    @Test func `on writes with the key and reads plaintext`() throws {
        #expect(try providers(EncryptionPlan.neverOn.applying(on(publicA))) == ["unix:///a", "identity"])
    }

    @Test func `off still reads over the path with which the key was turned on`() throws {
        let plan = EncryptionPlan.neverOn.applying(on(publicA)).applying(off)
        #expect(try providers(plan) == ["identity", "unix:///a"])
        #expect(try providers(plan.applying(on(privateA))) == ["unix:///pa", "identity"])
    }

    @Test func `a new key keeps the previous one for reading, and no third`() throws {
        let second = EncryptionPlan.neverOn.applying(on(publicA)).applying(on(publicB))
        #expect(try providers(second) == ["unix:///b", "identity", "unix:///a"])
        #expect(try providers(second.applying(off)) == ["identity", "unix:///b", "unix:///a"])
        let third = second.applying(on(privateA))
        #expect(third.routes == [privateA, publicB])
    }

    @Test func `the provider's name follows the key and not the path`() {
        #expect(publicA.providerName == privateA.providerName)
        #expect(publicA.providerName != publicB.providerName)
        #expect(publicA.shortName != privateA.shortName)
        #expect(publicA.providerName.hasPrefix("azurekmsprovider-"))
        #expect(publicA.providerName.count == "azurekmsprovider-".count + 8)
    }

    @Test(arguments: [
        ("k8s\u{0}\n\u{2}v1", StoredValue.plaintext),
        ("", .plaintext),
        ("k8s:enc:", .plaintext),
        ("k8s:enc:kms:v1:azurekmsprovider-01234567:\u{0}:x", .encrypted(provider: "azurekmsprovider-01234567")),
        ("k8s:enc:aescbc:v1:key1:x", .foreign(prefix: "k8s:enc:aescbc:v1")),
        ("k8s:enc:kms:v2:name:x", .foreign(prefix: "k8s:enc:kms:v2")),
    ])
    func `a stored value is told by its prefix`(stored: String, expected: StoredValue) {
        #expect(StoredValue(Data(stored.utf8)) == expected)
        let padded = Data(stored.utf8) + Data(repeating: 0x3a, count: stored.isEmpty ? 0 : 1000)
        if stored.hasPrefix("k8s:enc:k") {
            #expect(StoredValue(base64: padded.base64EncodedString()) == expected)
        }
    }
}
