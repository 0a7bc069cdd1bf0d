import Azure
import AzureAccount
import AzureResources
import FoundationEssentials
import HTTP
import KubeAPI
package import Kubeconfig
import Text
import Usage

/// Which cluster is meant: by name, or by the API server of the kubeconfig.
package struct SubjectSelection: Sendable {
    package var subscription: String?
    package var resourceGroup: String?
    package var name: String?
    /// The versioned key that the user names.
    package var keyID: String?
    /// Whether that key may be without a version, as the new KMS experience takes it.
    package var takesVersionless = false
    /// The ARM id of the key's vault, where it cannot be found.
    package var vaultID: String?
    package var kubeconfig: KubeconfigOverrides
    package var access = Access.kubeconfig

    /// From where the way to the API server is taken.
    package enum Access: Sendable, Hashable {
        case kubeconfig
        /// The kubeconfig that ARM gives to a user or, if that is asked for by name, to an administrator of the
        /// cluster.
        case azure(asAdmin: Bool)
    }

    package init(kubeconfig: KubeconfigOverrides = KubeconfigOverrides()) { self.kubeconfig = kubeconfig }
}

/// Finds the cluster in ARM, proves that the API server is that cluster, and finds the vault.
package struct SubjectFinder: Sendable {
    let selection: SubjectSelection
    let azure: AzureConnection
    let runID: String
    let surroundings: Surroundings
    let purpose: Purpose

    /// What a command is about to do decides what must be known of the API server.
    package enum Purpose: Sendable {
        /// It must answer; its authority is verified if Azure tells it.
        case reading
        /// As `reading`, but what Azure knows is shown even while it is silent.
        case looking
        /// It must answer and be proven to be the cluster.
        case changing
        /// It must be proven when it answers; while it is silent, Azure alone is worked on. An API server that has lost
        /// its key vault does not come back before KMS or the vault is mended.
        case rescuing

        var changes: Bool { self == .changing || self == .rescuing }
        var bearsSilence: Bool { self == .looking || self == .rescuing }
    }

    package init(
        _ selection: SubjectSelection, azure: AzureConnection, runID: String, surroundings: Surroundings,
        for purpose: Purpose
    ) {
        self.selection = selection
        self.azure = azure
        self.runID = runID
        self.surroundings = surroundings
        self.purpose = purpose
    }

    package func find() async throws -> Subject {
        var unreadable: [String] = []
        let clusters = ManagedClusters(arm: azure.arm)
        let id: AzureResourceID
        let lookedAt: Double
        let cluster: ManagedCluster
        let access: ClusterAccess
        let trust: @Sendable () async throws -> ServerTrust?
        switch selection.access {
        case .kubeconfig:
            access = try kubeconfigAccess()
            id = try await clusterID(access, &unreadable)
            lookedAt = surroundings.time.monotonic()
            cluster = try await clusters.get(id)
            trust = { [id] in try await authority(clusters, id) }
        case .azure(let asAdmin):
            id = try await namedCluster()
            lookedAt = surroundings.time.monotonic()
            cluster = try await clusters.get(id)
            let given = try checked(await clusters.access(to: id, asAdmin: asAdmin))
            access = given
            trust = { given.trust }
        }
        let named = try namedKey()
        let key = named ?? cluster.kms.flatMap { try? KeyIdentifier(parsing: $0.keyID) }
        // Azure is asked about the vault while the API server is asked who it is.
        async let search = vault(of: key, cluster)
        let connected = try await connect(access, trust: try await trust(), id)
        let found = try await search
        return Subject(
            clusterID: id, cluster: cluster, kube: connected.kube, kubeSystemUID: connected.uid,
            silence: connected.silence, key: key, namedKey: named, vault: found.vault,
            isVerified: connected.isVerified, unreadable: unreadable + found.unreadable, lookedAt: lookedAt)
    }

    private func kubeconfigAccess() throws -> ClusterAccess {
        try checked(ClusterAccess.load(selection.kubeconfig, surroundings.kubeEnvironment))
    }

    private func checked(_ access: ClusterAccess) throws(SubjectError) -> ClusterAccess {
        if let refusal = Self.refusal(of: access, for: purpose) { throw refusal }
        return access
    }

    /// Why an access is not good enough for a purpose; nil when it is. Without TLS nothing proves which cluster
    /// answers: behind `kubectl proxy` it is whatever cluster that was started for.
    static func refusal(of access: ClusterAccess, for purpose: Purpose) -> SubjectError? {
        guard purpose.changes else { return nil }
        let server = access.server.printable()
        guard access.isTLS else {
            return SubjectError(
                .refused, "the API server \(server) is not reached over TLS, so nothing proves which cluster it is",
                next: "use the cluster's own https address: az aks get-credentials writes it; kubectl proxy will not do"
            )
        }
        guard access.insecureSkipTLSVerify else { return nil }
        return SubjectError(
            .refused, "the kubeconfig turns off TLS verification for \(server)",
            next: "remove insecure-skip-tls-verify: a command that changes a cluster must know which one it talks to")
    }

    private func namedCluster() async throws -> AzureResourceID {
        guard let group = selection.resourceGroup, let name = selection.name else {
            throw SubjectError(.usage, "no cluster is named", next: "name it with --resource-group and --name")
        }
        guard let subscription = azure.subscriptionID else {
            // Whoever is not signed in hears that first.
            _ = try await azure.arm.subscriptions()
            throw SubjectError(
                .usage, "no subscription is active",
                next: "choose one with az account set, or name one with --subscription")
        }
        do {
            return try AzureResourceID.managedCluster(subscription: subscription, resourceGroup: group, name: name)
        } catch {
            throw SubjectError(
                .usage, "these names do not form a valid Azure resource id: \(error)",
                next: "check --subscription, --resource-group and --name; az aks list --output table shows them")
        }
    }

    private func clusterID(
        _ access: ClusterAccess, _ unreadable: inout [String]
    ) async throws -> AzureResourceID {
        if selection.resourceGroup != nil, selection.name != nil { return try await namedCluster() }
        let host = URLParts(access.server)?.host ?? ""
        let search = try await azure.clusters(only: selection.subscription)
        var matches = search.found.filter { $0.apiServerHosts.contains(host.lowercased()) }
        if let name = selection.name { matches.removeAll { $0.name.lowercased() != name.lowercased() } }
        if let group = selection.resourceGroup {
            matches.removeAll { $0.id.resourceGroup.lowercased() != group.lowercased() }
        }
        unreadable = search.unreadable
        guard matches.count == 1, let found = matches.first else {
            let what =
                matches.isEmpty
                ? "no AKS cluster with the API server \(host.printable()) was found in \(search.searched) subscription(s)"
                : "\(matches.count) AKS clusters match the API server \(host.printable())"
            let rest = unreadable.isEmpty ? "" : "; \(unreadable.count) could not be read, the first: \(unreadable[0])"
            throw SubjectError(.usage, what + rest, next: Advice(search.advice))
        }
        return found.id
    }

    private struct Connected {
        var kube: KubeConnection
        var uid = ""
        var silence: String?
        var isVerified: Bool
    }

    /// I7: the chain must verify against the authority that ARM gives for this cluster, whatever the host's name.
    private func connect(
        _ access: ClusterAccess, trust: ServerTrust?, _ id: AzureResourceID
    ) async throws -> Connected {
        let isVerified = trust != nil && access.isTLS
        var kube = try await KubeConnection(
            access, trust: trust, tokens: azure.arm.tokens, patience: purpose.bearsSilence ? .brief : .long,
            runID: runID, surroundings: surroundings)
        do {
            let uid = try await kube.client.clusterUID()
            // Short tries are for a silent API server, which must not be waited for before each step. This one answers.
            if purpose.bearsSilence { kube = kube.with(.long) }
            return Connected(kube: kube, uid: uid, isVerified: isVerified)
        } catch {
            guard purpose.bearsSilence, error.isSilence else {
                throw unreachable(error, access, id, verified: isVerified, note: await kube.note)
            }
            return Connected(kube: kube, silence: "\(error)", isVerified: isVerified)
        }
    }

    private func unreachable(
        _ error: KubeError, _ access: ClusterAccess, _ id: AzureResourceID, verified: Bool,
        note: String?
    ) -> SubjectError {
        if verified, case .transport(let transport) = error.cause, transport.kind == .certificateRefused {
            return SubjectError(
                .refused, "the API server \(access.server) is not the AKS cluster \(id.name): \(transport)",
                next: "choose the right --context, or the right cluster with -g and --name")
        }
        guard !error.isSilence else {
            return SubjectError(
                .unreachable, "the API server \(access.server.printable()) cannot be reached from here: \(error)",
                next: "run this where it can be reached: docs/private-clusters.md names the ways")
        }
        return SubjectError(
            .unreachable, "the API server cannot be used: \(error)" + (note.map { "; \($0)" } ?? ""),
            next: "check the context \(access.contextName.printable()), the network path and your rights in the cluster"
        )
    }

    /// The authority that ARM gives for the cluster. A command that only reads goes on without it, and says so.
    private func authority(_ clusters: ManagedClusters, _ id: AzureResourceID) async throws -> ServerTrust? {
        do { return try await clusters.authority(of: id) } catch {
            if purpose.changes { throw error }
            return nil
        }
    }

    private func namedKey() throws -> KeyIdentifier? {
        guard let text = selection.keyID else { return nil }
        do {
            return selection.takesVersionless
                ? try KeyIdentifier(parsing: text) : try KeyIdentifier(parsingVersioned: text)
        } catch {
            throw SubjectError(.usage, "--key-id: \(error)", next: "see az keyvault key show --query key.kid")
        }
    }

    /// The vault that owns the key's host. Each way needs more rights than the one before, the last those of a search.
    private func vault(
        of key: KeyIdentifier?, _ cluster: ManagedCluster
    ) async throws -> (vault: Vault?, unreadable: [String]) {
        guard let key else { return (nil, []) }
        let vaults = Vaults(arm: azure.arm)
        if let text = selection.vaultID {
            let named = try await namedVault(text, key, vaults)
            return (named, [])
        }
        let profiles = cluster.kms.flatMap { try? AzureResourceID(parsing: $0.vaultID) }
        let neighbour = try? AzureResourceID(
            subscription: cluster.id.subscription, resourceGroup: cluster.id.resourceGroup,
            provider: "Microsoft.KeyVault", segments: ["vaults", key.vaultName])
        for id in [profiles, neighbour].compactMap({ $0 }) {
            if let vault = try? await vaults.get(id), vault.owns(key) { return (vault, []) }
        }
        let result = await vaults.find(ownerOf: key, in: azure.subscriptions(only: nil))
        return (result.found.first, result.unreadable.map { "\($0.id): \($0.error)" })
    }

    private func namedVault(
        _ text: String, _ key: KeyIdentifier, _ vaults: Vaults
    ) async throws(SubjectError) -> Vault {
        let advice: Advice = "az keyvault list --query \"[?name=='\(key.vaultName)'].id\" shows the id"
        do {
            let vault = try await vaults.get(try AzureResourceID(parsing: text, type: "Microsoft.KeyVault/vaults"))
            if vault.owns(key) { return vault }
        } catch {
            throw SubjectError(.usage, "--key-vault-resource-id: \(error)", next: advice)
        }
        throw SubjectError(.usage, "--key-vault-resource-id: that vault does not own the key \(key)", next: advice)
    }
}
