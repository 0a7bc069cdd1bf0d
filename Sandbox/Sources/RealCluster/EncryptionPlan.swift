import ClusterModel
import Foundation
import KMSPlugin

/// Which providers an API server has, and in which order: the first one writes, all of them read.
struct EncryptionPlan: Sendable, Hashable {
    /// Whether new writes are encrypted.
    var encrypts: Bool
    /// The key of the newest profile that had KMS on.
    var current: KeyRoute?
    /// The keys before that one, the newest first. The legacy KMS has two slots only: what a third key back encrypted
    /// is lost.
    var former: [KeyRoute] = []

    static let neverOn = EncryptionPlan(encrypts: false, current: nil)

    /// What a cluster with this plan does when ARM asks for `profile`.
    ///
    /// Turning KMS off keeps the key for reading, over the path with which it was turned on.
    func applying(_ profile: KMSProfile) -> EncryptionPlan {
        guard profile.enabled else {
            return EncryptionPlan(encrypts: false, current: current, former: former)
        }
        let wanted = KeyRoute(keyID: profile.keyID, path: profile.networkPath, plugin: profile.plugin)
        let others = ([current].compactMap(\.self) + former).filter { $0.providerName != wanted.providerName }
        return EncryptionPlan(encrypts: true, current: wanted, former: Array(others.prefix(profile.formerKeys)))
    }

    /// The keys that API servers with this plan reach for.
    var routes: [KeyRoute] { [current].compactMap(\.self) + former }

    /// The encryption configuration (`apiserver.config.k8s.io/v1`) in JSON, which is YAML too.
    func configuration(
        endpoints: [KeyRoute: String], cacheSize: Int, timeoutSeconds: Int
    ) throws -> Data {
        func plugin(_ route: KeyRoute) -> Provider {
            Provider(
                kms: .init(
                    name: route.providerName, endpoint: endpoints[route] ?? "", cachesize: cacheSize,
                    timeout: "\(timeoutSeconds)s"))
        }
        let identity = Provider(identity: .init())
        let readers = former.map(plugin)
        let first: [Provider] =
            switch (current, encrypts) {
            case (let current?, true): [plugin(current), identity]
            case (let current?, false): [identity, plugin(current)]
            case (nil, _): [identity]
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(
            Configuration(resources: [.init(resources: ["secrets"], providers: first + readers)]))
    }
}

private struct Configuration: Encodable {
    struct Rule: Encodable {
        let resources: [String]
        let providers: [Provider]
    }

    let apiVersion = "apiserver.config.k8s.io/v1"
    let kind = "EncryptionConfiguration"
    let resources: [Rule]
}

private struct Provider: Encodable {
    struct Plugin: Encodable {
        let name: String
        let endpoint: String
        let cachesize: Int
        let timeout: String
    }

    struct Identity: Encodable {}

    var kms: Plugin?
    var identity: Identity?
}
