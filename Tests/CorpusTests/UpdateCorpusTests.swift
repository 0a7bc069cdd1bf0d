import Azure
import AzureResources
import JSON
import TestDoubles
import Testing

/// What Azure marks as read-only, by path: the list of the design, written down once more, so that a mistake in the
/// code is not also one here. `*` is any member, `[]` any item.
private let readOnly: Set<String> = [
    "id", "name", "type", "systemData", "eTag", "identity.principalId", "identity.tenantId",
    "identity.userAssignedIdentities.*.clientId", "identity.userAssignedIdentities.*.principalId",
    "properties.provisioningState", "properties.powerState", "properties.maxAgentPools",
    "properties.currentKubernetesVersion", "properties.fqdn", "properties.privateFQDN", "properties.azurePortalFQDN",
    "properties.resourceUID", "properties.agentPoolProfiles[].eTag",
    "properties.agentPoolProfiles[].currentOrchestratorVersion", "properties.agentPoolProfiles[].provisioningState",
    "properties.agentPoolProfiles[].status.provisioningError",
    "properties.agentPoolProfiles[].localDNSProfile.state",
    "properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs",
    "properties.networkProfile.natGatewayProfile.effectiveOutboundIPs", "properties.oidcIssuerProfile.issuerURL",
    "properties.addonProfiles.*.identity", "properties.ingressProfile.webAppRouting.identity",
    "properties.podIdentityProfile.userAssignedIdentities[].provisioningState",
    "properties.podIdentityProfile.userAssignedIdentities[].provisioningInfo", "properties.status.provisioningError",
]
private let maps = ["identity.userAssignedIdentities", "properties.addonProfiles"]
private let kms = "properties.securityProfile.azureKeyVaultKms"

/// Where two documents differ: the pattern of the path, and whether the member is gone, new or another.
private enum Difference: Hashable { case gone(String), new(String), other(String) }

private func differences(_ before: JSONValue?, _ after: JSONValue?, _ path: String = "") -> [Difference] {
    if before == after { return [] }
    guard let before else { return [.new(path)] }
    guard let after else { return [.gone(path)] }
    if let mine = before.object, let theirs = after.object {
        return Set(mine.keys).union(theirs.keys).flatMap { name in
            let member = maps.contains(path) ? "*" : name
            return differences(mine[name], theirs[name], path.isEmpty ? member : "\(path).\(member)")
        }
    }
    if let mine = before.array, let theirs = after.array, mine.count == theirs.count {
        return mine.indices.flatMap { differences(mine[$0], theirs[$0], path + "[]") }
    }
    return [.other(path)]
}

