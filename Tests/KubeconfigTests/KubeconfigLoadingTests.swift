// The cases are those of k8s.io/client-go/tools/clientcmd/loader_test.go (Apache-2.0), in our words.
import Files
import Testing
import YAML

@testable import Kubeconfig

private func load(
    _ files: [String: String], _ variables: [String: String] = [:], explicit: String? = nil
) throws(KubeconfigError) -> Kubeconfig {
    try Kubeconfig.load(explicitFile: explicit, environment(files, variables))
}

private let alfa = """
    users: [{name: red-user, user: {token: red-token}}]
    clusters: [{name: cow-cluster, cluster: {server: "http://cow.org:8080"}}]
    contexts: [{name: federal-context, context: {user: red-user, cluster: cow-cluster, namespace: hammer-ns}}]
    """
private let conflict = """
    users: [{name: red-user, user: {token: a-different-red-token, username: me}}, {name: yellow-user, user: {token: yellow}}]
    clusters:
    - name: cow-cluster
      cluster: {server: "http://a-different-cow.org:8080", insecure-skip-tls-verify: true}
    - {name: donkey-cluster, cluster: {server: "http://donkey.org:8080", insecure-skip-tls-verify: true}}
    current-context: federal-context
    """

struct KubeconfigLoadingTests {
    @Test func `a file given by flag must exist and stands alone`() throws {
        #expect(throws: KubeconfigError([KubeconfigProblem(.unreadable(FileError(.missing, .read, "bogus")))])) {
            try load(["/env": alfa], ["KUBECONFIG": "/env"], explicit: "bogus")
        }
        let config = try load(
            ["/flag": "current-context: x", "/env": "current-context: y"], ["KUBECONFIG": "/env"], explicit: "/flag")
        #expect(config.currentContext == "x")
        #expect(config.files == ["/flag"])
    }

    @Test func `missing and empty names in KUBECONFIG are passed over, and the home folder is not used`() throws {
        let config = try load(
            ["/b": alfa, "/home/a/.kube/config": conflict], ["KUBECONFIG": ":/a::/b:/a:/b:"])
        #expect(config.files == ["/b"])
        #expect(config.missingFiles == ["/a"])
        #expect(config.currentContext == "")
        #expect(try load(["/home/a/.kube/config": conflict], ["KUBECONFIG": ":"]).files == [])
    }

    @Test func `without KUBECONFIG the file in the home folder counts`() throws {
        #expect(try load(["/home/a/.kube/config": alfa]).contexts.keys.sorted() == ["federal-context"])
        #expect(try load(["/home/a/.kube/config": alfa], ["KUBECONFIG": ""]).files == ["/home/a/.kube/config"])
        var homeless = environment(["/.kube/config": alfa])
        homeless.homeDirectory = nil
        #expect(try Kubeconfig.load(explicitFile: nil, homeless).files == [])
    }

    @Test func `the first file that defines a name has the whole entry`() throws {
        let first = try load(["/a": alfa, "/b": conflict], ["KUBECONFIG": "/a:/b"])
        #expect(first.users["red-user"]?.token == "red-token")
        #expect(first.users["red-user"]?.username == "")
        #expect(first.clusters["cow-cluster"]?.server == "http://cow.org:8080")
        #expect(first.clusters["cow-cluster"]?.insecureSkipTLSVerify == false)
        #expect(first.clusters["donkey-cluster"]?.insecureSkipTLSVerify == true)
        #expect(first.currentContext == "federal-context")
        let second = try load(["/a": alfa, "/b": conflict], ["KUBECONFIG": "/b:/a"])
        #expect(second.users["red-user"]?.token == "a-different-red-token")
        #expect(second.clusters["cow-cluster"]?.insecureSkipTLSVerify == true)
    }

    @Test func `the first current context counts`() throws {
        let files = ["/a": "current-context: any", "/b": "current-context: other"]
        #expect(try load(files, ["KUBECONFIG": "/a:/b"]).currentContext == "any")
    }

    @Test func `relative paths are meant from the file that holds them`() throws {
        let text = """
            users:
            - {name: relative, user: {client-certificate: relative/cert, client-key: ../relative/key, tokenFile: ./t}}
            - {name: absolute, user: {client-certificate: /absolute/cert, client-key: /absolute/key}}
            - {name: command, user: {exec: {command: ../relative/cmd}}}
            - {name: absolute-command, user: {exec: {command: /absolute/cmd}}}
            - {name: PATH, user: {exec: {command: cmd}}}
            clusters: [{name: c, cluster: {certificate-authority: ../ca}}]
            """
        let config = try load(["/x/y/config": text], ["KUBECONFIG": "/x/y/config"])
        #expect(config.users["relative"]?.clientCertificate == "/x/y/relative/cert")
        #expect(config.users["relative"]?.clientKey == "/x/relative/key")
        #expect(config.users["relative"]?.tokenFile == "/x/y/t")
        #expect(config.users["absolute"]?.clientKey == "/absolute/key")
        #expect(config.users["command"]?.exec?.command == "/x/relative/cmd")
        #expect(config.users["absolute-command"]?.exec?.command == "/absolute/cmd")
        #expect(config.users["PATH"]?.exec?.command == "cmd")
        #expect(config.clusters["c"]?.certificateAuthority == "/x/ca")
        let relative = try load(["sub/config": text], explicit: "sub/config")
        #expect(relative.clusters["c"]?.certificateAuthority == "/somewhere/ca")
    }

    @Test(arguments: ["clusters", "contexts", "users", "extensions"])
    func `two entries of one name are an error`(list: String) {
        let text = "\(list):\n- {name: twice}\n- {name: twice}\n"
        let expected = KubeconfigProblem(
            .duplicateName(list: list, name: "twice"), file: "/home/a/.kube/config", line: 3, column: 3)
        #expect(throws: KubeconfigError([expected])) { try load(["/home/a/.kube/config": text]) }
    }

    @Test func `all files with problems are named`() {
        do {
            _ = try load(["/a": "bogus value", "/b": "x: [", "/c": alfa], ["KUBECONFIG": "/a:/b:/c"])
            Issue.record("two broken files were accepted")
        } catch {
            #expect(error.problems.compactMap(\.file) == ["/a", "/b"])
        }
    }

    @Test(arguments: ["", "\n", "# nothing", "---\n", "{}", "clusters: null\nusers: ~\ncontexts:\n"])
    func `an empty file is an empty configuration`(text: String) throws {
        let config = try load(["/home/a/.kube/config": text])
        #expect(config.clusters.isEmpty && config.users.isEmpty && config.contexts.isEmpty)
    }

    @Test func `a configuration in JSON is read`() throws {
        let text = #"{"kind":"Config","apiVersion":"v1","users":[{"name":"u","user":{"token":"t"}}],"contexts":null}"#
        #expect(try load(["/home/a/.kube/config": text]).users["u"]?.token == "t")
    }

    @Test func `of members given twice the last counts, as in kubectl`() throws {
        let text = "current-context: a\ncurrent-context: b\n"
        #expect(try load(["/home/a/.kube/config": text]).currentContext == "b")
    }

    @Test func `fields that nobody knows are passed over`() throws {
        let text = "preferences: {colors: true}\nclusters: [{name: c, cluster: {server: s, future: [1]}, x: 1}]\n"
        #expect(try load(["/home/a/.kube/config": text]).clusters["c"]?.server == "s")
    }
}

