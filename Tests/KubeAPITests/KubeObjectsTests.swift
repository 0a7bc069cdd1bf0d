import FoundationEssentials
import HTTP
import JSON
import Testing

@testable import KubeAPI

private func object(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

@Test func `an object that is not there is nil, any other refusal is an error`() async throws {
    let there = ScriptedTransport([
        .json(#"{"metadata":{"name":"m","uid":"u","resourceVersion":"v"},"data":{"a":"b"}}"#)
    ])
    let found = try await client(there).get(.configMaps, "m", namespace: "kube-system")
    #expect(found?.uid == "u" && found?.resourceVersion == "v" && found?.configMapData == ["a": "b"])
    #expect(there.requests[0].url == "https://k/api/v1/namespaces/kube-system/configmaps/m")

    let absent = ScriptedTransport([.status(404, "NotFound", "no")])
    #expect(try await client(absent).get(.configMaps, "m", namespace: "a") == nil)
    let proxy = ScriptedTransport([.json("not found", status: 404)])
    await #expect(throws: KubeError.self) { try await client(proxy).get(.configMaps, "m", namespace: "a") }
}

@Test func `a replacement carries the version that was read and conflicts are told`() async throws {
    let lease = KubeLease(
        KubeObject(try object(#"{"metadata":{"name":"l","resourceVersion":"5","x":1},"spec":{"future":true}}"#)))
    var changed = lease
    changed.holder = "me"
    changed.durationSeconds = 30
    changed[annotation: "run"] = "r1"
    let transport = ScriptedTransport([.status(409, "Conflict", "moved")])
    let error = await #expect(throws: KubeError.self) {
        try await client(transport).replace(changed, namespace: "kube-system")
    }
    #expect(error?.isConflict == true && error?.isUnknown == false)
    let sent = try JSONValue(parsing: transport.requests[0].body)
    #expect(sent[path: "metadata", "resourceVersion"]?.string == "5" && sent[path: "metadata", "x"]?.integer == 1)
    #expect(sent[path: "spec", "future"]?.bool == true && sent[path: "spec", "holderIdentity"]?.string == "me")
    #expect(changed[annotation: "run"] == "r1" && changed.durationSeconds == 30)
    #expect(transport.requests[0].url.contains("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l?"))
}

@Test func `a replacement without a version is never sent`() async {
    let transport = ScriptedTransport([])
    let error = await #expect(throws: KubeError.self) {
        try await client(transport).replace(KubeLease(name: "l", namespace: "a"), namespace: "a")
    }
    #expect(error?.isUnknown == false)
    #expect(transport.requests.isEmpty)
}

@Test func `an existing object is not overwritten by creating it`() async {
    let transport = ScriptedTransport([.status(409, "AlreadyExists", "exists")])
    let error = await #expect(throws: KubeError.self) {
        try await client(transport).create(KubeLease(name: "l", namespace: "a"), namespace: "a")
    }
    #expect(error?.isAlreadyExists == true && error?.isConflict == false)
}

@Test func `a deletion needs a precondition and takes absence for done`() async throws {
    let transport = ScriptedTransport([.status(404, "NotFound", "no"), .json(#"{"kind":"Status"}"#)])
    #expect(try await !client(transport).delete(.configMaps, "m", namespace: "a", uid: "u"))
    #expect(try await client(transport).delete(.configMaps, "m", namespace: "a", uid: "u"))
    let sent = try JSONValue(parsing: transport.requests[0].body)
    #expect(sent[path: "preconditions", "uid"]?.string == "u")
    await #expect(throws: KubeError.self) {
        try await client(ScriptedTransport([])).delete(.configMaps, "m", namespace: "a", uid: nil)
    }
}

@Test func `a merge patch can insist on a version`() async throws {
    let transport = ScriptedTransport([.json(#"{"metadata":{"name":"m"}}"#)])
    _ = try await client(transport).mergePatch(
        .configMaps, "m", namespace: "a", .object(["data": .object(["k": .string("v")])]), resourceVersion: "9")
    let sent = try JSONValue(parsing: transport.requests[0].body)
    #expect(sent == (try object(#"{"data":{"k":"v"},"metadata":{"resourceVersion":"9"}}"#)))
    #expect(transport.requests[0].headers["Content-Type"] == "application/merge-patch+json")
}

@Test func `lists are read to their end`() async throws {
    let transport = ScriptedTransport([
        .json(#"{"metadata":{"continue":"t"},"items":[{"metadata":{"name":"a"}}]}"#),
        .json(#"{"metadata":{},"items":[{"metadata":{"name":"b"}}]}"#),
    ])
    #expect(try await client(transport).list(.namespaces).map(\.name) == ["a", "b"])
    #expect(transport.requests[1].url.hasSuffix("continue=t"))
}

@Test(arguments: ["2147483647", "2147483648", "9223372036854775807", "-1"])
func `a Lease whose count of holders is at its end can be taken all the same`(count: String) throws {
    let text = #"{"metadata":{"name":"l"},"spec":{"leaseTransitions":\#(count)}}"#
    var lease = KubeLease(KubeObject(try JSONValue(parsing: Array(text.utf8))))
    lease.transitions += 1
    #expect(lease.transitions == 1)
}

@Test func `times have six digits`() {
    #expect(KubeLease.microTime(Date(timeIntervalSince1970: 1_700_000_000.25)) == "2023-11-14T22:13:20.250000Z")
    #expect(KubeLease.microTime(Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00.000000Z")
}

@Test func `reads are repeated, writes only where nothing was sent`() async throws {
    let reads = ScriptedTransport([
        .lost(), .json("", status: 503), .json("", status: 429, headers: ["Retry-After": "1"]),
        .json(#"{"gitVersion":"v1.33.2"}"#),
    ])
    #expect(try await client(reads).version().minor == 33)

    let lost = ScriptedTransport([.lost(sent: true)])
    let error = await #expect(throws: KubeError.self) {
        try await client(lost).create(KubeLease(name: "l", namespace: "a"), namespace: "a")
    }
    #expect(error?.isUnknown == true && lost.requests.count == 1)

    let unsent = ScriptedTransport([
        .lost(sent: false), .json("", status: 429), .json(#"{"metadata":{"name":"l"}}"#),
    ])
    #expect(try await client(unsent).create(KubeLease(name: "l", namespace: "a"), namespace: "a").name == "l")
}

@Test func `a credential that cannot be had stops the request`() async {
    struct Broken: RequestAuthorization {
        struct NoToken: Error, CustomStringConvertible { let description = "the plugin failed" }
        func headers() async throws -> HTTPHeaders { throw NoToken() }
        func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? { nil }
    }
    let transport = ScriptedTransport([])
    let error = await #expect(throws: KubeError.self) { try await client(transport, authorization: Broken()).version() }
    #expect(error?.description == "GET /version was not sent: no credential: the plugin failed")
}
