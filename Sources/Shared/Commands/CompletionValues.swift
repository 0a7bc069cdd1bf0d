import AzureAccount
import AzureResources
package import Connections
import FoundationEssentials
import KubeAPI
import Kubeconfig
import SecretRewrite

/// Names that a word on the command line may become, as far as the kubeconfig, the API server and Azure tell them.
///
/// A shell that completes a word has no place for errors and no time: what cannot be read soon gives nothing.
package struct CompletionValues: Sendable {
    private let selection: SubjectSelection
    private let surroundings: Surroundings
    private let runID = "completion"

    package init(_ selection: SubjectSelection, surroundings: Surroundings) {
        self.selection = selection
        // No credential plugin may ask anything while a word is completed.
        var surroundings = surroundings
        surroundings.isInteractive = false
        self.surroundings = surroundings
    }

    package enum Kind: Sendable, Hashable {
        case contexts
        case clusters
        case users
        case namespaces
        case azureClusters
        case resourceGroups
        case subscriptions
    }

    /// A name, and what tells it apart from others for a person.
    package struct Value: Sendable, Hashable {
        package var name: String
        package var detail = ""
    }

    /// - Parameter patience: seconds after which there is nothing.
    package func values(_ kind: Kind, patience: Double = 3) async -> [Value] {
        await first(
            of: { await (try? read(kind)) ?? [] },
            or: {
                try? await Task.sleep(for: .seconds(patience))
                return []
            }) ?? []
    }

    private func read(_ kind: Kind) async throws -> [Value] {
        switch kind {
        case .contexts: try kubeconfig().contexts.keys.sorted().map { Value(name: $0) }
        case .clusters: try kubeconfig().clusters.keys.sorted().map { Value(name: $0) }
        case .users: try kubeconfig().users.keys.sorted().map { Value(name: $0) }
        case .namespaces: try await namespaces().map { Value(name: $0) }
        case .azureClusters: try await azureClusters().map { Value(name: $0.name, detail: $0.resourceGroup) }
        case .resourceGroups:
            Set(try await azureClusters().map(\.resourceGroup)).sorted().map { Value(name: $0) }
        case .subscriptions: try await azure().arm.subscriptions().map { Value(name: $0.id, detail: $0.name) }
        }
    }

    private func kubeconfig() throws -> Kubeconfig {
        try Kubeconfig.load(explicitFile: selection.kubeconfig.kubeconfig, surroundings.kubeEnvironment)
    }

    private func azure() throws(AzureTokenError) -> AzureConnection {
        try AzureConnection(subscription: selection.subscription, runID: runID, surroundings: surroundings)
    }

    private func azureClusters() async throws -> [ListedCluster] {
        let all = try await ListJob(try azure(), nil).read(only: selection.subscription).clusters
        guard let group = selection.resourceGroup?.lowercased() else { return all }
        return all.filter { $0.resourceGroup.lowercased() == group }
    }

    private func namespaces() async throws -> [String] {
        let access = try ClusterAccess.load(selection.kubeconfig, surroundings.kubeEnvironment)
        let connection = try await KubeConnection(
            access, tokens: LaterTokens(connect: azure), patience: .brief, runID: runID, surroundings: surroundings)
        return try await KubeSecretStore(connection.client).namespaces(PageRequest(limit: 500)).names
    }
}

/// Tokens of an account that is only looked for when a cluster's credential is one of Entra.
private struct LaterTokens: AzureTokenSource {
    let connect: @Sendable () throws(AzureTokenError) -> AzureConnection

    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken {
        try await connect().arm.tokens.token(
            resource: resource, tenant: tenant, claims: claims, forceRefresh: forceRefresh)
    }
}
