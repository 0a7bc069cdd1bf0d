import Text

/// The id of a resource in a resource group, compared without case as Azure does.
///
/// Parsing is strict, because ids come from servers, files and command lines and end in URLs that carry our rights.
package struct AzureResourceID: Sendable, CustomStringConvertible {
    /// A GUID.
    package let subscription: String
    /// As it was written.
    package let resourceGroup: String
    /// The namespace, such as `Microsoft.KeyVault`.
    package let provider: String
    /// Type and name in turn, such as `vaults`, `v`, `keys`, `k`.
    package let segments: [String]
    /// The id in the spelling of its parts, with the fixed words as Azure documents them.
    package let description: String

    /// Why a text is no resource id.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Makes an id of its parts.
    package init(
        subscription: String, resourceGroup: String, provider: String, segments: [String]
    ) throws(Problem) {
        guard isGUID(subscription) else { throw Problem(description: "the subscription is not a GUID") }
        guard Self.isResourceGroupName(resourceGroup) else {
            throw Problem(description: "the resource group's name is not valid")
        }
        guard Self.isToken(provider) else { throw Problem(description: "the provider's namespace is not valid") }
        guard !segments.isEmpty, segments.count.isMultiple(of: 2), segments.count <= 16 else {
            throw Problem(description: "types and names do not come in pairs")
        }
        for (index, segment) in segments.enumerated() {
            guard index.isMultiple(of: 2) ? Self.isToken(segment) : Self.isName(segment) else {
                throw Problem(description: "a type or name in it is not valid")
            }
        }
        self.init(checked: subscription, resourceGroup: resourceGroup, provider: provider, segments: segments)
    }

    /// Parts that were checked.
    init(checked subscription: String, resourceGroup: String, provider: String, segments: [String]) {
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.provider = provider
        self.segments = segments
        description =
            "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)/providers/\(provider)/"
            + segments.joined(separator: "/")
    }

    /// Parses `/subscriptions/…/resourceGroups/…/providers/…`.
    package init(parsing text: String) throws(Problem) {
        guard text.utf8.count <= 2048 else { throw Problem(description: "the id is longer than 2048 bytes") }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 9, parts[0].isEmpty, parts[1].lowercased() == "subscriptions",
            parts[3].lowercased() == "resourcegroups", parts[5].lowercased() == "providers"
        else {
            throw Problem(description: "the id does not read /subscriptions/…/resourceGroups/…/providers/…/type/name")
        }
        try self.init(
            subscription: parts[2], resourceGroup: parts[4], provider: parts[6], segments: Array(parts[7...]))
    }

    /// Parses, and requires a type such as `Microsoft.KeyVault/vaults`.
    package init(parsing text: String, type: String) throws(Problem) {
        try self.init(parsing: text)
        guard hasType(type) else { throw Problem(description: "the id is not of type \(type)") }
    }

    /// The id of a managed cluster.
    package static func managedCluster(
        subscription: String, resourceGroup: String, name: String
    ) throws(Problem) -> AzureResourceID {
        guard isName(name) else { throw Problem(description: "the cluster's name is not valid") }
        return try AzureResourceID(
            subscription: subscription, resourceGroup: resourceGroup, provider: "Microsoft.ContainerService",
            segments: ["managedClusters", name])
    }

    /// Namespace and types, such as `Microsoft.KeyVault/vaults/keys`.
    package var type: String {
        ([provider] + segments.indices.filter { $0.isMultiple(of: 2) }.map { segments[$0] }).joined(separator: "/")
    }

    /// Compares `type` without case.
    package func hasType(_ other: String) -> Bool { type.lowercased() == other.lowercased() }

    /// The last name.
    package var name: String { segments[segments.count - 1] }

    /// The id as the path of a URL, with the parentheses of resource groups' names as they are, which a path may have.
    package var urlPath: String {
        description.split(separator: "/", omittingEmptySubsequences: false)
            .map { percentEncoded(String($0), keeping: "()") }.joined(separator: "/")
    }

    /// The id of a child, such as a key of a vault.
    package func child(_ type: String, _ name: String) throws(Problem) -> AzureResourceID {
        try AzureResourceID(
            subscription: subscription, resourceGroup: resourceGroup, provider: provider,
            segments: segments + [type, name])
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { isASCIIAlphanumeric($0) || $0 == UInt8(ascii: ".") }
            && !text.hasPrefix(".")
    }

    private static func isName(_ text: String) -> Bool {
        let refused: Set<Character> = ["/", "?", "#", "%", "\\", "<", ">", "&", "\"", ":", "*", "|"]
        return !text.isEmpty && text.utf8.count <= 260 && text != "." && text != ".."
            && text.unicodeScalars.allSatisfy { isVisible($0) } && !text.contains { refused.contains($0) }
    }

    /// Letters and digits of any script, and `_ - . ( )`, no dot at the end, 90 at most: ARM's rule.
    private static func isResourceGroupName(_ text: String) -> Bool {
        (1...90).contains(text.count) && !text.hasSuffix(".") && text != ".."
            && text.allSatisfy { $0.isLetter || $0.isNumber || "_-.()".contains($0) }
    }
}

extension AzureResourceID: Hashable {
    package static func == (left: AzureResourceID, right: AzureResourceID) -> Bool {
        left.description.lowercased() == right.description.lowercased()
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(description.lowercased()) }
}

/// As its text; decoding refuses what parsing refuses.
extension AzureResourceID: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
