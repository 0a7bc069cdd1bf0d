import ClusterModel
import Foundation
import Testing

@testable import RealCluster

/// Tests on a real etcd and kube-apiserver; script/build-kube-apiserver prints the program's path.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["KMS_VAULT_KUBE_APISERVER"] != nil,
        "KMS_VAULT_KUBE_APISERVER does not name a kube-apiserver"))
struct RealClusterTests {
    private static let keyA = "https://a.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef"
    private static let keyB = "https://b.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef"
    private static let onA = KMSProfile(enabled: true, keyID: keyA, networkPath: .publicEndpoint)
    private static let offA = KMSProfile(enabled: false, keyID: keyA, networkPath: .publicEndpoint)

    private func withCluster(
        replicas: Int = 2, profile: KMSProfile? = nil, _ use: (RealCluster, TestVault) async throws -> Void
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        var options = RealCluster.Options(kubeAPIServer: environment["KMS_VAULT_KUBE_APISERVER"] ?? "")
        options.replicas = replicas
        options.shutdownDelay = 0
        let vault = TestVault()
        let cluster = RealCluster(options: options, access: vault)
        if let profile { try await cluster.apply(profile, rollout: Rollout()) }
        try await cluster.start()
        do {
            try await use(cluster, vault)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    @Test func `rewriting after off and on moves every Secret into plaintext and back`() async throws {
        try await withCluster(profile: Self.onA) { cluster, vault in
            let client = try await TestClient(cluster)
            for index in 0..<12 { try await client.createSecret("s\(index)") }
            #expect(try await cluster.storedSecrets() == StoredSecrets(plaintext: 0, encryptedByKey: [Self.keyA: 12]))

            try await cluster.apply(Self.offA, rollout: Rollout())
            #expect(try await cluster.storedSecrets().encrypted == 12)
            for index in 0..<12 {
                let before = try await client.version(of: "s\(index)")
                #expect(try await client.touch("s\(index)") != before)
            }
            #expect(try await cluster.storedSecrets() == StoredSecrets(plaintext: 12, encryptedByKey: [:]))
            let settled = try await client.version(of: "s0")
            #expect(try await client.touch("s0") == settled)

            vault.open([.privateEndpoint])
            try await cluster.apply(
                KMSProfile(enabled: true, keyID: Self.keyA, networkPath: .privateEndpoint), rollout: Rollout())
            for index in 0..<12 { _ = try await client.touch("s\(index)") }
            #expect(try await cluster.storedSecrets() == StoredSecrets(plaintext: 0, encryptedByKey: [Self.keyA: 12]))
        }
    }

    @Test func `a closed vault is masked by remembered data keys until a restart`() async throws {
        try await withCluster(replicas: 1, profile: Self.onA) { cluster, vault in
            let client = try await TestClient(cluster)
            try await client.createSecret("kept")
            vault.open([])
            #expect(try await client.get("kept").status == 200)
            let refused = try await client.create("new")
            #expect(refused.status == 500)
            #expect(String(decoding: refused.body, as: UTF8.self).contains("ForbiddenByConnection"))

            try await cluster.restart()
            let lost = try await client.get("kept")
            #expect(lost.status == 500)
            #expect(String(decoding: lost.body, as: UTF8.self).contains("ForbiddenByConnection"))

            vault.open([.publicEndpoint])
            #expect(try await client.get("kept").status == 200)
        }
    }

    @Test func `a lagging replica makes the stored form flip until it has settled`() async throws {
        try await withCluster(profile: Self.onA) { cluster, _ in
            let client = try await TestClient(cluster)
            try await client.createSecret("probe")
            try await cluster.apply(Self.offA, rollout: Rollout(lagging: [1]))
            var versions: Set<String> = []
            // The balancer takes turns and each request has a connection of its own.
            for _ in 0..<6 { versions.insert(try await client.touch("probe")) }
            #expect(versions.count >= 5)

            try await cluster.settle()
            let last = try await client.touch("probe")
            for _ in 0..<6 { #expect(try await client.touch("probe") == last) }
            #expect(try await cluster.storedSecrets().plaintext == 1)

            try await cluster.rollBack(replica: 0)
            versions = []
            for _ in 0..<6 { versions.insert(try await client.touch("probe")) }
            #expect(versions.count >= 5)
        }
    }

    @Test func `a second key reads what the first one encrypted and a third does not`() async throws {
        try await withCluster(replicas: 1, profile: Self.onA) { cluster, _ in
            let client = try await TestClient(cluster)
            try await client.createSecret("old")
            try await cluster.apply(
                KMSProfile(enabled: true, keyID: Self.keyB, networkPath: .publicEndpoint), rollout: Rollout())
            #expect(try await client.get("old").status == 200)
            try await client.createSecret("new")
            #expect(
                try await cluster.storedSecrets()
                    == StoredSecrets(plaintext: 0, encryptedByKey: [Self.keyA: 1, Self.keyB: 1]))

            let keyC = "https://c.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef"
            try await cluster.apply(
                KMSProfile(enabled: true, keyID: keyC, networkPath: .publicEndpoint), rollout: Rollout())
            #expect(try await client.get("old").status == 500)
            #expect(try await client.get("new").status == 200)
            #expect(try await cluster.secretsLockedOut() == 1)
        }
    }

    @Test func `another plugin with the same key makes all stale, and keeps as many keys as it is told to`()
        async throws
    {
        try await withCluster(profile: Self.onA) { cluster, vault in
            let client = try await TestClient(cluster)
            for index in 0..<12 { try await client.createSecret("s\(index)") }
            vault.open([.publicEndpoint, .trustedServices])
            let plus = KMSProfile(
                enabled: true, keyID: Self.keyA, networkPath: .trustedServices, plugin: .plus, formerKeys: .max)
            try await cluster.apply(plus, rollout: Rollout())
            #expect(try await cluster.storedSecrets().encryptedByKey == [Self.keyA: 12])
            #expect(try await cluster.rewriteSecrets() == SecretRewrite(taken: 12))
            let label = KMSPluginKind.plus.label(Self.keyA)
            #expect(try await cluster.storedSecrets().encryptedByKey == [label: 12])
            for number in ["B", "C"] {
                var next = plus
                next.keyID = Self.keyA + number
                try await cluster.apply(next, rollout: Rollout())
            }
            #expect(try await cluster.secretsLockedOut() == 0)
            #expect(try await cluster.readAll(sample: nil).readable == 12)
        }
    }

    @Test func `a corrupted Secret fails alone, and with it every list of its namespace`() async throws {
        try await withCluster(replicas: 1, profile: Self.onA) { cluster, _ in
            let client = try await TestClient(cluster)
            try await client.createSecret("whole")
            try await client.createSecret("broken")
            try await cluster.corruptSecret(namespace: "default", name: "broken")
            #expect(try await client.patch("broken").status == 500)
            #expect(try await client.patch("whole").status == 200)
            #expect(try await client.send(.get, "/api/v1/namespaces/default/secrets?limit=500").status == 500)
            await #expect(throws: RealClusterError.noSuchSecret(namespace: "default", name: "none")) {
                try await cluster.corruptSecret(namespace: "default", name: "none")
            }
        }
    }

    @Test func `requests never fail during a rolling restart if each is tried twice`() async throws {
        try await withCluster(profile: Self.onA) { cluster, _ in
            let client = try await TestClient(cluster)
            try await client.createSecret("busy")
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var requests = 0
                    while !Task.isCancelled {
                        let answer = try await client.patchTwice("busy")
                        #expect(answer.status == 200)
                        requests += 1
                    }
                    return requests
                }
                try await cluster.restart()
                group.cancelAll()
                let requests = try await group.next() ?? 0
                #expect(requests > 20)
            }
        }
    }

    @Test func `an operator has all rights on Secrets without being in system masters`() async throws {
        try await withCluster(replicas: 1) { cluster, _ in
            let client = try await TestClient(cluster, token: cluster.operatorToken)
            #expect(try await client.create("mine").status == 201)
            #expect(try await client.send(.get, "/api/v1/namespaces/kube-system").status == 200)
            let stranger = try await TestClient(cluster, token: "no-such-token")
            #expect(try await stranger.get("mine").status == 401)
            #expect(try await cluster.storedSecrets().plaintext == 1)
        }
    }

    @Test func `an unreachable API server closes connections and comes back`() async throws {
        try await withCluster(replicas: 1) { cluster, _ in
            let client = try await TestClient(cluster)
            try await cluster.setReachable(false)
            await #expect(throws: RealClusterError.self) { try await client.get("x") }
            try await cluster.setReachable(true)
            #expect(try await client.get("x").status == 404)

            let hasty = client.waiting(seconds: 1)
            try await cluster.pause(replica: 0)
            await #expect(throws: RealClusterError.self) { try await hasty.get("x") }
            try await cluster.resume(replica: 0)
            #expect(try await client.get("x").status == 404)

            try await cluster.crash(replica: 0)
            await #expect(throws: RealClusterError.self) { try await client.get("x") }
            try await cluster.recover(replica: 0)
            #expect(try await client.get("x").status == 404)
        }
    }

    private func programs(mentioning text: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            return String(decoding: line, as: UTF8.self).contains(text)
        }
    }

    @Test func `a taken port is a failure that leaves no program and no file behind`() async throws {
        let storage = FileManager.default.temporaryDirectory.path + "/kms-vault-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: storage, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: storage) }
        let owner = Balancer(replicaPorts: [])
        var options = RealCluster.Options(
            kubeAPIServer: ProcessInfo.processInfo.environment["KMS_VAULT_KUBE_APISERVER"] ?? "")
        options.port = try await owner.start(port: 0)
        options.storageDirectory = storage
        let cluster = RealCluster(options: options, access: TestVault())
        await #expect(throws: (any Error).self) { try await cluster.start() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: storage).isEmpty)
        #expect(programs(mentioning: storage) == [])
        await owner.stop()
    }

    @Test func `a program that is not there is a typed failure and leaves nothing behind`() async throws {
        let cluster = RealCluster(
            options: RealCluster.Options(kubeAPIServer: "/nonexistent/kube-apiserver"), access: TestVault())
        await #expect(throws: RealClusterError.programMissing(path: "/nonexistent/kube-apiserver")) {
            try await cluster.start()
        }
        await #expect(throws: RealClusterError.notRunning) { try await cluster.storedSecrets() }
    }
}
