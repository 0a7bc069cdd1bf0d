public import ClusterModel
import Crypto
import Foundation

/// One key version, and the network path over which it is reached: what one plugin serves.
public struct KeyRoute: Sendable, Hashable {
    public let keyID: String
    public let path: NetworkPath
    public let plugin: KMSPluginKind

    public init(keyID: String, path: NetworkPath, plugin: KMSPluginKind = .legacy) {
        self.keyID = keyID
        self.path = path
        self.plugin = plugin
    }

    /// The provider's name in the encryption configuration, and so in every stored object's prefix.
    ///
    /// It follows from the key and the plugin alone: KMS v1 judges staleness by the provider's name, so a changed key
    /// must be a changed name, and a changed path must not be.
    public var providerName: String {
        "azurekmsprovider-" + Self.hash(plugin.label(keyID))
    }

    /// A short name that tells all routes apart, such as for a socket's file.
    public var shortName: String {
        Self.hash(plugin.label(keyID)) + "-" + path.rawValue.lowercased()
    }

    private static func hash(_ text: String) -> String {
        let digest = Array(SHA256.hash(data: Data(text.utf8)).prefix(4))
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
