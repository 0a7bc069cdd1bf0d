import ClusterModel
import Testing

@testable import EmbeddedCluster

/// StorageVersionMigration v1 and its controllers (kubernetes/kubernetes, pkg/controller/storageversionmigrator).
@Suite struct MigrationTests {
    private static let path = "/apis/storagemigration.k8s.io/v1/storageversionmigrations"

    private func rig(_ migrations: ClusterOptions.Migrations = .running, replicas: Int = 1) -> Rig {
        Rig(replicas: replicas) { $0.migrations = migrations }
    }

    private func ask(
        _ rig: Rig, _ name: String = "m", _ resource: String = "secrets", status: String = ""
    ) async -> Answer {
        await rig.send(
            "POST", Self.path,
            #"{"metadata":{"name":"\#(name)"},"spec":{"resource":{"group":"","resource":"\#(resource)"}}\#(status)}"#)
    }

    private func conditions(_ rig: Rig, _ name: String = "m") async -> [String: String] {
        let all = await rig.send("GET", "\(Self.path)/\(name)").json[path: "status", "conditions"]?.array ?? []
        var found: [String: String] = [:]
        for condition in all {
            found[condition["type"]?.string ?? ""] =
                "\(condition["status"]?.string ?? "") \(condition["reason"]?.string ?? "")"
        }
        return found
    }

    private func message(_ rig: Rig, _ type: String) async -> String {
        let all = await rig.send("GET", "\(Self.path)/m").json[path: "status", "conditions"]?.array ?? []
        return all.first { $0["type"]?.string == type }?["message"]?.string ?? ""
    }

    /// A cluster whose Secrets are plaintext, though KMS is on.
    private func stale(_ secrets: Int = 10, replicas: Int = 1, rollout: Rollout = Rollout()) async throws -> Rig {
        let rig = rig(replicas: replicas)
        try await rig.cluster.seed(namespaces: 2, secrets: secrets, bytes: 10, canary: "c")
        try await rig.turnOn(rollout: rollout)
        return rig
    }

    private func settle(_ rig: Rig, sweeps: Int = 4) async {
        for _ in 0..<sweeps { await rig.cluster.migrator.sweep() }
    }

    @Test func `discovery has them only where they are served, by default from 1.37 on`() async {
        let group = "/apis/storagemigration.k8s.io/v1"
        for (version, wanted) in [("v1.36.2", 404), ("v1.37.0", 200)] {
            let rig = Rig { $0.version = version }
            #expect(await rig.send("GET", group).status == wanted)
            #expect(await rig.send("GET", Self.path).status == wanted)
            #expect(await ask(rig).status == (wanted == 200 ? 201 : 404))
        }
        let resources = await rig(.served).send("GET", group).json["resources"]?.array ?? []
        #expect(resources.compactMap { $0["name"]?.string } == ["storageversionmigrations"])
    }

    @Test func `a new one has a made-up name, no status and a spec that stays`() async {
        let rig = rig(.served)
        let made = await rig.send(
            "POST", Self.path,
            #"{"metadata":{"generateName":"kms-vault-"},"spec":{"resource":{"resource":"secrets"}},"status":{"resourceVersion":"1"}}"#
        )
        let name = made.json[path: "metadata", "name"]?.string ?? ""
        #expect(made.status == 201 && name.hasPrefix("kms-vault-") && name.count == 15)
        #expect(made.json["status"] == nil)
        let patch = #"{"spec":{"resource":{"resource":"configmaps"}}}"#
        #expect(await rig.send("PATCH", "\(Self.path)/\(name)", patch).status == 422)
        #expect(
            await rig.send("PATCH", "\(Self.path)/\(name)", #"{"status":{"resourceVersion":"9"}}"#).json["status"]
                == nil)
        #expect(await ask(rig, "bad", "Secrets.x").status == 422)
        #expect(await ask(rig, "none", "").status == 422)
        #expect(await rig.send("GET", Self.path).names == [name])
        #expect(await rig.send("DELETE", "\(Self.path)/\(name)").status == 200)
    }

    @Test func `a watch tells what was made, changed and deleted`() async {
        let rig = rig(.served)
        let start = await rig.send("GET", Self.path).version ?? ""
        await _ = ask(rig)
        let made = await rig.send("GET", "\(Self.path)?watch=true&resourceVersion=\(start)")
        #expect(made.text.contains(#""type":"ADDED""#) && made.text.contains(#""name":"m""#))
        let seen = await rig.send("GET", Self.path).version ?? ""
        await _ = rig.send("DELETE", "\(Self.path)/m")
        let deleted = await rig.send("GET", "\(Self.path)?watch=true&resourceVersion=\(seen)")
        #expect(deleted.text.contains(#""type":"DELETED""#))
        let quiet = await rig.send("GET", "\(Self.path)?watch=true&resourceVersion=99&timeoutSeconds=1")
        #expect(quiet.status == 200 && quiet.text.isEmpty)
    }

    @Test func `every Secret of before the checkpoint is written once`() async throws {
        let rig = try await stale()
        await _ = ask(rig)
        await settle(rig)
        #expect(
            await conditions(rig) == [
                "Running": "False MigrationCompleted", "Succeeded": "True StorageVersionMigrationSucceeded",
            ])
        #expect(try await rig.cluster.storedSecrets().plaintext == 0)
        #expect(await rig.send("GET", "\(Self.path)/m").json[path: "status", "resourceVersion"]?.string != nil)
    }

