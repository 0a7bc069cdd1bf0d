// The cases are those of k8s.io/client-go/tools/clientcmd/{client_config,validation}_test.go and
// transport/round_trippers_test.go (Apache-2.0), in our words.
import Files
import HTTP
import JSON
import Testing

@testable import Kubeconfig

private let certificate = "client-certificate-data: \(pemData), client-key-data: \(pemData)"
private let exec =
    "exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}"

struct UserAccessTests {
    @Test func `a token given by flag beats a tokenFile, on purpose unlike what client-go sends`() throws {
        let access = try access(kubeconfig(user: "tokenFile: /t")) { $0.token = "flag" }
        #expect(access.credential == .token("flag"))
    }

    @Test func `of token and tokenFile in one entry the file counts while it can be read, as client-go sends it`()
        throws
    {
        let access = try access(kubeconfig(user: "token: expected, tokenFile: t"))
        #expect(access.credential == .tokenFile(path: "/home/a/.kube/t", fallback: "expected"))
        #expect(
            try access.credential == load(kubeconfig(user: "tokenFile: t, token: expected")).credential)
    }

    @Test func `user name and password are one credential`() throws {
        let access = try access(kubeconfig(user: "username: u, password: p"))
        #expect(access.credential == .basic(username: "u", password: "p"))
        #expect(
            try load(kubeconfig(user: exec)) { $0.username = "u" }.credential
                == .basic(username: "u", password: ""))
    }

    @Test func `token and password together are refused`() {
        let expected: [KubeconfigProblem.Kind] = [.conflict("a token", "a user name or password", entry: "clean")]
        #expect(problems(kubeconfig(user: "token: t, username: u")) == expected)
        #expect(problems(kubeconfig(user: "username: u")) { $0.token = "t" } == expected)
        #expect(problems(kubeconfig(user: "tokenFile: /t, password: p")) == expected)
    }

    @Test func `a client certificate comes from data or files`() throws {
        let identity = ClientIdentity(certificatePEM: Array(pem.utf8), keyPEM: Array(pem.utf8))
        #expect(try access(kubeconfig(user: certificate)).identity == identity)
        let files = ["/home/a/.kube/c": pem, "/home/a/.kube/k": pem]
        #expect(try access(kubeconfig(user: "client-certificate: c, client-key: k"), files: files).identity == identity)
    }

    @Test func `flags of certificate and key clear the data`() throws {
        let access = try access(kubeconfig(user: certificate), files: ["c": pem + "c", "k": pem + "k"]) {
            ($0.clientCertificate, $0.clientKey) = ("c", "k")
        }
        #expect(access.identity?.certificatePEM == Array((pem + "c").utf8))
        #expect(access.identity?.keyPEM == Array((pem + "k").utf8))
    }

    @Test func `half a certificate, or one given twice, is refused`() {
        #expect(problems(kubeconfig(user: "client-certificate: /c")) == [.missingKey(user: "clean")])
        #expect(problems(kubeconfig(user: "client-key: /k")) == [.missingCertificate(user: "clean")])
        #expect(
            problems(kubeconfig(user: certificate + ", client-certificate: /c, client-key: /k")) == [
                .conflict("client-certificate", "client-certificate-data", entry: "clean"),
                .conflict("client-key", "client-key-data", entry: "clean"),
            ])
        #expect(
            problems(kubeconfig(user: "client-certificate: /c, client-key: /k"))
                == ["/c", "/k"].map { .unreadable(FileError(.missing, .read, $0)) })
    }

    @Test func `a plugin runs only when nothing else says who we are`() throws {
        guard case .exec(let plugin) = try access(kubeconfig(user: exec)).credential else {
            Issue.record("no plugin")
            return
        }
        #expect(plugin.command == "c" && plugin.user == "clean" && plugin.clusterInfo == nil)
        #expect(try access(kubeconfig(user: exec)) { $0.token = "t" }.credential == .token("t"))
        #expect(try access(kubeconfig(user: exec + ", token: t")).credential == .token("t"))
        #expect(try access(kubeconfig(user: exec + ", " + certificate)).credential == .none)
    }

    @Test func `a plugin that asks for it is told of the cluster`() throws {
        let cluster = """
            server: https://foo, tls-server-name: bar, certificate-authority: /ca, extensions: [
            {name: other, extension: 1},
            {name: client.authentication.k8s.io/exec, extension: {kind: PluginConfig, spec: {audience: snorlax, n: 1}}}]
            """
        let user = exec.replacing("command: c", with: "command: c, provideClusterInfo: true")
        let access = try access(kubeconfig(cluster: cluster, user: user), files: ["/ca": pem])
        guard case .exec(let plugin) = access.credential else {
            Issue.record("no plugin")
            return
        }
        let request = try JSONValue(parsing: Array(ExecCredential.request(plugin, isInteractive: false).utf8))
        let expected = """
            {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "spec": {"interactive": false,
            "cluster": {"server": "https://foo", "tls-server-name": "bar", "certificate-authority-data": "\(pemData)",
            "config": {"kind": "PluginConfig", "spec": {"audience": "snorlax", "n": 1}}}}}
            """
        #expect(try request == JSONValue(parsing: Array(expected.utf8)))
    }

    @Test func `a plugin entry that lacks something is refused`() {
        #expect(
            problems(kubeconfig(user: "exec: {env: [{value: x}]}")) == [
                .incompleteExec(field: "command", user: "clean"),
                .incompleteExec(field: "name for one of its variables", user: "clean"),
                .incompleteExec(field: "apiVersion", user: "clean"),
            ])
        let v1 = "client.authentication.k8s.io/v1"
        #expect(
            problems(kubeconfig(user: "exec: {command: c, apiVersion: \(v1)}"))
                == [.incompleteExec(field: "interactiveMode", user: "clean")])
        #expect(problems(kubeconfig(user: "exec: {command: c, apiVersion: \(v1)beta1}")) == [])
        #expect(
            problems(kubeconfig(user: "exec: {command: c, apiVersion: \(v1)beta1, interactiveMode: Maybe}"))
                == [.unsupportedInteractiveMode("Maybe", user: "clean")])
        #expect(
            problems(kubeconfig(user: "exec: {command: c, apiVersion: \(v1)alpha1}"))
                == [.unsupportedExecVersion(v1 + "alpha1", user: "clean")])
    }

    @Test func `an auth-provider is refused with the way out`() throws {
        let user = "auth-provider: {name: azure, config: {access-token: sesame}}"
        let error = #expect(throws: KubeconfigError.self) { try access(kubeconfig(user: user)) }
        #expect(error?.problems.map(\.kind) == [.authProvider("azure", user: "clean")])
        #expect(error?.description.contains("kubelogin convert-kubeconfig") == true)
        #expect(error?.description.contains("sesame") == false)
        #expect(try access(kubeconfig(user: user)) { $0.token = "t" }.credential == .token("t"))
        #expect(
            problems(kubeconfig(user: user + ", " + exec)) == [.conflict("auth-provider", "exec", entry: "clean")])
    }

    @Test(arguments: ["a\\nb", "a\\r", "a\\0", "\\x7f"])
    func `a token that would break a header is refused`(token: String) throws {
        #expect(problems(kubeconfig(user: "token: \"\(token)\"")) == [.unsafeHeaderValue(field: "the token")])
    }
}

