import ClusterModel
import Testing

@testable import EmbeddedCluster

/// When an empty patch writes. The cases are those of k8s.io/apiserver (Apache-2.0)
/// pkg/storage/value/transformer_test.go, pkg/storage/value/encrypt/envelope/kmsv2/envelope_test.go and
/// pkg/storage/etcd3/store_test.go, as far as they are about this.
@Suite struct StalenessTests {
    @Test func `an empty patch of a current Secret writes nothing`() async throws {
        let rig = Rig()
        let created = await rig.create()
        #expect(await rig.touch() == created.version)
        try await rig.turnOn()
        let rewritten = await rig.touch()
        #expect(rewritten != created.version)
        #expect(await rig.touch() == rewritten)
    }

    @Test func `turning KMS on and off makes every Secret stale exactly once`() async throws {
        let rig = Rig()
        var version = await rig.create().version
        for isOn in [true, false, true] {
            if isOn { try await rig.turnOn() } else { try await rig.turnOff() }
            #expect(rig.isStoredEncrypted != isOn)
            let rewritten = await rig.touch()
            #expect(rewritten != version)
            #expect(rig.isStoredEncrypted == isOn)
            #expect(await rig.touch() == rewritten)
            version = rewritten
        }
    }

    @Test func `a strategic merge and a JSON patch that change nothing write as a merge patch does`() async throws {
        let rig = Rig()
        var version = await rig.create().version
        for (index, type) in ["strategic-merge-patch", "json-patch", "merge-patch"].enumerated() {
            if index.isMultiple(of: 2) { try await rig.turnOn() } else { try await rig.turnOff() }
            let body = type == "json-patch" ? "[]" : "{}"
            let answer = await rig.send(
                "PATCH", Rig.secret, body, headers: ["content-type": "application/\(type)+json"])
            #expect(answer.status == 200)
            #expect(answer.version != version)
            version = answer.version
        }
    }

    @Test func `an unchanged PUT writes if the stored form is stale, and only then`() async throws {
        let rig = Rig()
        await rig.create()
        let read = await rig.send("GET", Rig.secret)
        #expect(await rig.send("PUT", Rig.secret, read.text).version == read.version)
        try await rig.turnOn()
        #expect(await rig.send("PUT", Rig.secret, read.text).version != read.version)
        #expect(rig.isStoredEncrypted)
    }

    @Test func `a Secret missed while KMS was off is current when the same key comes back`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let version = await rig.create().version
        try await rig.turnOff()
        try await rig.turnOn()
        #expect(await rig.touch() == version)
    }

    @Test func `a new key id is noticed at the Status poll and not before`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let version = await rig.create().version
        try await rig.turnOn(Rig.keyB)
        #expect(await rig.touch() == version)
        await rig.cluster.pollStatus()
        let rewritten = await rig.touch()
        #expect(rewritten != version)
        #expect(await rig.touch() == rewritten)
        #expect(try await rig.cluster.storedSecrets().encryptedByKey == [Rig.keyB: 1])
    }

    @Test func `a new provider for a new key is noticed at once`() async throws {
        let rig = Rig { $0.keyChange = .newProvider }
        try await rig.turnOn()
        let version = await rig.create().version
        try await rig.turnOn(Rig.keyB)
        #expect(await rig.touch() != version)
        #expect(try await rig.cluster.storedSecrets().encryptedByKey == [Rig.keyB: 1])
    }

    @Test func `the same key id under a new seed is current`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let version = await rig.create().version
        try await rig.cluster.restart()
        #expect(await rig.touch() == version)
    }

    @Test func `another kind of DEK source is stale`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let version = await rig.create().version
        let kms = try #require(rig.cluster.replicas[0].kmsProviders.first)
        _ = rig.cluster.storage.tamper(.secrets, "default/s") { bytes in
            guard var object = EncryptedObject(serialized: bytes[kms.prefix.utf8.count...]) else { return }
            object.sourceType = 0
            bytes = Array(kms.prefix.utf8) + object.serialized()
        }
        #expect(await rig.touch() != version)
    }

    @Test func `a third key locks out what the first one still encrypts`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        await rig.create()
        try await rig.turnOn(Rig.keyB)
        try await rig.turnOn("https://c.vault.azure.net/keys/k/1")
        try await rig.cluster.restart()
        let answer = await rig.send("GET", Rig.secret)
        #expect(answer.status == 500)
        #expect(answer.message.contains("does not match the expected key id"))
    }

    @Test func `immutable Secrets are rewritten too`() async throws {
        let rig = Rig()
        let version = await rig.create(extra: #","immutable":true"#).version
        try await rig.turnOn()
        #expect(await rig.touch() != version)
        let changed = await rig.send("PATCH", Rig.secret, #"{"data":{"a":"Yw=="}}"#)
        #expect(changed.status == 422)
    }

    @Test func `a dry run neither writes nor tells that a Secret is stale`() async throws {
        let rig = Rig()
        let version = await rig.create().version
        try await rig.turnOn()
        #expect(await rig.send("PATCH", Rig.secret + "?dryRun=All", "{}").version == version)
        #expect(!rig.isStoredEncrypted)
    }

    @Test func `ConfigMaps are never encrypted and never stale`() async throws {
        let rig = Rig()
        let path = "/api/v1/namespaces/kube-system/configmaps"
        let version = await rig.send("POST", path, #"{"metadata":{"name":"c"},"data":{"a":"b"}}"#).version
        try await rig.turnOn()
        #expect(await rig.send("PATCH", path + "/c", "{}").version == version)
    }
}
