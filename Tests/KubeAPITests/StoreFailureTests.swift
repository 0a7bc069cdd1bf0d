import HTTP
import SecretRewrite
import Testing

@testable import KubeAPI

private typealias Answer = ScriptedTransport.Answer

private func failure(_ answer: ScriptedTransport.Answer, list: Bool = false) async -> StoreFailure? {
    let store = KubeSecretStore(client(ScriptedTransport([answer, answer])))
    do throws(StoreFailure) {
        if list {
            _ = try await store.secrets(in: "a", PageRequest())
        } else {
            _ = try await store.touch("s", in: "a", dryRun: false)
        }
        return nil
    } catch { return error }
}

/// The failure without the server's sentence.
func meaning(_ answer: ScriptedTransport.Answer, list: Bool = false) async -> String {
    switch await failure(answer, list: list) {
    case .expired(let token): "expired \(token ?? "-")"
    case .gone: "gone"
    case .denied(let by, _): "denied \(by)"
    case .dryRunUnsupported(let by, _): "no dry run \(by)"
    case .invalid(let fields, _): "invalid \(fields)"
    case .webhookAway(let by, _): "webhook away \(by)"
    case .undecryptable(let keys, _): "undecryptable \(keys.isEmpty ? "-" : keys.joined(separator: " "))"
    case .encryptFailed: "encrypt failed"
    case .unauthorized: "unauthorized"
    case .forbidden: "forbidden"
    case .busy(let seconds, _): "busy \(seconds ?? -1)"
    case .conflict: "conflict"
    case .wouldSendData: "would send data"
    case .lost: "lost"
    case .malformed: "malformed"
    case .other(let status, let reason, _): "other \(status) \(reason)"
    case nil: "success"
    }
}

private let gone = #"{"name":"s","kind":"secrets"}"#

@Test func `only the API server's own word about this Secret counts as gone`() async {
    #expect(await meaning(.status(404, "NotFound", #"secrets \"s\" not found"#, details: gone)) == "gone")
    #expect(await meaning(.json("404 page not found", status: 404)) == "other 404 ")
    #expect(await meaning(.json("", status: 404)) == "other 404 ")
    #expect(await meaning(.status(404, "NotFound", "the server could not find it")) == "other 404 NotFound")
    let another = #"{"name":"t","kind":"secrets"}"#
    #expect(await meaning(.status(404, "NotFound", "not found", details: another)) == "other 404 NotFound")
}

