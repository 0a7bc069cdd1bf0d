import Azure
import AzureResources
import Files
import HTTP
import Kubeconfig
import Usage

extension ManagedClusters {
    /// The file that ARM's kubeconfig is read as; it exists in memory only.
    private static let file = "/from-azure"
    /// Entra's application of every AKS API server (Azure/kubelogin, docs/book "Concepts: AKS").
    private static let serverApplication = "6dae42f8-4368-4678-94ff-3960e28e3630"

    /// The certificate authority of the cluster, by ARM's word. Nothing else of the kubeconfig needs to be usable.
    func authority(of id: AzureResourceID) async throws -> ServerTrust {
        let credential = try await credential(id) { () async throws(ARMError) in try await userCredentials(id) }
        let config = try Kubeconfig.load(explicitFile: Self.file, Self.environment(credential))
        guard let cluster = config.clusters.values.first, !cluster.certificateAuthorityData.isEmpty else {
            throw Self.noAuthority(id)
        }
        return .authorities(pem: cluster.certificateAuthorityData)
    }

    /// The way to a cluster's API server that ARM gives out, with the cluster's own authority as its trust.
    ///
    /// A kubeconfig of a cluster with Entra integration names a program that gets tokens (kubelogin). No program that
    /// a server names is run: tokens for the same application come from whoever signs in to Azure.
    func access(to id: AzureResourceID, asAdmin: Bool) async throws -> ClusterAccess {
        let credential = try await credential(id) { () async throws(ARMError) in
            if asAdmin { return try await adminCredentials(id) }
            return try await userCredentials(id, asksForExec: true)
        }
        var overrides = KubeconfigOverrides()
        overrides.kubeconfig = Self.file
        var access = try ClusterAccess.load(overrides, Self.environment(credential))
        guard case .authorities = access.trust else { throw Self.noAuthority(id) }
        if case .exec(let plugin) = access.credential {
            access.credential = .entra(serverID: Self.serverID(plugin) ?? Self.serverApplication)
        }
        return access
    }

    private func credential(
        _ id: AzureResourceID, _ ask: () async throws(ARMError) -> [ClusterCredential]
    ) async throws(SubjectError) -> ClusterCredential {
        do throws(ARMError) {
            // Never empty: an answer without a kubeconfig is an error.
            return try await ask()[0]
        } catch {
            let advice: Advice = error.advice.isEmpty ? "" : "; \(error.advice)"
            throw SubjectError(
                .refused, "Azure does not give the kubeconfig of \(id.name): \(error.action): \(error.what)",
                next: "you need listClusterUserCredential on it (Azure Kubernetes Service Cluster User Role)" + advice)
        }
    }

    private static func environment(_ credential: ClusterCredential) -> KubeEnvironment {
        KubeEnvironment(
            variables: [:], homeDirectory: nil, workingDirectory: "/",
            files: MemoryFiles([file: credential.kubeconfig]))
    }

    private static func noAuthority(_ id: AzureResourceID) -> SubjectError {
        SubjectError(
            .refused, "Azure's kubeconfig for \(id.name) names no certificate authority", next: "report this")
    }

    /// The application that kubelogin is told to get tokens for.
    private static func serverID(_ plugin: ExecPlugin) -> String? {
        guard let index = plugin.arguments.firstIndex(of: "--server-id") else { return nil }
        let value = plugin.arguments.dropFirst(index + 1).first
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }
}
