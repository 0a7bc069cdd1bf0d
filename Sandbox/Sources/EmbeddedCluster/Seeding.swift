public import ClusterModel
import Foundation

extension EmbeddedCluster {
    /// The namespaces and the Leases that every cluster has.
    func addFirstObjects() {
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] { addNamespace(name) }
        addAutoscalerStatus()
        guard options.hasAPIServerIdentity else { return }
        for replica in replicas {
            var lease = api.objectTemplate(.leases, namespace: "kube-system", name: replica.identity)
            lease["metadata"]?["labels"] = ["apiserver.kubernetes.io/identity": "kube-apiserver"]
            lease["spec"] = [
                "holderIdentity": .string(replica.identity + "_" + UUID().uuidString.lowercased()),
                "leaseDurationSeconds": 3600,
                "renewTime": .string(timestamp(options.clock.now()).dropLast() + ".000000Z"),
            ]
            storage.insert(.leases, [("kube-system/" + replica.identity, lease.encoded())])
        }
    }

    /// The cluster autoscaler's word that it adds no nodes (kubernetes/autoscaler, cluster-autoscaler/clusterstate/api,
    /// from 1.30 on).
    private func addAutoscalerStatus() {
        let name = "cluster-autoscaler-status"
        var map = api.objectTemplate(.configMaps, namespace: "kube-system", name: name)
        let status = """
            autoscalerStatus: Running
            clusterWide:
              health:
                status: Healthy
              scaleUp:
                status: NoActivity
              scaleDown:
                status: NoCandidates
            nodeGroups: []
            """
        map["data"] = ["status": .string(status)]
        storage.insert(.configMaps, [("kube-system/" + name, map.encoded())])
    }

    public func addNamespace(_ name: String) {
        var namespace = api.objectTemplate(.namespaces, name: name)
        namespace["metadata"]?["labels"] = ["kubernetes.io/metadata.name": .string(name)]
        namespace["spec"] = ["finalizers": ["kubernetes"]]
        namespace["status"] = ["phase": "Active"]
        storage.insert(.namespaces, [(name, namespace.encoded())])
    }

    /// Adds Secrets as replica 0 would write them, spread over namespaces `team-0`, `team-1`, …: each holds `bytes`
    /// bytes of data that begin with the canary.
    public func seed(namespaces: Int, secrets: Int, bytes: Int, canary: String) async throws {
        let transformers = replicas[0].transformers
        let namespaces = max(namespaces, 1)
        for index in 0..<namespaces { addNamespace("team-\(index)") }
        var batch: [(key: String, bytes: [UInt8])] = []
        batch.reserveCapacity(secrets)
        for index in 0..<secrets {
            let namespace = "team-\(index % namespaces)"
            let name = "secret-\(index)"
            var object = api.objectTemplate(.secrets, namespace: namespace, name: name)
            object["type"] = "Opaque"
            var value = Data("\(canary)-\(index)-".utf8)
            value.append(Data(repeating: UInt8(ascii: "x"), count: max(0, bytes - value.count)))
            object["data"] = ["value": .string(value.base64EncodedString())]
            let key = namespace + "/" + name
            batch.append(
                (key, try transformers.toStorage(object.encoded(), key: ResourceKind.secrets.storagePrefix + key)))
        }
        storage.insert(.secrets, batch)
    }
}

extension EmbeddedCluster {
    // MARK: Faults

    /// Puts a fault in force; the number takes it out again.
    @discardableResult public func add(_ rule: FaultRule) -> Int {
        faults.add(rule, now: options.clock.now())
    }
    /// Makes a user with these rights and no others, and returns its bearer token.
    public func addUser(_ name: String, rules: [PolicyRule]) -> String {
        let token = "user-" + UUID().uuidString.lowercased()
        api.users.add(User(name: name, isAdmin: false, rules: rules), token: token)
        return token
    }
    public func removeFault(_ id: Int) { faults.remove(id) }
    /// Ends every fault, limit, webhook and denial.
    public func clearFaults() { faults.clear() }
    public func limitRequests(_ limit: RequestLimit?) { faults.setLimit(limit, now: options.clock.now()) }
    public func setWebhooks(_ webhooks: [Webhook]) { faults.webhooks = webhooks }
    public func setDenials(_ denials: [Denial]) { faults.denials = denials }
    /// Closes every connection of one replica, or of all, without a word.
    public func cutConnections(replica index: Int? = nil) {
        for replica in replicas where index == nil || index == replica.index {
            for connection in server?.connections(of: replica) ?? [] { connection.cut() }
        }
    }

    /// Sends GOAWAY on every connection and closes those that are idle.
    public func sendGoAway() {
        for replica in replicas { for connection in server?.connections(of: replica) ?? [] { connection.goAway() } }
    }

    /// Writes a kubeconfig for a token into the cluster's folder and returns its path.
    public func writeKubeconfig(named name: String, token: String) throws -> String {
        let file = directory.appending(path: name)
        let text = """
            apiVersion: v1
            kind: Config
            current-context: embedded
            clusters:
            - name: embedded
              cluster:
                server: \(serverURL)
                certificate-authority-data: \(Data(caPEM.utf8).base64EncodedString())
            users:
            - name: \(name)
              user:
                token: \(token)
            contexts:
            - name: embedded
              context:
                cluster: embedded
                user: \(name)

            """
        try Data(text.utf8).write(to: file, options: .atomic)
        let path = file.path(percentEncoded: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }
}

extension EmbeddedCluster: SeedableCluster {}

extension EmbeddedCluster: ReadableCluster {
    /// Decrypts as each replica's API does, and remembers keys as it does; its counters do not move.
    public func readAll(sample: Int?) async throws -> SecretReadings {
        var stored: [(key: String, bytes: [UInt8])] = []
        storage.forEach(.secrets) { stored.append(($0, $1)) }
        if let sample { stored = Array(stored.shuffled().prefix(sample)) }
        var failures: [String: String] = [:]
        for replica in replicas {
            let transformers = Transformers(providers: replica.providers)
            for (key, bytes) in stored {
                try Task.checkCancellation()
                do {
                    let (plaintext, _) = try await transformers.fromStorage(
                        bytes, key: ResourceKind.secrets.storagePrefix + key)
                    // Identity takes any bytes: only an object is a Secret.
                    guard try JSON(parsing: plaintext).object != nil else { throw KMSFailure("it is no object") }
                } catch {
                    failures[key] = "replica \(replica.index): \(error)"
                }
            }
        }
        return SecretReadings(of: stored.count, failures: failures)
    }
}
