import Testing

@testable import EmbeddedCluster

/// Writes and their refusals, in the API server's words.
@Suite struct WriteTests {
    @Test func `missing and present objects are refused by name`() async throws {
        let rig = Rig()
        let missing = await rig.send("PATCH", Rig.secret, "{}")
        #expect(missing.status == 404)
        #expect(missing.message == #"secrets "s" not found"#)
        #expect(missing.json["details"] == ["name": "s", "kind": "secrets"])
        #expect(missing.json["kind"] == "Status")
        #expect(await rig.create().status == 201)
        let present = await rig.create()
        #expect(present.status == 409)
        #expect(present.reason == "AlreadyExists")
        #expect(await rig.create("s", namespace: "nowhere").message == #"namespaces "nowhere" not found"#)
        #expect(await rig.send("GET", "/api/v1/pods").message == "the server could not find the requested resource")
    }

    @Test func `an old resourceVersion conflicts, in a PUT as in a PATCH`() async throws {
        let rig = Rig()
        await rig.create()
        let old = await rig.send("GET", Rig.secret)
        await _ = rig.send("PATCH", Rig.secret, #"{"data":{"a":"Yw=="}}"#)
        for answer in [
            await rig.send("PUT", Rig.secret, old.text),
            await rig.send("PATCH", Rig.secret, #"{"metadata":{"resourceVersion":"\#(old.version ?? "")"}}"#),
        ] {
            #expect(answer.status == 409)
            #expect(answer.reason == "Conflict")
            #expect(
                answer.message
                    == #"Operation cannot be fulfilled on secrets "s": the object has been modified; please apply your changes to "#
                    + "the latest version and try again")
        }
        let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
        let first = await rig.send("POST", lease, #"{"metadata":{"name":"l"},"spec":{"holderIdentity":"a"}}"#)
        #expect(first.status == 201)
        await _ = rig.send("PUT", lease + "/l", first.text.replacing("\"a\"", with: "\"b\""))
        let lost = await rig.send("PUT", lease + "/l", first.text)
        #expect(lost.status == 409)
        #expect(lost.message.contains(#"leases.coordination.k8s.io "l""#))
    }

    @Test func `another uid or type is invalid`() async throws {
        let rig = Rig()
        await rig.create()
        let uid = await rig.send("PATCH", Rig.secret, #"{"metadata":{"uid":"other"}}"#)
        #expect(uid.status == 422)
        #expect(uid.reason == "Invalid")
        #expect(uid.message.hasPrefix(#"Secret "s" is invalid: metadata.uid: "#))
        #expect(await rig.send("PATCH", Rig.secret, #"{"type":"x"}"#).status == 422)
    }

    @Test(arguments: [
        ("application/merge-patch+json", "[]", 400), ("application/merge-patch+json", "{", 400),
        ("application/json-patch+json", "{}", 400), ("application/apply-patch+yaml", "{}", 415), ("", "{}", 415),
        ("application/json-patch+json", #"[{"op":"test","path":"/type","value":"x"}]"#, 422),
    ])
    func `bad patches are refused`(type: String, body: String, status: Int) async throws {
        let rig = Rig()
        await rig.create()
        #expect(await rig.send("PATCH", Rig.secret, body, headers: ["content-type": type]).status == status)
    }

    @Test(arguments: ["", "[]", "{", #"{"kind":"Pod"}"#, #"{"metadata":{"name":"x"},"data":{"a":"***"}}"#])
    func `bad objects are refused`(body: String) async throws {
        let rig = Rig()
        #expect(await rig.send("POST", "/api/v1/namespaces/default/secrets", body).status == 400)
    }

    @Test func `a Secret without a usable name is invalid`() async throws {
        let rig = Rig()
        for name in ["", "A", "-a", "a/b"] {
            #expect(await rig.create(name).status == 422)
        }
    }

    @Test func `deletes honour preconditions`() async throws {
        let rig = Rig()
        await rig.create()
        let refused = await rig.send("DELETE", Rig.secret, #"{"preconditions":{"uid":"other"}}"#)
        #expect(refused.status == 409)
        #expect(refused.message.contains("Precondition failed: UID in precondition: other, UID in object meta: "))
        let uid = await rig.send("GET", Rig.secret).json[path: "metadata", "uid"]?.string ?? ""
        let done = await rig.send("DELETE", Rig.secret, #"{"preconditions":{"uid":"\#(uid)"}}"#)
        #expect(done.status == 200)
        #expect(done.json["status"] == "Success")
        #expect(await rig.send("GET", Rig.secret).status == 404)
    }

    @Test func `writers at once lose no update`() async throws {
        let rig = Rig(replicas: 2)
        try await rig.turnOn()
        await rig.create()
        try await rig.turnOff()
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<10 {
                        await _ = rig.send(
                            "PATCH", Rig.secret, #"{"metadata":{"labels":{"w\#(writer)-\#(round)":""}}}"#,
                            on: writer % 2)
                    }
                }
            }
        }
        let labels = await rig.send("GET", Rig.secret).json[path: "metadata", "labels"]?.object
        #expect(labels?.count == 80)
    }

    @Test func `stringData becomes data and a null removes`() async throws {
        let rig = Rig()
        await rig.create()
        let patch = #"{"stringData":{"b":"c"},"data":{"a":null}}"#
        let answer = await rig.send("PATCH", Rig.secret, patch)
        #expect(answer.json["data"] == ["b": "Yw=="])
        #expect(answer.json["stringData"] == nil)
    }

    @Test func `a namespace takes what is in it along`() async throws {
        let rig = Rig()
        await _ = rig.send("POST", "/api/v1/namespaces", #"{"metadata":{"name":"n"}}"#)
        await rig.create("s", namespace: "n")
        #expect(await rig.send("DELETE", "/api/v1/namespaces/n").status == 200)
        #expect(await rig.send("GET", "/api/v1/namespaces/n/secrets/s").status == 404)
    }
}
