/// An access token and the moment when it ends. Its text appears in no description.
package struct AzureToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What goes after `Bearer ` in an `Authorization` header.
    package let secret: String
    /// Seconds since 1970.
    package let expiresAt: Double

    package init(secret: String, expiresAt: Double) {
        self.secret = secret
        self.expiresAt = expiresAt
    }

    package var description: String { "AzureToken(expires at \(Int64(clamping: expiresAt)))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["expiresAt": expiresAt]) }
}

/// Gives access tokens for Azure's APIs.
package protocol AzureTokenSource: Sendable {
    /// A token that is valid for some minutes yet.
    ///
    /// - Parameters:
    ///   - resource: the audience, such as `https://management.core.windows.net/`, without `.default`.
    ///   - tenant: the tenant's id; nil for that of the active subscription.
    ///   - claims: the JSON of a claims challenge that a resource answered with, decoded.
    ///   - forceRefresh: whether a token that is at hand must not be given again.
    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken
}

extension Int64 {
    /// The nearest whole number that fits; NaN gives zero.
    package init(clamping value: Double) {
        self = value.isNaN ? 0 : Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
    }
}
