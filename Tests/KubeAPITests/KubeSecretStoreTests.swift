import HTTP
import SecretRewrite
import Testing

@testable import KubeAPI

@Suite struct `Requests about Secrets` {
    static let all: [KubeRequest] = [
        SecretRequests.list(namespace: "a", limit: 500, token: nil),
        SecretRequests.list(namespace: "a", limit: 500, token: "t"),
        SecretRequests.wholeList(namespace: "a", notOlderThan: 7),
        SecretRequests.count(),
        SecretRequests.touch("s", in: "a", dryRun: false),
        SecretRequests.touch("s", in: "a", dryRun: true),
        SecretRequests.touch("s", in: "a", dryRun: false, patchType: MediaType.mergePatch),
        SecretRequests.createProbe("s", in: "a", labels: ["x": "y"]),
        SecretRequests.annotateProbe("s", in: "a", key: "k", value: "v"),
        SecretRequests.deleteProbe("s", in: "a", resourceVersion: 5),
    ]

    @Test func `a whole list is asked of the watch cache, without a limit`() {
        #expect(
            SecretRequests.wholeList(namespace: "a", notOlderThan: 42).target
                == "/api/v1/namespaces/a/secrets?includeObject=None&resourceVersion=42&resourceVersionMatch=NotOlderThan"
        )
    }

    @Test(arguments: all) func `ask for a Table without objects and accept nothing else`(request: KubeRequest) {
        #expect(request.query.contains(.init(name: "includeObject", value: "None")))
        #expect(request.accept == "application/json;as=Table;g=meta.k8s.io;v=v1")
        #expect(!request.accept.contains(","))
    }

    @Test(arguments: all) func `send nothing that a Secret holds`(request: KubeRequest) {
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(!body.contains("\"data\"") && !body.contains("stringData"))
    }

    @Test func `have exactly the form that was decided`() {
        #expect(
            SecretRequests.touch("s", in: "a", dryRun: false).target
                == "/api/v1/namespaces/a/secrets/s?includeObject=None&fieldManager=kubectl-kms-vault")
        #expect(
            SecretRequests.touch("s", in: "a", dryRun: true).target
                == "/api/v1/namespaces/a/secrets/s?includeObject=None&fieldManager=kubectl-kms-vault&dryRun=All")
        #expect(
            SecretRequests.list(namespace: "a", limit: 500, token: "x/y=").target
                == "/api/v1/namespaces/a/secrets?includeObject=None&limit=500&continue=x%2Fy%3D")
        #expect(SecretRequests.touch("s", in: "a", dryRun: false).body == Array("{}".utf8))
        #expect(
            SecretRequests.touch("s", in: "a", dryRun: false).contentType == "application/strategic-merge-patch+json")
    }
}

@Test func `a touch gives the version and sends one request with the credential`() async throws {
    let transport = ScriptedTransport([.json(table(["s"], version: "77"))])
    #expect(try await KubeSecretStore(client(transport)).touch("s", in: "a", dryRun: false) == 77)
    #expect(transport.requests.count == 1)
    #expect(transport.requests[0].url.hasPrefix("https://k/api/v1/namespaces/a/secrets/s?"))
    #expect(transport.requests[0].headers["Authorization"] == "Bearer token-0")
    #expect(transport.requests[0].headers.all("Accept") == [MediaType.table])
}

@Test func `a page gives names, anchor, token and what remains`() async throws {
    let metadata = #","continue":"abc_-","remainingItemCount":42"#
    let transport = ScriptedTransport([.json(table(["a", "b.c"], version: "9", metadata: metadata))])
    let page = try await KubeSecretStore(client(transport)).secrets(in: "ns", PageRequest())
    #expect(page == NamePage(names: ["a", "b.c"], resourceVersion: 9, next: "abc_-", remaining: 42))
}

@Test func `a list can begin behind a name, with the token that a server would give`() async throws {
    #expect(SecretRequests.token(after: "bad") == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYmFkXHUwMDAwIn0")
    let transport = ScriptedTransport([.json(table(["c"]))])
    _ = try await KubeSecretStore(client(transport)).secrets(in: "ns", PageRequest(limit: 1, after: "bad"))
    #expect(transport.requests[0].url.hasSuffix("&limit=1&continue=\(SecretRequests.token(after: "bad"))"))
    await #expect(throws: StoreFailure.malformed(detail: "the name to go on from is not valid")) {
        try await KubeSecretStore(client(transport)).secrets(in: "ns", PageRequest(after: "a\"b"))
    }
}