    @Test func `what is newer than the checkpoint is left as it is`() async throws {
        let rig = try await stale()
        await _ = ask(rig)
        await rig.cluster.migrator.sweep()
        // The checkpoint is taken, and nothing was sent yet; a lagging API server writes plaintext after it.
        try await rig.turnOff()
        await rig.create("late")
        try await rig.turnOn()
        await settle(rig)
        #expect(await conditions(rig)["Succeeded"] != nil)
        #expect(try await rig.cluster.storedSecrets().plaintext == 1)
    }

    @Test func `one runs at a time, and the others queue`() async throws {
        let rig = try await stale()
        try await rig.cluster.corruptSecret(namespace: "team-0", name: "secret-0")
        await _ = ask(rig, "m")
        rig.clock.advance(by: 2)
        await _ = ask(rig, "n")
        await _ = ask(rig, "o", "configmaps")
        await settle(rig)
        #expect(await conditions(rig, "m") == ["Running": "True MigrationRunning"])
        #expect(await conditions(rig, "n").isEmpty)
        #expect(await conditions(rig, "o")["Succeeded"] != nil)
        await _ = rig.send("DELETE", "\(Self.path)/m")
        await settle(rig)
        #expect(await conditions(rig, "n") == ["Running": "True MigrationRunning"])
    }

    @Test func `a denial is the end, in the server's words`() async throws {
        let rig = try await stale()
        rig.cluster.setWebhooks([
            Webhook(name: "no.example", verdict: .deny(message: "not today", code: 403), namespaces: ["team-0"])
        ])
        await _ = ask(rig)
        await settle(rig)
        #expect(await conditions(rig)["Failed"] == "True StorageVersionMigrationFailed")
        #expect(
            await message(rig, "Failed")
                == #"migration encountered unhandled error: admission webhook "no.example" denied the request: not today"#
        )
        #expect(try await rig.cluster.storedSecrets().plaintext >= 5)
        rig.cluster.setWebhooks([])
        await settle(rig)
        #expect(await conditions(rig)["Succeeded"] == nil)
    }

    @Test func `one that cannot be decrypted is tried for ever, and the others get their turn`() async throws {
        let rig = try await stale()
        try await rig.cluster.corruptSecret(namespace: "team-0", name: "secret-0")
        await _ = ask(rig)
        for _ in 0..<40 {
            await rig.cluster.migrator.sweep()
            rig.clock.advance(by: 2000)
            await rig.cluster.pollStatus()
        }
        #expect(await conditions(rig) == ["Running": "True MigrationRunning"])
        #expect(try await rig.cluster.storedSecrets().plaintext == 1)
    }

    @Test func `a server that is busy is asked again when it says`() async throws {
        let rig = try await stale()
        rig.cluster.add(FaultRule(.throttle(retryAfter: 7), times: 1, verbs: ["patch"], resource: "secrets"))
        await _ = ask(rig)
        await settle(rig)
        #expect(await conditions(rig) == ["Running": "True MigrationRunning"])
        rig.clock.advance(by: 7)
        await settle(rig)
        #expect(await conditions(rig)["Succeeded"] != nil)
    }

    @Test func `a resource that does not exist fails after a minute`() async throws {
        let rig = rig()
        await _ = ask(rig, "m", "widgets")
        await settle(rig)
        #expect(await conditions(rig)["Failed"] == nil)
        rig.clock.advance(by: 62)
        await settle(rig)
        #expect(await message(rig, "Failed").contains("unable to obtain GVR"))
    }

    @Test func `it writes what the API server of its connection writes, also one that lags`() async throws {
        let rig = try await stale(replicas: 2, rollout: Rollout(lagging: [0]))
        await _ = ask(rig)
        await settle(rig)
        #expect(await conditions(rig)["Succeeded"] != nil)
        #expect(try await rig.cluster.storedSecrets().plaintext == 10)
    }

    @Test func `nobody moves it where the controller does not run`() async throws {
        let rig = rig(.served)
        try await rig.cluster.start()
        await _ = ask(rig)
        #expect(await conditions(rig).isEmpty)
        await rig.cluster.stop()
    }

    @Test func `an empty apply conflicts at another version or UID, and writes only what is stale`() async throws {
        let rig = try await stale(1)
        let secret = "/api/v1/namespaces/team-0/secrets/secret-0"
        let found = await rig.send("GET", secret)
        let uid = found.json[path: "metadata", "uid"]?.string ?? ""
        func apply(_ path: String, uid: String, version: String) async -> Answer {
            await rig.send(
                "PATCH", path + "?fieldManager=x",
                #"{"apiVersion":"v1","kind":"Secret","metadata":{"uid":"\#(uid)","resourceVersion":"\#(version)"}}"#,
                headers: ["content-type": "application/apply-patch+yaml"])
        }
        let version = found.version ?? ""
        #expect(await apply(secret, uid: uid, version: "1").status == 409)
        #expect(await apply(secret, uid: "other", version: version).status == 409)
        #expect(await apply(secret + "x", uid: uid, version: version).status == 409)
        let written = await apply(secret, uid: uid, version: version)
        #expect(written.status == 200 && written.version != version)
        let again = await apply(secret, uid: uid, version: written.version ?? "")
        #expect(again.status == 200 && again.version == written.version)
        #expect(again.json["data"] == found.json["data"])
    }
}
