/// How an API server reaches the key vault: ARM's `keyVaultNetworkAccess`.
package enum NetworkMode: String, Sendable, Codable, Hashable, CaseIterable {
    case publicAccess = "Public"
    case privateAccess = "Private"

    /// The mode that ARM names, in any case; nil for a value that is not known.
    package init?(shown text: String) {
        guard let mode = NetworkMode.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            return nil
        }
        self = mode
    }

    package var opposite: NetworkMode { self == .publicAccess ? .privateAccess : .publicAccess }
}