@Test(arguments: [
    (
        403,
        #"secrets \"s\" is forbidden: User \"u\" cannot patch resource \"secrets\" in API group \"\" in the namespace \"a\""#,
        "forbidden"
    ),
    (
        403, #"admission webhook \"validation.gatekeeper.sh\" denied the request: [x] no"#,
        "denied validation.gatekeeper.sh"
    ),
    (400, #"admission webhook \"a.b\" denied the request without explanation"#, "denied a.b"),
    (500, #"Internal error occurred: failed calling webhook \"c.d\": failed to call webhook"#, "webhook away c.d"),
    (503, #"failed calling webhook \"c.d\": timeout"#, "webhook away c.d"),
    (
        422, #"secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'freeze' with binding 'b' denied request: x"#,
        "denied freeze"
    ),
    (403, #"secrets \"s\" is forbidden: unable to create new content"#, "denied an admission plugin"),
    (400, #"admission webhook \"a.b\" does not support dry run"#, "no dry run a.b"),
])
func `authorization and admission are told apart`(code: Int, message: String, expected: String) async {
    #expect(await meaning(.status(code, "Any", message)) == expected)
}

@Test func `a list is never refused by admission, and a proxy is no admission`() async {
    #expect(await meaning(.status(403, "Forbidden", "no"), list: true) == "forbidden")
    #expect(await meaning(.json("<html>", status: 403)) == "forbidden")
}

@Test(arguments: [
    (
        #"Internal error occurred: unable to transform key \"/registry/secrets/a/s\": no matching prefix found"#,
        "undecryptable /registry/secrets/a/s"
    ),
    ("Internal error occurred: failed to decrypt DEK, error: rpc error", "undecryptable -"),
    ("Internal error occurred: no matching prefix found", "undecryptable -"),
    ("Internal error occurred: identity transformer tried to read encrypted data", "undecryptable -"),
    ("Internal error occurred: failed to encrypt DEK, error: rpc error", "encrypt failed"),
    (#"Internal error occurred: encryptedDEKSource with keyID hash \"sha256:1\" expired at 2026"#, "encrypt failed"),
    (#"Internal error occurred: EDEK with keyID \"1\" expired at 2026"#, "encrypt failed"),
    ("Internal error occurred: odd", "other 500 InternalError"),
])
func `storage's failures are told apart`(message: String, expected: String) async {
    #expect(await meaning(.status(500, "InternalError", message)) == expected)
    #expect(await meaning(.status(500, "InternalError", message), list: true) == expected)
}

@Test(arguments: [429, 503, 504, 502, 408, 500])
func `a busy server's wish is heard`(code: Int) async {
    let answer = Answer.json("too many", status: code, headers: ["retry-after": "7"])
    #expect(await failure(answer) == .busy(retryAfter: 7, detail: "too many"))
}

@Test func `the remaining codes of the contract`() async {
    let withToken = #"{"kind":"Status","metadata":{"continue":"tok"},"reason":"Expired","code":410}"#
    #expect(await meaning(.json(withToken, status: 410), list: true) == "expired tok")
    #expect(await meaning(.status(410, "Expired", "too old"), list: true) == "expired -")
    #expect(await meaning(.status(406, "NotAcceptable", "x")) == "would send data")
    #expect(await meaning(.status(409, "Conflict", "x")) == "conflict")
    #expect(await meaning(.status(401, "Unauthorized", "x")) == "unauthorized")
    let causes = #"{"name":"s","kind":"Secret","causes":[{"field":"type"},{"field":"metadata.name"}]}"#
    #expect(await meaning(.status(422, "Invalid", "x", details: causes)) == "invalid type, metadata.name")
    #expect(await meaning(.lost()) == "lost")
    #expect(await meaning(.status(301, "", "elsewhere")) == "other 301 ")
}

@Test func `what a server quotes is cut`() async {
    let long = String(repeating: "a", count: 600) + "canary"
    for answer in [Answer.status(500, "InternalError", long), .json(long, status: 418)] {
        guard case .other(_, _, let detail) = await failure(answer) else {
            Issue.record("not a plain failure")
            continue
        }
        #expect(detail.utf8.count <= 512 + "…".utf8.count && !detail.contains("canary"))
    }
}

@Test func `a refused credential is renewed once and no more`() async throws {
    let authorization = TestAuthorization()
    let good = ScriptedTransport([.status(401, "Unauthorized", "expired"), .json(table(["s"]))])
    let store = KubeSecretStore(client(good, authorization: authorization))
    #expect(try await store.touch("s", in: "a", dryRun: false) == 12345)
    #expect(good.requests.map { $0.headers["Authorization"] } == ["Bearer token-0", "Bearer token-1"])

    let bad = ScriptedTransport([.status(401, "Unauthorized", "no"), .status(401, "Unauthorized", "no")])
    await #expect(throws: StoreFailure.unauthorized(detail: "no")) {
        try await KubeSecretStore(client(bad)).touch("s", in: "a", dryRun: false)
    }
    #expect(bad.requests.count == 2)

    let fixed = ScriptedTransport([.status(401, "Unauthorized", "no")])
    await #expect(throws: StoreFailure.unauthorized(detail: "no")) {
        try await KubeSecretStore(client(fixed, authorization: TestAuthorization(renewals: 0)))
            .touch("s", in: "a", dryRun: false)
    }
    #expect(fixed.requests.count == 1)
}
