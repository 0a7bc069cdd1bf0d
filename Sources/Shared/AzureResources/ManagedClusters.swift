package import Azure
import HTTP
import JSON
import Text

/// What a PUT that was accepted leaves: an operation under way.
package struct AcceptedUpdate: Sendable {
    /// Nil when ARM named none, or one that is not its own; then the cluster itself has to be observed.
    package let operation: OperationURL?
    /// The cluster as the answer shows it: already with the new profile, which proves nothing.
    package let cluster: ManagedCluster?
    /// `x-ms-request-id` of the answer; empty where it has none.
    package let requestID: String
    /// `x-ms-correlation-request-id` of the answer, by which Azure's activity log lists all that one client did.
    package let correlationID: String
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

    package init(arm: ARMClient) { self.arm = arm }

    /// The API version in use, which the first reading of a cluster or a list settles.
    package var apiVersion: String { get async { await arm.clusterVersion.current } }

    /// Reads a cluster.
    package func get(_ id: AzureResourceID) async throws(ARMError) -> ManagedCluster {
        let cluster = try await asking { version throws(ARMError) in try await get(id, by: version) }
        guard let preview = await look(beside: [cluster]), let look = try? await get(id, by: preview) else {
            return cluster
        }
        return cluster.told(by: look)
    }

    private func get(_ id: AzureResourceID, by version: String) async throws(ARMError) -> ManagedCluster {
        let call = ARMCall(.get, .path(id.urlPath, apiVersion: version, query: []))
        let document = try arm.document(of: try await arm.send(call), call)
        let cluster = try parse(document, version, call)
        guard cluster.id == id else {
            throw ARMError(kind: .unreadableAnswer("it describes another resource"), action: call.action)
        }
        return cluster
    }

    /// The preview that shows what the version in use hides of these clusters; nil where nothing is hidden, or where
    /// Azure offers no such preview.
    private func look(beside clusters: [ManagedCluster]) async -> String? {
        guard clusters.contains(where: \.encryption.isHidden) else { return nil }
        return await arm.clusterVersion.looking
    }

    /// All clusters of a subscription that the caller may see.
    package func list(subscription: String) async throws(ARMError) -> [ManagedCluster] {
        let path = "/subscriptions/\(percentEncoded(subscription))/providers/Microsoft.ContainerService/managedClusters"
        let clusters = try await asking { version throws(ARMError) in try await list(path, by: version) }
        guard let preview = await look(beside: clusters), let looks = try? await list(path, by: preview) else {
            return clusters
        }
        let byID = Dictionary(looks.map { ($0.id, $0) }) { first, _ in first }
        return clusters.map { cluster in byID[cluster.id].map { cluster.told(by: $0) } ?? cluster }
    }

    private func list(_ path: String, by version: String) async throws(ARMError) -> [ManagedCluster] {
        let call = ARMCall(.get, .path(path, apiVersion: version, query: []))
        var clusters: [ManagedCluster] = []
        for item in try await arm.list(path, apiVersion: version) {
            clusters.append(try parse(item, version, call))
        }
        return clusters
    }

    /// How often another version is tried: ARM's own list can name one that the provider does not have.
    private static let versionAttempts = 4

    /// Asks with the version in use, and where Azure does not know it with the newest stable one that it names.
    private func asking<Value>(
        _ question: (_ version: String) async throws(ARMError) -> Value
    ) async throws(ARMError) -> Value {
        var version = await arm.clusterVersion.current
        for _ in 1..<Self.versionAttempts {
            do { return try await question(version) } catch {
                guard case .apiVersionUnknown(let offered, let preview) = error.kind,
                    let other = await arm.clusterVersion.afterRefusal(of: version, offered: offered, preview: preview)
                else { throw error }
                version = other
            }
        }
        return try await question(version)
    }

    /// Sends an update once, valid only for the cluster that was read, by the API version by which it was read.
    ///
    /// Without an eTag in what was read no condition is sent: the caller makes sure that it is still true. A setting of
    /// the legacy KMS is never sent to a cluster on the new experience, and none to one of which that cannot be told.
    ///
    /// - Parameter hadLegacyKMS: as for `ManagedCluster.updateBody`.
    package func put(
        _ cluster: ManagedCluster, settingKMS setting: KMSSetting, hadLegacyKMS: Bool = false
    ) async throws(ARMError) -> AcceptedUpdate {
        let body = try cluster.updateBody(settingKMS: setting, hadLegacyKMS: hadLegacyKMS)
        var call = ARMCall(.put, .path(cluster.id.urlPath, apiVersion: cluster.apiVersion, query: []), body: body)
        if let eTag = cluster.eTag {
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
        let shown = (try? JSONValue(parsing: answer.body)).flatMap {
            try? ManagedCluster($0, apiVersion: cluster.apiVersion)
        }
        return AcceptedUpdate(
            operation: url, cluster: shown, requestID: answer.headers["x-ms-request-id"] ?? "",
            correlationID: answer.headers["x-ms-correlation-request-id"] ?? "")
    }

    /// The kubeconfigs that the caller gets as a user of the cluster; the first is the one to use.
    ///
    /// - Parameter asksForExec: for clusters with Entra integration, the form with an exec plugin instead of the one
    ///   with an auth-provider, which clients no longer know (`format`, managedClusters REST API).
    package func userCredentials(
        _ id: AzureResourceID, asksForExec: Bool = false
    ) async throws(ARMError) -> [ClusterCredential] {
        try await credentials(id, "listClusterUserCredential", query: asksForExec ? [("format", "exec")] : [])
    }

    /// The kubeconfigs of the cluster's administrator, which no policy of Entra limits; refused where local accounts
    /// are disabled.
    package func adminCredentials(_ id: AzureResourceID) async throws(ARMError) -> [ClusterCredential] {
        try await credentials(id, "listClusterAdminCredential", query: [])
    }

    private func credentials(
        _ id: AzureResourceID, _ action: String, query: [(name: String, value: String)]
    ) async throws(ARMError) -> [ClusterCredential] {
        let call = ARMCall(
            .post, .path("\(id.urlPath)/\(action)", apiVersion: await apiVersion, query: query),
            repeatable: true, timeout: 60)
        let document = try arm.document(of: try await arm.send(call), call)
        let credentials = (document["kubeconfigs"]?.array ?? []).compactMap { entry -> ClusterCredential? in
            guard let text = entry["value"]?.string, let bytes = decodeBase64(text), !bytes.isEmpty else { return nil }
            return ClusterCredential(name: (entry["name"]?.string ?? "").onOneLine(limit: 128), kubeconfig: bytes)
        }
        guard !credentials.isEmpty else {
            throw ARMError(kind: .unreadableAnswer("it holds no kubeconfig"), action: call.action)
        }
        return credentials
    }

    private func parse(
        _ document: JSONValue, _ version: String, _ call: ARMCall
    ) throws(ARMError) -> ManagedCluster {
        do {
            return try ManagedCluster(document, apiVersion: version)
        } catch {
            throw ARMError(kind: .unreadableAnswer("\(error)"), action: call.action)
        }
    }
}
