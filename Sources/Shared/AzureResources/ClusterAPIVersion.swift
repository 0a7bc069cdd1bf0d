import Text

/// The API version of managed clusters that a process speaks: found once, and the same for reading and for changing.
///
/// What a GET of one version shows goes into a PUT of that version only: members that a version does not know make ARM
/// refuse the PUT (Azure/AKS#4060), and a PUT keeps those that it does not know.
package actor ClusterAPIVersion {
    /// The first stable version that shows `kubernetesResourceObjectEncryptionProfile` (azure-rest-api-specs,
    /// containerservice, CommonModels.tsp: added in 2026-07-01).
    package static let preferred = APIVersions.managedClusters

    /// The first preview that shows it (azure-rest-api-specs, containerservice: 2025-08-02-preview).
    static let firstPreview = "2025-08-02-preview"

    /// The version to ask with.
    package private(set) var current: String
    /// A preview that shows what the version to ask with hides; nil where none is needed, or none is offered.
    private(set) var looking: String?
    private var refused: Set<String> = []

    package init(_ first: String = ClusterAPIVersion.preferred) { current = first }

    /// The version to ask with after Azure refused one; nil when no other is known.
    ///
    /// - Parameters:
    ///   - offered: the newest stable version that the refusal named.
    ///   - preview: the newest preview that it named.
    func afterRefusal(of version: String, offered: String?, preview: String? = nil) -> String? {
        refused.insert(version)
        guard refused.contains(current) else { return current }
        guard let offered, !refused.contains(offered) else { return nil }
        current = offered
        looking = preview.flatMap {
            Self.showsPlatformEncryption($0) && !Self.showsPlatformEncryption(offered) ? $0 : nil
        }
        return offered
    }

    /// Whether a version shows if a cluster is on the new KMS experience. Versions are dates, so they sort as texts.
    package static func showsPlatformEncryption(_ version: String) -> Bool {
        version >= (version.hasSuffix(previewSuffix) ? firstPreview : preferred)
    }
}

private let previewSuffix = "-preview"

/// The newest stable version among those that ARM says it supports; nil if it names none.
func newestStableVersion(offeredIn text: String) -> String? {
    versions(offeredIn: text).filter(isStableVersion).max().map(String.init)
}

/// The newest preview among them; nil if it names none.
func newestPreview(offeredIn text: String) -> String? {
    versions(offeredIn: text).filter {
        $0.hasSuffix(previewSuffix) && isStableVersion($0.dropLast(previewSuffix.count))
    }.max().map(String.init)
}

/// What looks like a version among those that ARM says it supports.
///
/// Sources of the texts: `NoRegisteredProviderFound` (Azure/azure-cli#23985), `InvalidResourceType`
/// (Azure/azure-cli#26827), `InvalidApiVersionParameter` (Azure/azure-sdk-for-node#1684). The refused version stands in
/// them as well, so that only what follows "supported" counts.
private func versions(offeredIn text: String) -> [Substring] {
    let lower = text.lowercased()
    let markers = ["supported api-versions are", "supported versions are"]
    guard let marker = markers.lazy.compactMap({ lower.firstRange(of: $0) }).first else { return [] }
    let words = lower[marker.upperBound...].utf8.prefix(64 << 10).split { !isVersionByte($0) }
    return words.compactMap { Substring($0) }
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