struct HostileKubeconfigTests {
    @Test(arguments: [
        ("current-context: 1", "current-context"), ("current-context: true", "current-context"),
        ("current-context: [a]", "current-context"), ("clusters: {}", "clusters"), ("clusters: [1]", "clusters[0]"),
        ("clusters: [{name: c, cluster: 5}]", "clusters[0].cluster"), ("[]", ""), ("text", ""),
        ("clusters: [{name: 99999999999999999999999999, cluster: {}}]", "clusters[0].name"),
        (
            "clusters: [{name: c, cluster: {insecure-skip-tls-verify: \"true\"}}]",
            "clusters[0].cluster.insecure-skip-tls-verify"
        ),
        ("users: [{name: u, user: {token: 123456}}]", "users[0].user.token"),
        ("users: [{name: u, user: {as-groups: me}}]", "users[0].user.as-groups"),
        ("users: [{name: u, user: {as-user-extra: {k: v}}}]", "users[0].user.as-user-extra.k"),
        ("users: [{name: u, user: {exec: {args: [1]}}}]", "users[0].user.exec.args"),
        ("users: [{name: u, user: {exec: {env: [x]}}}]", "users[0].user.exec.env[0]"),
    ])
    func `a value of the wrong type is named with its place`(text: String, field: String) throws {
        do {
            _ = try load(["/home/a/.kube/config": text])
            Issue.record("accepted")
        } catch {
            let problem = try #require(error.problems.first)
            guard case .wrongType(let found, _) = problem.kind else {
                Issue.record("unexpected \(problem.kind)")
                return
            }
            #expect(found == field)
            #expect(problem.line == 1 && problem.column >= 1)
        }
    }

