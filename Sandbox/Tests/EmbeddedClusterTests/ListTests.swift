import ClusterModel
import Foundation
import Testing

@testable import EmbeddedCluster

/// Lists: chunks, their tokens, their forms, and what one bad object does to them.
@Suite struct ListTests {
    static let canary = "CANARY"

    func seeded(_ secrets: Int = 25, namespaces: Int = 2) async throws -> Rig {
        let rig = Rig()
        try await rig.turnOn()
        try await rig.cluster.seed(namespaces: namespaces, secrets: secrets, bytes: 100, canary: Self.canary)
        return rig
    }

    @Test(arguments: ["/api/v1/secrets", "/api/v1/namespaces/team-1/secrets"])
    func `chunks hold every object once`(path: String) async throws {
        let rig = try await seeded()
        var names: [String] = []
        var token = ""
        var revisions: Set<String> = []
        repeat {
            let page = await rig.send("GET", "\(path)?limit=5&continue=\(token)")
            #expect(page.status == 200)
            names += page.names
            revisions.insert(page.version ?? "")
            token = page.json[path: "metadata", "continue"]?.string ?? ""
            let remaining = page.json[path: "metadata", "remainingItemCount"]
            #expect((remaining == nil) == token.isEmpty)
        } while !token.isEmpty
        #expect(names.count == (path.contains("team-1") ? 12 : 25))
        #expect(Set(names).count == names.count)
        #expect(revisions.count == 1)
    }

