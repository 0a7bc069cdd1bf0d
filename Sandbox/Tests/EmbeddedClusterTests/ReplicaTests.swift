import ClusterModel
import Testing

@testable import EmbeddedCluster

/// Replicas that disagree, vaults that are gone, and what hides it.
@Suite struct ReplicaTests {
    @Test func `two replicas of different configuration rewrite each other's form`() async throws {
        let rig = Rig(replicas: 2)
        try await rig.turnOn()
        var version = await rig.create().version
        try await rig.turnOff(rollout: Rollout(lagging: [1]))
        for round in 0..<3 {
            for replica in 0..<2 {
                let next = await rig.touch(on: replica)
                // The Secret begins as the lagging replica wrote it.
                #expect(next != version, "round \(round), replica \(replica)")
                #expect(rig.isStoredEncrypted == (replica == 1))
                #expect(await rig.touch(on: replica) == next)
                version = next
            }
        }
        try await rig.cluster.settle()
        let settled = await rig.touch(on: 1)
        #expect(settled != version)
        #expect(await rig.touch(on: 0) == settled)
    }

    @Test func `a replica that rolls back writes the old form again`() async throws {
        let rig = Rig(replicas: 3)
        try await rig.turnOn()
        await rig.create()
        try await rig.turnOff()
        await _ = rig.touch()
        #expect(!rig.isStoredEncrypted)
        try await rig.cluster.rollBack(replica: 2)
        await _ = rig.touch(on: 2)
        #expect(rig.isStoredEncrypted)
        try await rig.cluster.rollBack(replica: 2)
        let version = await rig.touch(on: 2)
        #expect(rig.isStoredEncrypted)
        #expect(await rig.touch(on: 2) == version)
        await #expect(throws: ClusterFailure.self) { try await rig.cluster.rollBack(replica: 3) }
    }

    @Test func `a rollout takes its delay and its spacing`() async throws {
        let rig = Rig(replicas: 3)
        let start = rig.clock.now()
        try await rig.turnOn(rollout: Rollout(delay: 5, spacing: 10))
        #expect(rig.clock.now() - start == 25)
    }

