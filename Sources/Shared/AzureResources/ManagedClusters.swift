import AzureAccount
import HTTP
package import JSON

/// What a PUT that was accepted leaves: an operation under way.
package struct AcceptedUpdate: Sendable {
    /// Nil when ARM named none, or one that is not its own; then the cluster itself has to be observed.
    package let operation: OperationURL?
    /// The cluster as the answer shows it: already with the new profile, which proves nothing.
    package let cluster: ManagedCluster?
}

/// A kubeconfig that ARM gave out. It holds credentials, so it shows nothing of itself.
package struct ClusterCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// ARM's name for it, such as `clusterUser`.
    package let name: String
    /// YAML.
    package let kubeconfig: [UInt8]

    package var description: String { "ClusterCredential(\(kubeconfig.count) bytes)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The managed clusters of Azure's container service.
package struct ManagedClusters: Sendable {
    /// The client.
    package let arm: ARMClient
    /// The stable API version that reads and changes use unless another is given.
    package static let stableVersion = APIVersions.managedClusters

    package init(arm: ARMClient) { self.arm = arm }

    /// Reads a cluster.
    package func get(
        _ id: AzureResourceID, apiVersion: String = stableVersion
    ) async throws(ARMError) -> ManagedCluster {
        let call = ARMCall(.get, .path(id.urlPath, apiVersion: apiVersion, query: []))
        let document = try arm.document(of: try await arm.send(call), call)
        let cluster = try parse(document, call)
        guard cluster.id == id else {
            throw ARMError(kind: .unreadableAnswer("it describes another resource"), action: call.action)
        }
        return cluster
    }

    /// All clusters of a subscription that the caller may see.
    package func list(subscription: String) async throws(ARMError) -> [ManagedCluster] {
        let path = "/subscriptions/\(percentEncoded(subscription))/providers/Microsoft.ContainerService/managedClusters"
        let call = ARMCall(.get, .path(path, apiVersion: APIVersions.managedClusters, query: []))
        let items = try await arm.list(path, apiVersion: APIVersions.managedClusters)
        var clusters: [ManagedCluster] = []
        for item in items { clusters.append(try parse(item, call)) }
        return clusters
    }

    /// The newest preview API version of managed clusters that the provider lists; nil if it lists none.
    package func newestPreviewVersion(subscription: String) async throws(ARMError) -> String? {
        let provider = try await ResourceProvider.read(
            "Microsoft.ContainerService", subscription: subscription, arm: arm)
        return provider.newestPreviewVersion(of: "managedClusters")
    }

    /// The members that the newest preview API version shows of a cluster and the stable one hides.
    package func hiddenMembers(
        of id: AzureResourceID, previewVersion: String
    ) async throws(ARMError) -> (members: [HiddenMember], preview: ManagedCluster) {
        let stable = try await get(id)
        let preview = try await get(id, apiVersion: previewVersion)
        return (membersHidden(in: stable.document, butShownIn: preview.document), preview)
    }

    /// Sends an update once, valid only for the cluster that was read.
    ///
    /// - Parameters:
    ///   - body: from `ManagedCluster.updateBody`.
    ///   - eTag: the cluster's as read, without quotes; nil sends no condition.
    package func put(
        _ id: AzureResourceID, body: JSONValue, ifMatch eTag: String?, apiVersion: String = stableVersion
    ) async throws(ARMError) -> AcceptedUpdate {
        var call = ARMCall(.put, .path(id.urlPath, apiVersion: apiVersion, query: []), body: body)
        if let eTag {
            guard eTag.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }) else {
                throw ARMError(kind: .unreadableAnswer("the cluster's eTag is not a valid one"), action: call.action)
            }
            call.headers["If-Match"] = "\"\(eTag)\""
        }
        let answer = try await arm.send(call)
        let url = answer.headers["Azure-AsyncOperation"].flatMap { url in
            Origin(ofHTTPS: url) == arm.endpoint.origin ? OperationURL(verbatim: url) : nil
        }
        // What was accepted stays accepted, also if its description cannot be read.
        let cluster = (try? JSONValue(parsing: answer.body)).flatMap { try? ManagedCluster($0) }
        return AcceptedUpdate(operation: url, cluster: cluster)
    }

    /// The kubeconfigs that the caller gets as a user of the cluster; the first is the one to use.
    ///
    /// - Parameter asksForExec: for clusters with Entra integration, the form with an exec plugin instead of the one with
    ///   an auth-provider, which clients no longer know (`format`, managedClusters REST API).
    package func userCredentials(
        _ id: AzureResourceID, asksForExec: Bool = false
    ) async throws(ARMError) -> [ClusterCredential] {
        try await credentials(id, "listClusterUserCredential", query: asksForExec ? [("format", "exec")] : [])
    }

    /// The kubeconfigs of the cluster's administrator, which no policy of Entra limits; refused where local accounts are
    /// disabled.
    package func adminCredentials(_ id: AzureResourceID) async throws(ARMError) -> [ClusterCredential] {
        try await credentials(id, "listClusterAdminCredential", query: [])
    }

    private func credentials(
        _ id: AzureResourceID, _ action: String, query: [(name: String, value: String)]
    ) async throws(ARMError) -> [ClusterCredential] {
        let call = ARMCall(
            .post, .path("\(id.urlPath)/\(action)", apiVersion: APIVersions.managedClusters, query: query),
            repeatable: true, timeout: 60)
        let document = try arm.document(of: try await arm.send(call), call)
        let credentials = (document["kubeconfigs"]?.array ?? []).compactMap { entry -> ClusterCredential? in
            guard let text = entry["value"]?.string, let bytes = decodeBase64(text), !bytes.isEmpty else { return nil }
            return ClusterCredential(name: shownText(entry["name"]?.string ?? "", limit: 128), kubeconfig: bytes)
        }
        guard !credentials.isEmpty else {
            throw ARMError(kind: .unreadableAnswer("it holds no kubeconfig"), action: call.action)
        }
        return credentials
    }

    private func parse(_ document: JSONValue, _ call: ARMCall) throws(ARMError) -> ManagedCluster {
        do {
            return try ManagedCluster(document)
        } catch {
            throw ARMError(kind: .unreadableAnswer("\(error)"), action: call.action)
        }
    }
}
