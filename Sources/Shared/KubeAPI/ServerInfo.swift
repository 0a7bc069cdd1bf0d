import HTTP
import JSON
package import SecretRewrite
import Text

/// The API server's version.
package struct KubeVersion: Sendable, Hashable, CustomStringConvertible {
    /// As `v1.33.2`.
    package let gitVersion: String
    package let major: Int
    package let minor: Int

    package init?(_ gitVersion: String) {
        guard gitVersion.hasPrefix("v") else { return nil }
        let parts = gitVersion.dropFirst().split(separator: ".", maxSplits: 2)
        guard parts.count == 3, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.gitVersion = gitVersion.onOneLine(limit: 64)
        self.major = major
        self.minor = minor
    }

    package var description: String { gitVersion }
}

/// What `/readyz?verbose` says.
package struct ReadyReport: Sendable, Hashable {
    package let isReady: Bool
    /// The checks by name, as `kms-providers`, and whether each passed.
    package let checks: [String: Bool]

    init(status: Int, body: [UInt8]) {
        isReady = status == 200
        var checks: [String: Bool] = [:]
        for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline).prefix(500) {
            guard let passed = line.hasPrefix("[+]") ? true : line.hasPrefix("[-]") ? false : nil,
                let name = line.dropFirst(3).split(separator: " ").first
            else { continue }
            checks[String(name)] = passed
        }
        self.checks = checks
    }
}

extension KubeClient {
    /// `GET /version`.
    package func version() async throws(KubeError) -> KubeVersion {
        let request = KubeRequest(.get, ["version"])
        guard let version = KubeVersion(try await json(request)["gitVersion"]?.string ?? "") else {
            throw KubeError(request, .answer("it has no gitVersion"))
        }
        return version
    }

    /// `GET /readyz?verbose`; a server that is not ready is an answer, not an error.
    package func readiness() async throws(KubeError) -> ReadyReport {
        var request = KubeRequest(.get, ["readyz"], query: ["verbose": ""])
        request.accept = "*/*"
        request.maximumBodyBytes = 1 << 20
        let response = try await exchange(request)
        guard response.status == 200 || response.status == 500 else {
            throw KubeError(request, .status(KubeStatus(response)))
        }
        return ReadyReport(status: response.status, body: response.body)
    }

    /// `GET /metrics` of the replica that serves; up to 64 MiB, of which some dozen lines stay.
    package func metrics() async throws(KubeError) -> ServerMetrics {
        var request = KubeRequest(.get, ["metrics"])
        request.accept = "text/plain"
        request.maximumBodyBytes = 64 << 20
        return ServerMetrics(parsing: try await send(request).body)
    }

    /// The UID of the namespace kube-system: the identity of the cluster's storage.
    package func clusterUID() async throws(KubeError) -> String {
        let request = KubeRequest(.get, KubeResource.namespaces.path(nil, "kube-system"))
        guard let uid = try await get(.namespaces, "kube-system")?.uid, !uid.isEmpty else {
            throw KubeError(request, .answer("the namespace kube-system has no UID"))
        }
        return uid
    }

    /// The hashes by which metrics name the API server replicas that have a Lease; empty before Kubernetes 1.26.
    package func replicaIDHashes() async throws(KubeError) -> Set<String> {
        let leases = try await list(
            .leases, namespace: "kube-system", labelSelector: "apiserver.kubernetes.io/identity=kube-apiserver")
        return Set(
            leases.map(\.name).filter { $0.hasPrefix("apiserver-") }.map { "sha256:" + sha256Hex(Array($0.utf8)) })
    }

    /// How many Secrets the cluster has, about; nil where the server does not tell.
    package func secretCount() async throws(StoreFailure) -> Int? {
        let page = try await table(SecretRequests.count(), secret: nil)
        if page.next == nil { return page.names.count }
        return page.remaining.map { $0 + page.names.count }
    }
}

extension ProbeSecrets {
    /// The metrics of the replica behind this connection.
    func metrics() async throws(KubeError) -> ServerMetrics { try await client.metrics() }
}