    @Test func `a lost vault is hidden from reads for ever and from writes for three minutes`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        await rig.create()
        rig.vault.close(.publicEndpoint)
        rig.clock.advance(by: 170)
        await rig.cluster.pollStatus()
        #expect(await rig.create("early").status == 201)
        rig.clock.advance(by: 20)
        let late = await rig.create("late")
        #expect(late.status == 500)
        #expect(late.message.contains("Internal error occurred: encryptedDEKSource with keyID hash"))
        #expect(late.message.contains("expired at"))
        rig.clock.advance(by: 1_000_000)
        #expect(await rig.send("GET", Rig.secret).status == 200)
        #expect(await rig.touch() != nil)
        let ready = await rig.send("GET", "/readyz?verbose")
        #expect(ready.status == 500)
        #expect(ready.text.contains("[-]kms-providers failed"))
    }

    @Test func `a Status that answers lets writes go on`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        for _ in 0..<5 {
            rig.clock.advance(by: 60)
            await rig.cluster.pollStatus()
        }
        #expect(await rig.create().status == 201)
    }

    @Test func `coasting is scaled`() async throws {
        let rig = Rig { $0.timeScale = 0.1 }
        try await rig.turnOn()
        rig.clock.advance(by: 17)
        #expect(await rig.create().status == 201)
        rig.clock.advance(by: 2)
        #expect(await rig.create("late").status == 500)
    }

    @Test func `a restart shows that the vault is lost`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        await rig.create()
        rig.vault.close(.publicEndpoint)
        #expect(await rig.send("GET", Rig.secret).status == 200)
        try await rig.cluster.restart()
        for method in ["GET", "PATCH", "DELETE"] {
            let answer = await rig.send(method, Rig.secret, method == "PATCH" ? "{}" : "")
            #expect(answer.status == 500)
            #expect(
                answer.message.hasPrefix(
                    #"Internal error occurred: unable to transform key "/registry/secrets/default/s": "#))
        }
        rig.vault.open(.publicEndpoint)
        await rig.cluster.pollStatus()
        #expect(await rig.send("GET", Rig.secret).status == 200)
    }

    @Test func `the path of the profile that turned KMS on is the path of reads after it is off`() async throws {
        let rig = Rig()
        try await rig.turnOn(Rig.keyA, .privateEndpoint)
        await rig.create()
        rig.vault.close(.publicEndpoint)
        try await rig.turnOff()
        #expect(await rig.send("GET", Rig.secret).status == 200)
        rig.vault.close(.privateEndpoint)
        try await rig.cluster.restart()
        #expect(await rig.send("GET", Rig.secret).status == 500)
    }

    @Test func `a wrong order makes Secrets that were missed unreadable`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        await rig.create()
        await rig.create("missed")
        try await rig.turnOff()
        await _ = rig.touch()
        rig.vault.close(.publicEndpoint)
        try await rig.cluster.restart()
        #expect(await rig.send("GET", Rig.secret).status == 200)
        #expect(await rig.send("GET", "/api/v1/namespaces/default/secrets/missed").status == 500)
        #expect(await rig.send("GET", "/api/v1/secrets").status == 500)
        rig.vault.open(.publicEndpoint)
        await rig.cluster.pollStatus()
        #expect(await rig.send("GET", "/api/v1/secrets").status == 200)
    }

    @Test func `a hot reload with a provider that does not answer keeps the old configuration`() async throws {
        let rig = Rig { $0.reload = .hot }
        rig.vault.close(.publicEndpoint)
        try await rig.turnOn()
        await rig.create()
        #expect(!rig.isStoredEncrypted)
        #expect(rig.cluster.replicas[0].counters.failedReloads == 1)
        rig.vault.open(.publicEndpoint)
        try await rig.cluster.settle()
        await _ = rig.touch()
        #expect(rig.isStoredEncrypted)
    }

    @Test func `two thousand Secrets cost one call for their key`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let calls = rig.vault.calls
        try await rig.cluster.seed(namespaces: 5, secrets: 2000, bytes: 100, canary: "CANARY")
        #expect(await rig.send("GET", "/api/v1/secrets").json["items"]?.array?.count == 2000)
        #expect(rig.vault.calls == calls)
        #expect(try await rig.cluster.storedSecrets() == StoredSecrets(plaintext: 0, encryptedByKey: [Rig.keyA: 2000]))
    }

    @Test func `a Secret moved to another key does not decrypt`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        await rig.create()
        await rig.create("t")
        let bytes = try #require(rig.cluster.storedBytes(namespace: "default", name: "s"))
        _ = rig.cluster.storage.tamper(.secrets, "default/t") { $0 = bytes }
        let answer = await rig.send("GET", "/api/v1/namespaces/default/secrets/t")
        #expect(answer.status == 500)
        #expect(answer.message.contains("message authentication failed"))
    }

    @Test func `stored bytes hold no plaintext`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        try await rig.cluster.seed(namespaces: 1, secrets: 1, bytes: 100, canary: "CANARY")
        let bytes = try #require(rig.cluster.storedBytes(namespace: "team-0", name: "secret-0"))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("k8s:enc:kms:v2:azurekmsprovider:"))
        #expect(!text.contains("team-0"))
    }

    @Test func `metrics tell replicas, transformations and keys apart`() async throws {
        let rig = Rig(replicas: 2)
        try await rig.turnOn("https://kv-demo.vault.azure.net/keys/k1/0123456789abcdef0123456789abcdef")
        await rig.create()
        let first = await rig.send("GET", "/metrics").text
        let second = await rig.send("GET", "/metrics", on: 1).text
        func line(_ text: String, _ name: String) -> Substring? {
            text.split(separator: "\n").first { $0.hasPrefix(name) }
        }
        #expect(line(first, "process_start_time_seconds") != line(second, "process_start_time_seconds"))
        let written =
            #"apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="to_storage","#
            + #"transformer_prefix="k8s:enc:kms:v2:azurekmsprovider:"} 1"#
        #expect(first.contains(written))
        #expect(!second.contains(written))
        // The vector of the Azure plugin's key id: sha256 of sha256 of the key identifier.
        #expect(first.contains("sha256:0ca57113c5b2919bb6913db3e26b19ac95920d68f89ad46069645bfab5634e87"))
    }
}