    @Test func `what is not base64 is refused without being quoted`() {
        let text = "users: [{name: u, user: {client-key-data: sesame!}}]"
        do {
            _ = try load(["/home/a/.kube/config": text])
            Issue.record("accepted")
        } catch {
            #expect(error.problems.map(\.kind) == [.badBase64(field: "users[0].user.client-key-data")])
            #expect(!"\(error)".contains("sesame"))
        }
    }

    @Test func `base64 may be broken into lines`() throws {
        let text = "clusters: [{name: c, cluster: {certificate-authority-data: \"QU\\nJD\\r\\n\"}}]"
        let config = try load(["/home/a/.kube/config": text])
        #expect(config.clusters["c"]?.certificateAuthorityData == Array("ABC".utf8))
    }

    @Test func `another kind of document is refused`() {
        for text in ["kind: Pod\napiVersion: v1", "kind: Config\napiVersion: v2"] {
            #expect(throws: KubeconfigError.self) { try load(["/home/a/.kube/config": text]) }
        }
    }

    @Test func `a bomb of aliases, deep nesting, NUL and bytes that are no UTF-8 are refused`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        let texts = [bomb, String(repeating: "{a: ", count: 10_000), "a: \0", "a: \u{7}"]
        for text in texts {
            #expect(throws: KubeconfigError.self) { try load(["/home/a/.kube/config": text]) }
        }
        var environment = environment([:])
        let files = MemoryFiles(["/home/a/.kube/config": [0x61, 0x3A, 0xFF]])
        environment.files = files
        #expect(throws: KubeconfigError.self) { try Kubeconfig.load(explicitFile: nil, environment) }
    }

    @Test func `a folder, a file that may not be read and one that is too large are named`() {
        for kind in [FileError.Kind.notARegularFile, .permissionDenied, .tooLarge(limit: 1)] {
            var environment = environment([:], ["KUBECONFIG": "/k"])
            let files = FailingFiles(contents: [:], failures: ["/k": kind])
            environment.files = files
            #expect(throws: KubeconfigError([KubeconfigProblem(.unreadable(FileError(kind, .read, "/k")))])) {
                try Kubeconfig.load(explicitFile: nil, environment)
            }
        }
    }

    @Test func `names with control characters are shown harmlessly`() {
        let text = "current-context: \"a\\e[2Jb\\nc\"\n"
        do {
            _ = try access(text)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("\"a\\u{1b}[2Jb\\u{a}c\""))
        }
    }

    @Test func `every cut of a file is read or refused, and never crashes`() {
        let text = Array(kubeconfig(user: "exec: {command: c, env: [{name: a, value: b}]}").utf8)
        for count in 0...text.count { _ = try? Kubeconfig(parsing: Array(text[..<count]), file: "/f") }
    }

    @Test func `a user entry shows none of its values`() throws {
        let config = try load(["/home/a/.kube/config": kubeconfig(user: "token: sesame, password: sesame")])
        let user = try #require(config.users["clean"])
        #expect(!"\(user)".contains("sesame"))
    }
}
