// The cases are those of k8s.io/client-go/plugin/pkg/client/auth/exec/exec_test.go (Apache-2.0), in our words.
import Testing

@testable import Kubeconfig

struct ExecReplyTests {
    private func parse(_ text: String, version: String = "v1") -> Result<ExecCredential.Reply, CredentialError> {
        var plugin = ExecPlugin()
        plugin.command = "p"
        plugin.apiVersion = "client.authentication.k8s.io/" + version
        return ExecCredential.parse(Array(text.utf8), for: plugin)
    }

    private func document(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> String {
        #"{"kind": "\#(kind)", "apiVersion": "client.authentication.k8s.io/\#(version)", "status": \#(status)}"#
    }

    @Test func `a reply in the version asked for is taken, unknown members too`() throws {
        let status = #"{"token": "t", "expirationTimestamp": "2006-01-02T15:04:05Z", "future": [1]}"#
        for version in ["v1", "v1beta1"] {
            let reply = try parse(document(status, version: version), version: version).get()
            #expect(reply.token == "t" && reply.expiresAt == 1_136_214_245)
        }
        #expect(try parse(document(#"{"token": "t", "expirationTimestamp": null}"#)).get().expiresAt == nil)
    }

    @Test(arguments: [
        "", "[]", "text", "{", "{\"kind\":\"ExecCredential\"}", "\0", "null",
        #"{"kind": "ExecCredential", "status": {"token": "sesame"}}"#,
    ])
    func `a reply that is none is refused`(text: String) {
        #expect(throws: CredentialError.self) { try parse(text).get() }
    }

    @Test func `a reply of another version or kind is refused`() {
        #expect(throws: CredentialError.self) { try parse(document(#"{"token": "t"}"#, version: "v1beta1")).get() }
        #expect(throws: CredentialError.self) { try parse(document(#"{"token": "t"}"#, kind: "Secret")).get() }
    }

    @Test(arguments: [
        "null", "{}", "[]", #"{"token": ""}"#, #"{"token": 5}"#, #"{"token": ["sesame"]}"#,
        #"{"token": "sesame\nX: y"}"#,
        #"{"clientCertificateData": "sesame"}"#, #"{"token": "sesame", "clientKeyData": "sesame"}"#,
        #"{"clientCertificateData": "sesame", "clientKeyData": "sesame"}"#,
        #"{"token": "sesame", "expirationTimestamp": "tomorrow"}"#, #"{"token": "sesame", "expirationTimestamp": 5}"#,
        #"{"token": "sesame", "expirationTimestamp": ""}"#,
    ])
    func `a status that gives no credential is refused without being quoted`(status: String) {
        let error = #expect(throws: CredentialError.self) { try parse(document(status)).get() }
        #expect(error?.description.contains("sesame") == false)
    }

    @Test func `ten mebibytes of nesting are refused`() {
        #expect(throws: CredentialError.self) { try parse(String(repeating: "[", count: 10 << 20)).get() }
    }

    @Test(arguments: [
        "kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: t\n",
        "---\nkind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus: {token: t}\n---\nother: 1\n",
        "\u{FEFF}kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: !!binary dA==\n",
        "apiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: t\n  expirationTimestamp: 2999-01-01T00:00:00Z\n",
    ])
    func `a reply in YAML is read`(text: String) throws {
        #expect(try parse(text).get().token == "t")
    }

    @Test(arguments: [
        #"{"token": "a", "token": "t"}"#, #"{"token": "a", "tok\u0065n": "t"}"#,
        #"{"token": "a"}, "status": {"token": "t"}"#,
        #"{"token": "t", "note": "\ud83d\ude00"}"#, "{\t\"token\":\t\"t\"\n}",
    ])
    func `of equal members of JSON the last counts`(status: String) throws {
        #expect(try parse(document(status)).get().token == "t")
    }

    @Test(arguments: [
        "{kind: ExecCredential, apiVersion: client.authentication.k8s.io/v1, status: {token: sesame}}",
        #"{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "sesame"}} x"#,
        "Hello\nkind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: sesame\n",
        "kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: 5\n",
    ])
    func `what is neither JSON nor YAML of a credential is refused`(text: String) {
        let error = #expect(throws: CredentialError.self) { try parse(text).get() }
        #expect(error?.description.contains("sesame") == false)
    }
}