@Test func `an empty list is a page without names`() async throws {
    let text = table([]).replacing("\"rows\":[]", with: "\"rows\":null")
    let page = try await KubeSecretStore(client(ScriptedTransport([.json(text)]))).namespaces(PageRequest())
    #expect(page.names.isEmpty && page.next == nil)
}

@Test(arguments: ["", ".", "..", "a/b", "A", "a b", "-a", "a-", "a..b", "a.-b", "a?x=y", "ä", "a\u{0}"])
func `a name that is none is neither sent nor believed`(name: String) async {
    let transport = ScriptedTransport([])
    await #expect(throws: StoreFailure.self) {
        try await KubeSecretStore(client(transport)).touch(name, in: "a", dryRun: false)
    }
    await #expect(throws: StoreFailure.self) {
        try await KubeSecretStore(client(transport)).secrets(in: name, PageRequest())
    }
    #expect(transport.requests.isEmpty)

    guard !name.unicodeScalars.contains("\u{0}") else { return }
    let page = ScriptedTransport([.json(table(["ok", name]))])
    await #expect(throws: StoreFailure.malformed(detail: "the list holds names that are not valid")) {
        try await KubeSecretStore(client(page)).secrets(in: "a", PageRequest())
    }
}

@Test func `names are percent-encoded wherever they stand`() {
    #expect(KubeRequest(.get, ["a/b", "c d", "ü"], query: ["x&": "1=2"]).target == "/a%2Fb/c%20d/%C3%BC?x%26=1%3D2")
}

@Test(arguments: [
    #"{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"5"},"data":{"k":"Y2FuYXJ5"}}"#,
    #"{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}"#,
    #"{"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"5","annotations":{"a":"canary"}}}"#,
    table(["s"]).replacing("\"object\":null", with: "\"object\":{\"kind\":\"PartialObjectMetadata\"}"),
])
func `an answer that carries objects is refused`(body: String) async {
    let transport = ScriptedTransport([.json(body)])
    await #expect(throws: StoreFailure.wouldSendData(detail: "the answer is not a Table without objects")) {
        try await KubeSecretStore(client(transport)).touch("s", in: "a", dryRun: false)
    }
}

@Test(arguments: [
    "", "null", "[]", "<html>", "{", #"{"kind":"Table"}"#, #"{"kind":"Table","metadata":{}}"#,
    #"{"kind":"Table","metadata":{"resourceVersion":5}}"#, #"{"kind":"Table","metadata":{"resourceVersion":"-5"}}"#,
    #"{"kind":"Table","metadata":{"resourceVersion":"99999999999999999999"}}"#,
    #"{"kind":"Table","metadata":{"resourceVersion":"5"}"#, #"{"kind":"Table","metadata":{"resourceVersion":"5"}}x"#,
    #"{"kind":"Table","metadata":{"resourceVersion":"5"},"rows":[{"cells":["a"]}]}"#,
    #"{"kind":"Table","metadata":{"resourceVersion":"5"},"x":}"#, String(repeating: "[", count: 100_000),
    String(table(["a", "b"]).prefix(300)),
])
func `an answer that is not understood is a failure that quotes nothing`(body: String) async throws {
    let transport = ScriptedTransport([.json(body)])
    let failure = await #expect(throws: StoreFailure.self) {
        try await KubeSecretStore(client(transport)).secrets(in: "a", PageRequest())
    }
    guard case .malformed = failure else {
        Issue.record("\(String(describing: failure))")
        return
    }
}

@Test func `the fast reader steps over what it does not know`() throws {
    let text = #"""
        { "x" : [ { "metadata" : "}]\"\\" } , 1.5e3 , true ] , "kind":"Table", "metadata":{"selfLink":"","resourceVersion":"7"},
          "y":{"kind":"Secret","rows":[{"object":{}}]}, "columnDefinitions":[{"format":"","name":"Type"},{"name":"Name"}],
          "rows":[{"cells":["t","n",{"a":[1]}],"conditions":[{}]}] }
        """#
    let answer = try TableAnswer(parsing: Array(text.utf8))
    #expect(answer.resourceVersion == 7)
    #expect(answer.names == ["n"])
}

@Test func `no cut of an answer is taken for a whole one`() {
    let bytes = Array(table(["abc", "def"]).utf8)
    for length in 0..<(bytes.count - 2) {
        #expect(throws: TableAnswer.Refusal.self) { try TableAnswer(parsing: Array(bytes[..<length])) }
    }
}