    /// As kube-apiserver makes tokens: without a time, and counted from the prefix that is listed.
    @Test func `a token of a client's own making goes on behind a name`() async throws {
        let rig = try await seeded(6, namespaces: 2)
        for (path, start, expected) in [
            ("/api/v1/namespaces/team-1/secrets", "secret-1", ["secret-3"]),
            ("/api/v1/secrets", "team-0/secret-4", ["secret-1"]),
        ] {
            let json = "{\"v\":\"meta.k8s.io/v1\",\"rv\":-1,\"start\":\"\(start)\\u0000\"}"
            let token = Data(json.utf8).base64EncodedString().filter { $0 != "=" }
            let page = await rig.send("GET", "\(path)?limit=1&continue=\(token)")
            #expect(page.status == 200 && page.names == expected, "\(page)")
        }
        // One that names a revision, and not when it was made, is as old as can be.
        let old = Data(#"{"v":"meta.k8s.io/v1","rv":1,"start":"a"}"#.utf8).base64EncodedString().filter { $0 != "=" }
        #expect(await rig.send("GET", "/api/v1/secrets?limit=1&continue=\(old)").status == 410)
    }

    @Test func `reading all names what no replica can decrypt`() async throws {
        let rig = try await seeded()
        #expect(try await rig.cluster.readAll(sample: nil) == SecretReadings(of: 25, failures: [:]))
        #expect(try await rig.cluster.readAll(sample: 7).total == 7)
        try await rig.cluster.corruptSecret(namespace: "team-1", name: "secret-1")
        let readings = try await rig.cluster.readAll(sample: nil)
        #expect(readings.readable == 24)
        #expect(readings.unreadable == ["team-1/secret-1"])
        #expect(readings.firstFailure?.hasPrefix("replica 0: ") == true)
    }

    @Test func `seeding again keeps what is there`() async throws {
        let rig = try await seeded(4)
        let before = rig.cluster.storedBytes(namespace: "team-1", name: "secret-1")
        try await rig.cluster.seed(namespaces: 2, secrets: 6, bytes: 100, canary: Self.canary)
        #expect(rig.cluster.storedBytes(namespace: "team-1", name: "secret-1") == before)
        #expect(try await rig.cluster.storedSecrets().encrypted == 6)
    }

    @Test func `what is created during a list is not in it`() async throws {
        let rig = try await seeded(4, namespaces: 1)
        let first = await rig.send("GET", "/api/v1/namespaces/team-0/secrets?limit=2")
        #expect(first.json[path: "metadata", "remainingItemCount"] == 2)
        await rig.create("zzz", namespace: "team-0")
        let token = try #require(first.json[path: "metadata", "continue"]?.string)
        let second = await rig.send("GET", "/api/v1/namespaces/team-0/secrets?limit=5&continue=\(token)")
        #expect(second.names == ["secret-2", "secret-3"])
    }

    @Test func `an old token is refused with one that goes on inconsistently`() async throws {
        let rig = try await seeded(4, namespaces: 1)
        let path = "/api/v1/namespaces/team-0/secrets?limit=2&continue="
        let token = try #require(await rig.send("GET", path).json[path: "metadata", "continue"]?.string)
        rig.clock.advance(by: 301)
        let refused = await rig.send("GET", path + token)
        #expect(refused.status == 410)
        #expect(refused.reason == "Expired")
        await rig.create("zzz", namespace: "team-0")
        let fresh = try #require(refused.json[path: "metadata", "continue"]?.string)
        #expect(await rig.send("GET", path + fresh).names == ["secret-2", "secret-3"])
    }

    @Test func `a token can be refused without another one`() async throws {
        let rig = try await seeded(4, namespaces: 1)
        rig.cluster.add(FaultRule(.expireContinue(inconsistentToken: false), times: 1))
        let path = "/api/v1/secrets?limit=2&continue="
        let token = try #require(await rig.send("GET", path).json[path: "metadata", "continue"]?.string)
        let refused = await rig.send("GET", path + token)
        #expect(refused.status == 410)
        #expect(refused.json[path: "metadata", "continue"] == nil)
        #expect(await rig.send("GET", path + token).status == 200)
    }

    @Test(arguments: ["limit=x", "limit=-1", "continue=%21", "continue=e30", "includeObject=All", "dryRun=Some"])
    func `bad options are refused`(query: String) async throws {
        let rig = try await seeded(1, namespaces: 1)
        let answer = await rig.send("GET", "/api/v1/secrets?\(query)", headers: Accept.table)
        #expect(answer.status == 400)
        #expect(answer.reason == "BadRequest")
    }

    @Test func `a table without objects holds no data`() async throws {
        let rig = try await seeded(3, namespaces: 1)
        let encoded = Data(Self.canary.utf8).base64EncodedString().prefix(6)
        let path = "/api/v1/namespaces/team-0/secrets"
        #expect(await rig.send("GET", path).text.contains(encoded))
        let table = await rig.send("GET", path + "?includeObject=None", headers: Accept.table)
        #expect(table.json["kind"] == "Table")
        #expect(!table.text.contains(encoded))
        let rows = try #require(table.json["rows"]?.array)
        #expect(rows.map { $0["object"] } == [.null, .null, .null])
        #expect(rows[1]["cells"] == ["secret-1", "Opaque", 1, "0s"])
        let names = table.json["columnDefinitions"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == ["Name", "Type", "Data", "Age"])
    }

    @Test func `a patch answers as a table whose version is the object's`() async throws {
        let rig = try await seeded(1, namespaces: 1)
        try await rig.turnOff()
        let path = "/api/v1/namespaces/team-0/secrets/secret-0?includeObject=None&fieldManager=x"
        let table = await rig.send("PATCH", path, "{}", headers: Accept.table)
        #expect(table.json["kind"] == "Table")
        #expect(table.version == String(rig.cluster.revision))
        #expect(table.json["rows"]?.array?.count == 1)
    }

    @Test func `metadata is served without data but with annotations`() async throws {
        let rig = Rig()
        await rig.create()
        await _ = rig.send("PATCH", Rig.secret, #"{"metadata":{"annotations":{"trap":"Yg=="}}}"#)
        let partial = await rig.send("GET", Rig.secret, headers: Accept.partial)
        #expect(partial.json["kind"] == "PartialObjectMetadata")
        #expect(partial.json["data"] == nil)
        #expect(partial.text.contains("trap"))
        let list = await rig.send("GET", "/api/v1/secrets", headers: Accept.partialList)
        #expect(list.json["kind"] == "PartialObjectMetadataList")
        #expect(await rig.send("GET", "/api/v1/secrets", headers: Accept.partial).status == 406)
        #expect(await rig.send("GET", Rig.secret, headers: Accept.partialList).status == 406)
    }

    @Test(arguments: [
        "application/json;as=Table;g=meta.k8s.io;v=v2", "application/json;as=Chair;g=meta.k8s.io;v=v1",
        "application/json;as=Table", "text/html", "application/vnd.kubernetes.protobuf",
    ])
    func `what cannot be served is not acceptable`(accept: String) async throws {
        let rig = try await seeded(1, namespaces: 1)
        let answer = await rig.send("GET", "/api/v1/secrets", headers: ["accept": accept])
        #expect(answer.status == 406)
        #expect(answer.reason == "NotAcceptable")
        let fallback = await rig.send("GET", "/api/v1/secrets", headers: ["accept": accept + ", application/json"])
        #expect(fallback.json["kind"] == "SecretList")
    }

    @Test func `one undecryptable Secret fails the whole list, and its namespace alone`() async throws {
        let rig = try await seeded(4)
        try await rig.cluster.corruptSecret(namespace: "team-1", name: "secret-1")
        for path in ["/api/v1/secrets", "/api/v1/namespaces/team-1/secrets"] {
            let answer = await rig.send("GET", path, headers: Accept.table)
            #expect(answer.status == 500)
            #expect(answer.reason == "InternalError")
            #expect(
                answer.message.hasPrefix(
                    #"Internal error occurred: unable to transform key "/registry/secrets/team-1/secret-1": "#))
        }
        #expect(await rig.send("GET", "/api/v1/namespaces/team-0/secrets").status == 200)
        #expect(await rig.send("GET", "/api/v1/namespaces/team-1/secrets/secret-3").status == 200)
        await #expect(throws: ClusterFailure.self) {
            try await rig.cluster.corruptSecret(namespace: "team-1", name: "none")
        }
    }

    @Test func `a corrupt plaintext Secret is undecryptable, too`() async throws {
        let rig = Rig()
        await rig.create()
        try await rig.cluster.corruptSecret(namespace: "default", name: "s")
        #expect(await rig.send("PATCH", Rig.secret, "{}").status == 500)
    }

    @Test func `selectors choose`() async throws {
        let rig = try await seeded(6, namespaces: 1)
        let path = "/api/v1/namespaces/team-0/secrets"
        await _ = rig.send("PATCH", path + "/secret-4", #"{"metadata":{"labels":{"a":"b"}}}"#)
        #expect(await rig.send("GET", path + "?labelSelector=a%3Db").names == ["secret-4"])
        #expect(await rig.send("GET", path + "?labelSelector=a").names == ["secret-4"])
        #expect(await rig.send("GET", path + "?labelSelector=%21a").names.count == 5)
        #expect(await rig.send("GET", path + "?fieldSelector=metadata.name%3Dsecret-2").names == ["secret-2"])
        #expect(await rig.send("GET", path + "?fieldSelector=type!%3DOpaque").names.isEmpty)
    }
}