@Suite(.enabled(if: Corpus.isExpected, Corpus.absence)) struct UpdateCorpusTests {
    private static let key = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"
    private static let vault =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"

    private func settings() throws -> [KMSSetting] {
        let key = try KeyIdentifier(parsingVersioned: Self.key)
        return [.off, .onPublic(key: key), .onPrivate(key: key, vault: try AzureResourceID(parsing: Self.vault))]
    }

    @Test func `an update of every cluster loses what is read-only, and adds nothing but the KMS profile`() throws {
        var documents = 0
        for entry in try Corpus.allClusters() {
            for version in [entry.apiVersion, "2026-07-01"] {
                let cluster = try ManagedCluster(entry.document, apiVersion: version)
                guard !cluster.encryption.isNewExperience else {
                    #expect(throws: ARMError.self) { try cluster.updateBody(settingKMS: .off) }
                    continue
                }
                for setting in try settings() {
                    // Most versions of the recordings hide the new experience.
                    let body = try cluster.updateBody(settingKMS: setting, hadLegacyKMS: true)
                    let wrong = differences(entry.document, body).filter { difference in
                        switch difference {
                        case .gone(let path): !readOnly.contains(path) && !path.hasPrefix(kms + ".")
                        case .new(let path):
                            path != kms && !path.hasPrefix(kms + ".") && path != "properties.securityProfile"
                        case .other(let path): !path.hasPrefix(kms + ".")
                        }
                    }
                    #expect(wrong.isEmpty, "\(entry.name): \(wrong)")
                }
            }
            documents += 1
        }
        print("corpus: the update of \(documents) documents of clusters is right in 3 settings by 2 forms")
    }

    @Test func `the KMS of every cluster is told, or hidden by its version, and nothing in it is unknown`() throws {
        var states: [String: Int] = [:]
        for entry in try Corpus.allClusters() {
            let found = try ManagedCluster(entry.document, apiVersion: entry.apiVersion).encryption
            #expect(found.state != .unknown || found.isHidden, "\(entry.name): \(found.why ?? "")")
            states[found.state.rawValue, default: 0] += 1
            // As a version would show it that hides nothing.
            let shown = try ManagedCluster(entry.document, apiVersion: "2026-07-01").encryption
            #expect(shown.state != .unknown, "\(entry.name): \(shown.why ?? "")")
        }
        print("corpus: the KMS of clusters is \(states.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
    }

    /// What az's models send is not read-only: Azure took it.
    @Test func `nothing that az sends is left out of an update`() throws {
        // Old versions of az sent these back, though they were read-only already.
        let sentInVain: Set<Difference> = [
            .gone("properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs"),
            .gone("properties.networkProfile.natGatewayProfile.effectiveOutboundIPs"),
            .gone("properties.oidcIssuerProfile.issuerURL"),
            .gone("properties.agentPoolProfiles[].currentOrchestratorVersion"),
        ]
        var requests = 0
        for (name, put) in try Corpus.files("puts") {
            let request = try #require(put["request"])
            // A whole document that was sent back as it came (az rest) tells nothing of what a model leaves out.
            guard request["id"] == nil else { continue }
            let cluster = try ManagedCluster(
                request.setting("id", to: .string(Self.clusterID)),
                apiVersion: try #require(put["apiVersion"]?.string))
            guard !cluster.encryption.isNewExperience else { continue }
            let body = try cluster.updateBody(settingKMS: .off, hadLegacyKMS: true)
            let lost = differences(request, body).filter {
                if case .gone(let path) = $0 { !path.hasPrefix(kms) } else { false }
            }
            #expect(Set(lost).isSubset(of: sentInVain), "\(name): \(lost)")
            requests += 1
        }
        print("corpus: nothing of \(requests) PUTs of az would be left out")
    }

    private static let clusterID =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"

    /// The experiments: an older version's PUT, and a newer one's GET before and after it.
    @Test func `no cluster lost a member that an older version hides, and the comparison says so`() throws {
        let experiments = try #require(try Corpus.json("experiments.json").array)
        for (index, experiment) in experiments.enumerated() {
            let documents = try #require(experiment["documents"])
            let before = try #require(documents["newerGetBefore"])
            let gone = membersGone(before: before, after: try #require(documents["newerGetAfter"]))
            #expect(gone.isEmpty, "experiment \(index): \(gone)")
            // What only the newer version shows would be told, if the older one had reset it.
            let hidden = membersGone(before: before, after: try #require(documents["olderGetBefore"]))
            #expect(!hidden.isEmpty)
        }
        print("corpus: \(experiments.count) older PUTs lost nothing")
    }

    @Test func `what a preview shows besides is what would be told if it were gone`() throws {
        for (name, pair) in try Corpus.files("pairs") {
            let stable = try #require(pair[path: "stable", "document"])
            let preview = try #require(pair[path: "preview", "document"])
            #expect(membersGone(before: stable, after: stable).isEmpty)
            let hidden = membersGone(before: preview, after: stable)
            let named = (pair["setMembersHiddenFromStable"]?.array ?? []).compactMap(\.string)
            let patterns = hidden.map(pattern)
            let untold = named.filter { member in
                !readOnly.contains(member)
                    && !patterns.contains { member.hasPrefix($0) || $0.hasPrefix(member) }
            }
            #expect(untold.isEmpty, "\(name): \(untold) of \(hidden)")
        }
    }

    /// A path with its items' names left out.
    private func pattern(_ path: String) -> String {
        path.split(separator: "[", omittingEmptySubsequences: false).enumerated().map { index, part in
            index == 0 ? String(part) : String(part.drop { $0 != "]" })
        }.joined(separator: "[")
    }
}
