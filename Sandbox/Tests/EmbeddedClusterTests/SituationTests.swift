import Foundation
import Testing

@testable import EmbeddedCluster

/// What clusters go through without being at fault: busy webhooks, an etcd without a leader, writers of others,
/// silence.
@Suite struct SituationTests {
    @Test func `a webhook that does not answer in time fails a share of the writes, and reads go on`() async throws {
        let rig = Rig()
        await rig.create()
        rig.cluster.add(
            FaultRule(
                .webhookTimeout(name: "guard.example.com"), verbs: ["patch"], resource: "secrets", percent: 30,
                seconds: 60))
        var failed = 0
        for _ in 0..<100 {
            let answer = await rig.send("PATCH", Rig.secret, "{}")
            guard answer.status != 200 else { continue }
            failed += 1
            #expect(answer.status == 500 && answer.reason == "InternalError")
            #expect(
                answer.message.hasPrefix(#"Internal error occurred: failed calling webhook "guard.example.com": "#))
            #expect(answer.message.hasSuffix("context deadline exceeded"))
        }
        #expect(failed == 30)
        rig.cluster.add(FaultRule(.webhookTimeout(name: "w"), resource: "secrets", exceptNamespace: "kube-system"))
        await rig.create("s", namespace: "kube-system")
        #expect(await rig.send("GET", "/api/v1/namespaces/kube-system/secrets/s").status == 200)
        #expect(await rig.send("GET", Rig.secret).status == 500)
        rig.cluster.clearFaults()
        rig.cluster.add(FaultRule(.webhookTimeout(name: "w"), verbs: ["patch"], seconds: 60))
        #expect(await rig.send("GET", Rig.secret).status == 200)
        #expect(await rig.send("PATCH", Rig.secret, "{}").status == 500)
        rig.clock.advance(by: 61)
        for _ in 0..<10 { #expect(await rig.send("PATCH", Rig.secret, "{}").status == 200) }
    }

    @Test func `an etcd without a leader fails what is stored in its own words, and ends`() async throws {
        let rig = Rig()
        await rig.create()
        rig.cluster.add(FaultRule(.etcdOutage, seconds: 5))
        var messages: Set<String> = []
        for _ in 0..<4 {
            let answer = await rig.send("GET", Rig.secret)
            #expect(answer.status == 500 && answer.reason.isEmpty)
            messages.insert(answer.message)
        }
        #expect(messages == ["etcdserver: leader changed", "etcdserver: request timed out"])
        #expect(await rig.send("GET", "/version").status == 200)
        rig.clock.advance(by: 5)
        #expect(await rig.send("GET", Rig.secret).status == 200)
    }

    @Test func `a mutating webhook changes every Secret on every update, the empty patch's too`() async throws {
        let rig = Rig()
        await rig.create()
        rig.cluster.setWebhooks([Webhook(name: "stamp.example.com", verdict: .stamp(annotation: "example.com/seen"))])
        var versions: Set<String> = []
        var stamps: Set<String> = []
        for _ in 0..<3 {
            let answer = await rig.send("PATCH", Rig.secret, "{}")
            versions.insert(answer.version ?? "")
            stamps.insert(answer.json[path: "metadata", "annotations"]?["example.com/seen"]?.string ?? "")
        }
        #expect(versions.count == 3 && stamps.count == 3)
        let before = await rig.send("GET", Rig.secret).version
        #expect(await rig.send("PATCH", Rig.secret + "?dryRun=All", "{}").status == 200)
        #expect(await rig.send("GET", Rig.secret).version == before)
        let base = "/apis/admissionregistration.k8s.io/v1/"
        #expect(await rig.send("GET", base + "mutatingwebhookconfigurations").names == ["stamp.example.com"])
        #expect(await rig.send("GET", base + "validatingwebhookconfigurations").names.isEmpty)
        rig.cluster.setWebhooks([])
        #expect(await rig.touch() == before)
    }

    @Test(arguments: ["v1.36.2", "v1.37.0", "v1.38.1"])
    func `what cannot be read is named in the words of the version`(_ version: String) async throws {
        let rig = Rig { $0.version = version }
        let isNew = version != "v1.36.2"
        try await rig.turnOn()
        for name in ["s", "good", "t"] { await rig.create(name) }
        for name in ["s", "t"] { try await rig.cluster.corruptSecret(namespace: "default", name: name) }
        for method in ["GET", "PATCH"] {
            let one = await rig.send(method, Rig.secret, "{}")
            #expect(one.status == 500 && one.reason == "InternalError")
            #expect(
                one.message.hasPrefix(
                    isNew
                        ? "Internal error occurred: StorageError: corrupt object, Code: 7, Key: "
                            + "/registry/secrets/default/s, ResourceVersion: 0, AdditionalErrorMsg: data from the "
                            + "storage is not transformable revision=0: "
                        : "Internal error occurred: unable to transform key \"/registry/secrets/default/s\": "),
                "\(one.message)")
        }
        let list = await rig.send("GET", "/api/v1/namespaces/default/secrets")
        #expect(list.status == 500 && list.reason == (isNew ? "StorageReadError" : "InternalError"))
        guard isNew else { return }
        #expect(list.message == "failed to read one or more secrets from the storage")
        let causes = list.json[path: "details", "causes"]?.array ?? []
        #expect(causes.map { $0["field"]?.string } == ["/registry/secrets/default/s", "/registry/secrets/default/t"])
        #expect(causes.allSatisfy { $0["reason"] == "UnexpectedServerResponse" })
        #expect(causes.first?["message"]?.string?.hasPrefix("StorageError: corrupt object") == true)
    }

    @Test func `users have the rights that they were given and no others`() async throws {
        let rig = Rig()
        await rig.create()
        await rig.create("probe")
        let token = rig.cluster.addUser(
            "writer",
            rules: [
                PolicyRule(verbs: ["get", "patch"], resources: ["configmaps"], namespaces: ["kube-system"]),
                PolicyRule(verbs: ["patch"], resources: ["secrets"], resourceNames: ["probe"]),
            ])
        func status(_ method: String, _ uri: String, _ body: String = "{}") async -> Int {
            await rig.send(method, uri, body, token: token).status
        }
        #expect(await status("GET", "/version") == 200)
        #expect(await status("GET", "/metrics") == 403)
        #expect(await status("GET", "/api/v1/namespaces/kube-system/configmaps/none") == 404)
        #expect(await status("GET", "/api/v1/namespaces/default/configmaps/none") == 403)
        #expect(await status("PATCH", Rig.secret) == 403)
        #expect(await status("GET", "/api/v1/namespaces/default/secrets") == 403)
        #expect(await status("PATCH", "/api/v1/namespaces/default/secrets/probe") == 200)
        func isAllowed(_ attributes: String) async -> JSON? {
            await rig.send(
                "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                #"{"spec":{"resourceAttributes":{\#(attributes)}}}"#, token: token
            ).json[path: "status", "allowed"]
        }
        #expect(
            await isAllowed(#""verb":"patch","resource":"secrets","name":"probe","namespace":"default""#) == true)
        #expect(await isAllowed(#""verb":"patch","resource":"secrets","namespace":"default""#) == false)
        #expect(await isAllowed(#""verb":"list","resource":"leases""#) == false)
        let me = await rig.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", token: token)
        #expect(me.status == 201 && me.json[path: "status", "userInfo", "username"]?.string?.isEmpty == false)
    }

    @Test func `Secrets that were never rewritten lie there as plaintext, and are stale`() async throws {
        let rig = Rig()
        try await rig.turnOn()
        let version = await rig.create().version
        #expect(try await rig.cluster.storePlaintext() == 1)
        #expect(!rig.isStoredEncrypted)
        #expect(await rig.send("GET", Rig.secret).version == version)
        #expect(await rig.touch() != version)
        #expect(rig.isStoredEncrypted)
    }

    @Test func `each replica says which key it uses, with upstream's labels`() async throws {
        let rig = Rig(replicas: 2)
        try await rig.turnOn()
        await rig.create()
        _ = await rig.send("GET", Rig.secret, on: 1)
        func hashes(_ name: String, on replica: Int) async -> [String] {
            let text = await rig.send("GET", "/metrics", on: replica).text
            return text.split(separator: "\n").filter { $0.hasPrefix(name + "{") }.map(String.init)
        }
        let name = "apiserver_envelope_encryption_key_id_hash_total"
        let written = try #require(await hashes(name, on: 0).first { $0.contains("to_storage") })
        let read = try #require(await hashes(name, on: 1).first { $0.contains("from_storage") })
        let labels =
            /apiserver_id_hash="(sha256:[0-9a-f]{64})",key_id_hash="(sha256:[0-9a-f]{64})",provider_name="[^"]+"/
        let first = try #require(written.firstMatch(of: labels))
        let second = try #require(read.firstMatch(of: labels))
        #expect(first.1 != second.1 && first.2 == second.2)
        let status = "apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds"
        #expect(await hashes(status, on: 1).first?.contains(second.2) == true)
    }
}
