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
