public import ClusterModel

extension EmbeddedCluster {
    /// Who the controller is to an API server; AKS's name for it is in no document.
    static let controllerName = "aks-kms-controller"

    /// How many Secrets lie under a key that the newest configuration does not have, whether or not a replica remembers
    /// their data keys.
    public func secretsLockedOut() async throws -> Int {
        let known = Set(newest.keys.map(\.reportedID))
        var count = 0
        storage.forEach(.secrets) { _, bytes in
            if let object = EncryptedObject(stored: bytes), !known.contains(object.keyID) { count += 1 }
        }
        return count
    }

    /// The controller's requests go the way of all requests, so that webhooks and faults meet them. It asks a replica
    /// that has the newest configuration, if one has (inferred).
    public func rewriteSecrets() async throws -> SecretRewrite {
        let newest = newest
        let up = replicas.filter(\.isUp)
        guard let replica = up.first(where: { $0.configuration == newest }) ?? up.first else {
            throw ClusterFailure("no replica is up")
        }
        var keys: [String] = []
        storage.forEach(.secrets) { key, _ in keys.append(key) }
        var outcome = SecretRewrite()
        for key in keys.sorted() {
            try Task.checkCancellation()
            let response = await api.answer(emptyPatch(ofSecret: key), on: replica)
            switch response.status {
            case 200: outcome.taken += 1
            // Deleted meanwhile.
            case 404: break
            default:
                outcome.refused += 1
                let text = String(decoding: response.body.prefix(300), as: UTF8.self)
                if outcome.firstRefusal == nil { outcome.firstRefusal = "\(key): \(response.status): \(text)" }
            }
        }
        return outcome
    }

    private func emptyPatch(ofSecret key: String) -> APIRequest {
        let parts = key.split(separator: "/", maxSplits: 1)
        return APIRequest(
            method: "PATCH",
            uri: "/api/v1/namespaces/\(parts[0])/secrets/\(parts[1])?fieldManager=\(Self.controllerName)",
            headers: [
                "authorization": "Bearer \(tokens.controller)", "content-type": "application/merge-patch+json",
            ], body: Array("{}".utf8))
    }
}

extension EncryptedObject {
    /// - Parameter stored: a value of KMS v2, `k8s:enc:kms:v2:<provider>:<EncryptedObject>`; nil for any other.
    init?(stored bytes: [UInt8]) {
        guard bytes.starts(with: Array("k8s:enc:kms:v2:".utf8)) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        self.init(serialized: parts[5])
    }
}
