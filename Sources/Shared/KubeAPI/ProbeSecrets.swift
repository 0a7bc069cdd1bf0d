import HTTP
import JSON
package import SecretRewrite

/// Secrets of ours that hold no data and tell, by their version, how an API server stores Secrets now.
package struct ProbeSecrets: Sendable {
    /// What every probe's name begins with. Nothing else is ever created, annotated or deleted here, whatever name a
    /// journal gives.
    package static let namePrefix = "kms-vault-probe-"

    let client: KubeClient
    package let namespace: String

    package init(_ client: KubeClient, namespace: String = "kube-system") {
        self.client = client
        self.namespace = namespace
    }

    /// The same probes over one connection that nobody else uses.
    package func withNewConnection() -> ProbeSecrets {
        ProbeSecrets(client.withNewConnection(), namespace: namespace)
    }

    /// Makes a probe and gives its version; one of that name that is there already is used as it is.
    package func create(_ name: String, labels: [String: String] = [:]) async throws(StoreFailure) -> Int64 {
        try check(name)
        do {
            return try await client.table(
                SecretRequests.createProbe(name, in: namespace, labels: labels), secret: name
            ).resourceVersion
        } catch {
            // The answer to a first attempt may have been lost.
            guard case .conflict = error else { throw error }
            return try await touch(name)
        }
    }

    /// The patch that changes nothing; the version moves if the stored form was stale for the replica that serves.
    package func touch(_ name: String) async throws(StoreFailure) -> Int64 {
        try check(name)
        let request = SecretRequests.touch(name, in: namespace, dryRun: false)
        return try await client.table(request, secret: name).resourceVersion
    }

    /// The same, refused with `.conflict` when the probe is no longer at that version.
    package func touch(_ name: String, at resourceVersion: Int64) async throws(StoreFailure) -> Int64 {
        try check(name)
        let request = SecretRequests.touchProbe(name, in: namespace, at: resourceVersion)
        return try await client.table(request, secret: name).resourceVersion
    }

    /// A probe as storage has it, without touching it.
    package func view(_ name: String) async throws(StoreFailure) -> ProbeView {
        try check(name)
        let response = try await client.answer(SecretRequests.viewProbe(name, in: namespace), secret: name)
        guard let view = (try? JSONValue(parsing: response.body)).flatMap(ProbeView.init) else {
            throw .wouldSendData(detail: "the answer is not the metadata that was asked for")
        }
        return view
    }

    /// A real write: sets an annotation. `value` must differ from the one before.
    package func annotate(_ name: String, key: String, value: String) async throws(StoreFailure) -> Int64 {
        try check(name)
        let request = SecretRequests.annotateProbe(name, in: namespace, key: key, value: value)
        return try await client.table(request, secret: name).resourceVersion
    }

    /// Deletes a probe at the version that a touch has just shown; one that is gone is fine.
    package func delete(_ name: String) async throws(StoreFailure) {
        try check(name)
        var attempts = 0
        while true {
            do throws(StoreFailure) {
                let version = try await touch(name)
                return try await client.delete(
                    probe: name, SecretRequests.deleteProbe(name, in: namespace, resourceVersion: version))
            } catch {
                if case .gone = error { return }
                attempts += 1
                guard attempts < 8, Self.mayPass(error) else { throw error }
            }
        }
    }

    /// While replicas disagree, another sample may have moved the probe in between; a busy webhook or server lets the
    /// next try through.
    private static func mayPass(_ failure: StoreFailure) -> Bool {
        switch failure {
        case .conflict, .busy, .webhookAway, .lost: true
        default: false
        }
    }

    private func check(_ name: String) throws(StoreFailure) {
        guard name.hasPrefix(Self.namePrefix), isDNSSubdomain(name) else {
            throw .malformed(detail: "this is not the name of a probe")
        }
    }
}

extension KubeClient {
    /// A deletion answers with a Status, or with a Table while finalizers hold the object: both bodies are dropped.
    fileprivate func delete(probe name: String, _ request: KubeRequest) async throws(StoreFailure) {
        _ = try await answer(request, secret: name)
    }
}
