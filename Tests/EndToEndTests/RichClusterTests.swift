import JSON
import SystemRig
import Testing

/// Clusters with all that real ones have: members of previews, clouds that lag, no eTags.
@Suite(.needsSandbox)
struct `A cluster as rich as a real one` {
    enum Cloud: String, Sendable, CaseIterable {
        case newest, lagging, withoutETags

        var arguments: [String] {
            switch self {
            case .newest: []
            case .lagging: ["--newest-version", "2024-09-01"]
            case .withoutETags: ["--no-etag"]
            }
        }
        /// The newest preview that this cloud offers; a lagging one has none that shows more than its stable version.
        var shownTo: String { self == .lagging ? "2024-09-01" : "2026-07-02-preview" }
    }

    /// What must be afterwards as it was before: all but the KMS profile and what every update changes.
    private static func settings(_ cluster: JSONValue) -> JSONValue {
        var all = cluster
        all["eTag"] = nil
        var properties = all["properties"] ?? .object([:])
        var security = properties["securityProfile"] ?? .object([:])
        security["azureKeyVaultKms"] = nil
        properties["securityProfile"] = security
        let pools = properties["agentPoolProfiles"]?.array ?? []
        properties["agentPoolProfiles"] = .array(
            pools.map { pool in
                var bare = pool
                bare["eTag"] = nil
                return bare
            })
        all["properties"] = properties
        return all
    }

    @Test(arguments: FaultCase.Target.all, Cloud.allCases)
    func `is switched with the plain command line, and keeps every setting`(
        _ target: FaultCase.Target, _ cloud: Cloud
    ) async throws {
        let mode = target == .toPrivate ? "Public" : "Private"
        try await inSandbox(SandboxOptions(mode: mode, more: cloud.arguments)) { sandbox, plugin in
            let azure = try await AzureClient(sandbox)
            let before = try await azure.cluster(cloud.shownTo)
            let hidden = try await sandbox.state().document["clusters"]?.array?.first
            let result = try await plugin.change("switch", target.rawValue)
            let state = try await sandbox.state()
            switch target {
            case .toPrivate: expectPrivate(result, state, sandbox)
            case .toPublic: expectPublic(result, state, sandbox)
            }
            #expect(Self.settings(try await azure.cluster(cloud.shownTo)) == Self.settings(before))
            // Also what this cloud shows to no version at all.
            let all = try #require(state.document["clusters"]?.array?.first)
            #expect(Self.settings(all) == Self.settings(try #require(hidden)))
            #expect(state.legacyPuts == 0)
        }
    }

    @Test func `without an eTag says that the look before the change stands for it`() async throws {
        try await inSandbox(SandboxOptions(more: ["--no-etag"])) { _, plugin in
            let result = try await plugin.change("switch", "--private")
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.all.lowercased().contains("etag"), "\(result.testDescription)")
        }
    }

    @Test func `is preflighted in both directions without a refusal`() async throws {
        for (mode, target) in [("Public", "--private"), ("Private", "--public")] {
            try await inSandbox(SandboxOptions(mode: mode)) { _, plugin in
                let result = try await plugin.run(["preflight", target, "-o", "json"] + plugin.target)
                #expect(result.exitCode == 0, "\(result.testDescription)")
            }
        }
    }
}

extension FaultCase.Target {
    static let all: [FaultCase.Target] = [.toPrivate, .toPublic]
}
