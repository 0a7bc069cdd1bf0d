import Text

/// The API version of managed clusters that a process speaks: found once, and the same for reading and for changing.
///
/// What a GET of one version shows goes into a PUT of that version only: members that a version does not know make ARM
/// refuse the PUT (Azure/AKS#4060), and a PUT keeps those that it does not know.
package actor ClusterAPIVersion {
    /// The first stable version that shows `kubernetesResourceObjectEncryptionProfile` (azure-rest-api-specs,
    /// containerservice, CommonModels.tsp: added in 2026-07-01).
    package static let preferred = APIVersions.managedClusters

    /// The version to ask with.
    package private(set) var current: String
    private var refused: Set<String> = []

    package init(_ first: String = ClusterAPIVersion.preferred) { current = first }

    /// The version to ask with after Azure refused one; nil when no other is known.
    ///
    /// - Parameter offered: the newest stable version that the refusal named.
    func afterRefusal(of version: String, offered: String?) -> String? {
        refused.insert(version)
        guard refused.contains(current) else { return current }
        guard let offered, !refused.contains(offered) else { return nil }
        current = offered
        return offered
    }

    /// Whether a version shows if a cluster is on the new KMS experience. Versions are dates, so they sort as texts.
    package static func showsPlatformEncryption(_ version: String) -> Bool { version >= preferred }
}

/// The newest stable version among those that ARM says it supports; nil if it names none.
///
/// Sources of the texts: `NoRegisteredProviderFound` (Azure/azure-cli#23985), `InvalidResourceType`
/// (Azure/azure-cli#26827), `InvalidApiVersionParameter` (Azure/azure-sdk-for-node#1684). The refused version stands in
/// them as well, so that only what follows "supported" counts.
func newestStableVersion(offeredIn text: String) -> String? {
    let lower = text.lowercased()
    let markers = ["supported api-versions are", "supported versions are"]
    guard let marker = markers.lazy.compactMap({ lower.firstRange(of: $0) }).first else { return nil }
    let words = lower[marker.upperBound...].utf8.prefix(64 << 10).split { !isVersionByte($0) }
    return words.compactMap { Substring($0) }.filter(isStableVersion).max().map(String.init)
}

private func isVersionByte(_ byte: UInt8) -> Bool { isASCIIAlphanumeric(byte) || byte == UInt8(ascii: "-") }

/// `2026-07-01`, and nothing that is no date of this century.
private func isStableVersion(_ text: Substring) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2d || (0x30...0x39).contains($0) }),
        let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return false }
    return (2014...2099).contains(year) && (1...12).contains(month) && (1...31).contains(day)
}
