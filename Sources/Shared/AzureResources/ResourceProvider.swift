import AzureAccount
package import JSON

/// A resource provider as a subscription sees it.
package struct ResourceProvider: Sendable, Hashable {
    /// Such as `Microsoft.KeyVault`.
    package let namespace: String
    /// `Registered`, `NotRegistered`, `Registering`, ...
    package let registrationState: String?
    /// API versions by type, types in lower case.
    package let apiVersions: [String: [String]]

    package init(_ document: JSONValue) {
        namespace = document["namespace"]?.string ?? ""
        registrationState = document["registrationState"]?.string
        var versions: [String: [String]] = [:]
        for type in document["resourceTypes"]?.array ?? [] {
            guard let name = type["resourceType"]?.string else { continue }
            versions[name.lowercased()] = (type["apiVersions"]?.array ?? []).compactMap(\.string)
        }
        apiVersions = versions
    }

    /// Whether the subscription may use it.
    package var isRegistered: Bool { registrationState?.lowercased() == "registered" }

    /// The newest version that ends in `-preview`; versions are dates, so they sort as texts.
    package func newestPreviewVersion(of type: String) -> String? {
        (apiVersions[type.lowercased()] ?? []).filter { $0.hasSuffix("-preview") && Self.isVersion($0) }.max()
    }

    /// `2026-06-01` and `2026-06-01-preview`, so that nothing else gets into a query.
    private static func isVersion(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return (3...4).contains(parts.count) && parts.prefix(3).map(\.utf8.count) == [4, 2, 2]
            && parts.prefix(3).allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// Reads a provider's metadata.
    package static func read(
        _ namespace: String, subscription: String, arm: ARMClient
    ) async throws(ARMError) -> ResourceProvider {
        ResourceProvider(
            try await arm.get(
                "/subscriptions/\(percentEncoded(subscription))/providers/\(percentEncoded(namespace))",
                apiVersion: APIVersions.providers))
    }
}
