import HTTP
import JSON
import SecretRewrite
import Testing

@testable import KubeAPI

/// The requests about StorageVersionMigrations (storagemigration.k8s.io/v1), and what is made of their answers.
@Suite struct StorageMigrationsTests {
    private func migrations(_ transport: ScriptedTransport) -> StorageMigrations {
        StorageMigrations(client(transport))
    }

    private func object(
        _ name: String = "kms-vault-ab", annotations: String = #"{"kms-vault.azure/run-id":"r1"}"#, status: String = ""
    ) -> String {
        """
        {"metadata":{"name":"\(name)","uid":"u","annotations":\(annotations)},
         "spec":{"resource":{"group":"","resource":"secrets"}}\(status)}
        """
    }

    private func condition(_ type: String, _ status: String, _ message: String = "") -> String {
        #"{"type":"\#(type)","status":"\#(status)","reason":"R","message":"\#(message)"}"#
    }

    private func state(_ status: String) throws -> Migration? {
        Migration(KubeObject(try JSONValue(parsing: Array(object(status: status).utf8))))
    }

    @Test func `discovery tells whether they are served`() async throws {
        let served = ScriptedTransport([
            .json(#"{"resources":[{"name":"storageversionmigrations"},{"name":"storageversionmigrations/status"}]}"#)
        ])
        #expect(try await migrations(served).areServed())
        #expect(served.requests[0].url == "https://k/apis/storagemigration.k8s.io/v1")
        #expect(try await !migrations(ScriptedTransport([.json(#"{"resources":[]}"#)])).areServed())
        #expect(try await !migrations(ScriptedTransport([.status(404, "NotFound", "no")])).areServed())
        await #expect(throws: KubeError.self) {
            try await migrations(ScriptedTransport([.status(403, "Forbidden", "no")])).areServed()
        }
    }

    @Test func `one is asked for by resource alone, and says whose it is`() async throws {
        let transport = ScriptedTransport([.json(object(), status: 201)])
        let made = try await migrations(transport).create(.secrets, runID: "r1")
        #expect(made.name == "kms-vault-ab" && made.runID == "r1" && made.state == .untouched)
        let sent = try JSONValue(parsing: transport.requests[0].body)
        #expect(sent[path: "metadata", "generateName"]?.string == "kms-vault-")
        #expect(sent[path: "metadata", "annotations"]?["kms-vault.azure/run-id"]?.string == "r1")
        #expect(
            sent["spec"] == .object(["resource": .object(["group": .string(""), "resource": .string("secrets")])]))
        #expect(sent["status"] == nil)
    }

    @Test func `conditions tell how it is`() throws {
        #expect(try state("")?.state == .untouched)
        #expect(try state(#","status":{"resourceVersion":"7"}"#)?.state == .running)
        let running = try state(#","status":{"conditions":[\#(condition("Running", "True", "3 of 7"))]}"#)
        #expect(running?.state == .running && running?.message == "3 of 7")
        let done = #"\#(condition("Running", "False")),\#(condition("Succeeded", "True"))"#
        #expect(try state(#","status":{"conditions":[\#(done)]}"#)?.state == .succeeded)
        let failed = #"\#(condition("Running", "True")),\#(condition("Failed", "True", "no"))"#
        let seen = try state(#","status":{"conditions":[\#(failed)]}"#)
        #expect(seen?.state == .failed && seen?.message == "no" && seen?.isOpen == false)
    }

    @Test func `only ours are deleted, and only the one that was seen`() async throws {
        let transport = ScriptedTransport([.json("{}")])
        let ours = Migration(name: "kms-vault-ab", uid: "u", resource: .secrets, state: .running, runID: "r1")
        try await migrations(transport).delete(ours)
        let sent = try JSONValue(parsing: transport.requests[0].body)
        #expect(transport.requests[0].method == .delete && sent[path: "preconditions", "uid"]?.string == "u")
        let none = ScriptedTransport([])
        for (name, run) in [("theirs", "r1"), ("kms-vault-ab", nil)] as [(String, String?)] {
            let other = Migration(name: name, uid: "u", resource: .secrets, state: .running, runID: run)
            await #expect(throws: KubeError.self) { try await migrations(none).delete(other) }
        }
        #expect(none.requests.isEmpty)
    }

    @Test func `a name of ours without the annotation is somebody else's`() async throws {
        let list = ScriptedTransport([
            .json(#"{"items":[\#(object()),\#(object(annotations: "{}")),\#(object("theirs"))]}"#)
        ])
        #expect(try await migrations(list).all().map(\.runID) == ["r1", nil, nil])
    }

    @Test func `another one under its name is not the one that was seen`() async throws {
        let seen = Migration(name: "kms-vault-ab", uid: "older", resource: .secrets, state: .running, runID: "r1")
        #expect(try await migrations(ScriptedTransport([.json(object())])).get(seen) == nil)
        #expect(try await migrations(ScriptedTransport([.status(404, "NotFound", "no")])).get(seen) == nil)
    }
}