struct ImpersonationTests {
    @Test func `the entry and the flags say whom to act as`() throws {
        let user = "token: t, as: me, as-uid: \"1\", as-groups: [a, b], as-user-extra: {Reason/x: [one, two]}"
        let fields = try access(kubeconfig(user: user)).impersonationHeaders.map { $0.name + ": " + $0.value }
        #expect(
            fields == [
                "Impersonate-User: me", "Impersonate-Uid: 1", "Impersonate-Group: a", "Impersonate-Group: b",
                "Impersonate-Extra-Reason%2Fx: one", "Impersonate-Extra-Reason%2Fx: two",
            ])
        let flags = try access(kubeconfig(user: user)) {
            ($0.impersonateUser, $0.impersonateGroups, $0.impersonateExtra) = ("you", ["c"], ["k": ["v"]])
        }
        #expect(flags.impersonation.user == "you" && flags.impersonation.groups == ["c"])
        #expect(flags.impersonation.uid == "1")
        #expect(flags.impersonation.extra == ["Reason/x": ["one", "two"], "k": ["v"]])
    }

    @Test func `groups without a user are refused`() {
        #expect(problems(kubeconfig()) { $0.impersonateGroups = ["g"] } == [.impersonationWithoutUser])
        #expect(problems(kubeconfig()) { $0.impersonateUID = "1" } == [.impersonationWithoutUser])
        #expect(problems(kubeconfig(user: "as-user-extra: {a: [b]}")) == [.impersonationWithoutUser])
    }

    @Test func `a value that would break a header is refused`() {
        #expect(problems(kubeconfig()) { $0.impersonateUser = "a\nb" } == [.unsafeHeaderValue(field: "--as")])
    }

    @Test(arguments: [
        ("alpha-beta", "alpha-beta"), ("%", "%25"), ("☃", "%E2%98%83"), ("a b", "a%20b"), ("A:\n1", "A%3A%0A1"),
        ("!#$&'*+-.^_`|~", "!#$&'*+-.^_`|~"), ("example.com/x", "example.com%2Fx"),
    ])
    func `the key of an extra is escaped as in client-go`(key: String, escaped: String) {
        #expect(Impersonation.escapedKey(key) == escaped)
    }
}

/// The same as `access`, where a constant of that name hides it.
private func load(
    _ text: String, _ change: (inout KubeconfigOverrides) -> Void = { _ in }
) throws(KubeconfigError) -> ClusterAccess {
    try access(text, change)
}
