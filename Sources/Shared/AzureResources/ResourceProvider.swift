import AzureAccount
package import JSON
import Text

/// A resource provider as a subscription sees it.
package struct ResourceProvider: Sendable, Hashable {
    /// Such as `Microsoft.KeyVault`.
    package let namespace: String
    /// `Registered`, `NotRegistered`, `Registering`, ...
    package let registrationState: String?

    package init(_ document: JSONValue) {
        namespace = document["namespace"]?.string ?? ""
        registrationState = document["registrationState"]?.string
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
