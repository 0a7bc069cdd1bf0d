// The cases are those of k8s.io/client-go/tools/clientcmd/{client_config,validation}_test.go (Apache-2.0), in our
// words.
import Files
import HTTP
import Testing

@testable import Kubeconfig

private let certificate = "client-certificate-data: \(pemData), client-key-data: \(pemData)"

struct ClusterAccessTests {
    @Test func `context, cluster and user come together`() throws {
        let access = try access(kubeconfig(context: "namespace: bar"))
        #expect(access.server == "https://anything.com:8080")
        #expect(access.credential == .token("the-token"))
        #expect(access.namespace == "bar")
        #expect([access.contextName, access.clusterName, access.userName] == ["clean", "clean", "clean"])
        #expect(access.sourceFiles == ["/home/a/.kube/config"])
        #expect(!access.isInCluster)
    }

    @Test func `the namespace is default unless the context or a flag says more`() throws {
        #expect(try access(kubeconfig()).namespace == "default")
        #expect(try access(kubeconfig(context: "namespace: bar")) { $0.namespace = "foo" }.namespace == "foo")
    }

    @Test(arguments: [
        ("https://anything.com:8080/foo/bar", "https://anything.com:8080/foo/bar"),
        ("http://anything.com:8080/foo/bar/", "http://anything.com:8080/foo/bar"),
        ("http://anything.com:8080//", "http://anything.com:8080"), ("https://a.com/x?q=1#f", "https://a.com/x"),
        ("anything.com:8080/foo/bar", "http://anything.com:8080/foo/bar"), ("anything", "http://anything"),
        ("https://[::1]:6443", "https://[::1]:6443"), ("HTTPS://A.com", "https://A.com"), ("HTTP://A", "http://A"),
    ])
    func `a server keeps its path`(server: String, expected: String) throws {
        #expect(try access(kubeconfig(cluster: "server: \"\(server)\"")).server == expected)
    }

    @Test func `a bare host means no TLS, whatever the entry says of it`() throws {
        let cluster = "server: \"a.com:443\", certificate-authority-data: \(pemData)"
        let access = try access(kubeconfig(cluster: cluster))
        #expect(access.server == "http://a.com:443" && access.credential == .none)
    }

    @Test func `the case of a scheme changes nothing`() throws {
        let cluster = "server: HtTpS://a.com, insecure-skip-tls-verify: true"
        let access = try access(kubeconfig(cluster: cluster))
        #expect(access.isTLS && access.insecureSkipTLSVerify && access.credential == .token("the-token"))
    }

    @Test(arguments: [
        "ftp://a", "https://", "https://:443", "https://u:p@a", "https://a b", "https://a\\u0000", "https://ä",
    ])
    func `an address that is no server is refused`(server: String) throws {
        let found = try #require(problems(kubeconfig(cluster: "server: \"\(server)\"")).first)
        guard case .badServer = found else {
            Issue.record("unexpected \(found)")
            return
        }
    }

    @Test func `flags choose context, cluster and user`() throws {
        let text =
            kubeconfig() + """

                - name: other
                  user: {token: other-token}
                """
        #expect(try access(text) { $0.user = "other" }.credential == .token("other-token"))
        #expect(problems(text) { $0.context = "no" } == [.contextNotFound("no")])
        #expect(problems(text) { $0.cluster = "no" } == [.clusterNotFound("no", context: "")])
        #expect(problems(text) { $0.user = "no" } == [.userNotFound("no", context: "")])
    }

    @Test func `names that no file defines are told`() {
        #expect(problems("current-context: gone") == [.contextNotFound("gone")])
        let text = "current-context: c\ncontexts: [{name: c, context: {cluster: x, user: z}}]"
        #expect(problems(text) == [.clusterNotFound("x", context: "c")])
        #expect(problems(text) { $0.server = "https://a" } == [.userNotFound("z", context: "c")])
        #expect(problems(text) { ($0.server, $0.token) = ("https://a", "t") } == [])
    }

    @Test func `a cluster without a server is told`() {
        #expect(problems(kubeconfig(cluster: "")) == [.noServer(cluster: "clean")])
    }

    @Test func `with nothing configured the error names what was looked for`() {
        #expect(problems("") == [.noConfiguration(searched: ["/home/a/.kube/config"])])
        let error = #expect(throws: KubeconfigError.self) {
            try ClusterAccess.load(KubeconfigOverrides(), environment([:], ["KUBECONFIG": "/x:/y"]))
        }
        #expect(error?.problems.map(\.kind) == [.noConfiguration(searched: ["/x", "/y"])])
    }

    @Test func `with contexts but none chosen the error names them`() {
        let names = ["a", "b", "c", "d", "e", "f\u{1B}"]
        let list = names.map { "{name: \"" + $0.replacing("\u{1B}", with: "\\e") + "\", context: {}}" }.joined(
            separator: ", ")
        let error = #expect(throws: KubeconfigError.self) { try access("contexts: [" + list + "]") }
        #expect(error?.problems.map(\.kind) == [.noContext(known: names)])
        #expect(error?.description.contains("\"e\" and 1 more") == true)
    }

    @Test func `flags alone are enough, and the old variable is honoured`() throws {
        let flags = try access("") { ($0.server, $0.token) = ("https://a", "t") }
        #expect(flags.server == "https://a" && flags.credential == .token("t"))
        #expect(try access("", variables: ["KUBERNETES_MASTER": "https://m"]).server == "https://m")
    }

    @Test(arguments: ["https://a", "HTTPS://a", "HttpS://a"])
    func `however https is written, the connection is TLS with its credential`(server: String) throws {
        let access = try access(kubeconfig(cluster: "server: \"\(server)\"", user: "token: t"))
        #expect(access.isTLS && access.credential == .token("t"))
    }

    @Test func `over plain HTTP nothing secret is sent`() throws {
        let access = try access(kubeconfig(cluster: "server: \"http://a\"", user: "token: t, \(certificate)"))
        #expect(access.credential == .none && access.identity == nil && !access.isTLS)
    }

    @Test(
        arguments: [
            ("30", 30), ("0", nil), ("30s", 30), ("1m30s", 90), ("1.5h", 5400), ("300ms", 0.3), ("0s", nil), ("", nil),
        ] as [(String, Double?)])
    func `a request timeout is a number or a duration`(text: String, seconds: Double?) throws {
        #expect(try access(kubeconfig()) { $0.requestTimeout = text }.requestTimeout == seconds)
    }

    @Test(arguments: ["x", "-1", "-1s", "1x", "s", "1..5s", "5 s", "1m30", "٣s", "99999999999999999999h"])
    func `a request timeout that is neither is refused`(text: String) {
        #expect(problems(kubeconfig()) { $0.requestTimeout = text } == [.badTimeout])
    }

    @Test func `the description shows no credential`() throws {
        let access = try access(kubeconfig(user: "token: sesame"))
        #expect(!"\(access)".contains("sesame"))
        #expect(!"\(access.credential)".contains("sesame"))
        let basic = KubeCredential.basic(username: "sesame", password: "sesame")
        #expect(!"\(basic)".contains("sesame"))
    }
}

struct TrustTests {
    private let withAuthority = "server: https://a, certificate-authority-data: \(pemData)"

    @Test func `a cluster's authority is the only trust`() throws {
        #expect(try access(kubeconfig(cluster: withAuthority)).trust == .authorities(pem: Array(pem.utf8)))
        #expect(try access(kubeconfig()).trust == .system(bundlePath: nil))
        let file = "server: https://a, certificate-authority: ../ca.pem"
        #expect(
            try access(kubeconfig(cluster: file), files: ["/home/a/ca.pem": pem]).trust
                == .authorities(pem: Array(pem.utf8)))
    }

    @Test func `the flag to skip verification sets the authority aside`() throws {
        let access = try access(kubeconfig(cluster: withAuthority)) { $0.insecureSkipTLSVerify = true }
        #expect(access.insecureSkipTLSVerify && access.trust == .none)
    }

    @Test func `the flag of an authority sets data and skipping aside`() throws {
        for cluster in [withAuthority, "server: https://a, insecure-skip-tls-verify: true"] {
            let access = try access(kubeconfig(cluster: cluster), files: ["my.ca": pem + pem]) {
                $0.certificateAuthority = "my.ca"
            }
            #expect(!access.insecureSkipTLSVerify && access.trust == .authorities(pem: Array((pem + pem).utf8)))
        }
    }

    @Test func `a server given by flag clears the name to verify, unless that is given too`() throws {
        let cluster = "server: https://a, tls-server-name: name"
        #expect(try access(kubeconfig(cluster: cluster)).tlsServerName == "name")
        #expect(try access(kubeconfig(cluster: cluster)) { $0.server = "https://b" }.tlsServerName == nil)
        #expect(try access(kubeconfig(cluster: cluster)) { $0.tlsServerName = "m" }.tlsServerName == "m")
        let both = try access(kubeconfig(cluster: cluster)) { ($0.server, $0.tlsServerName) = ("https://b", "m") }
        #expect(both.tlsServerName == "m" && both.server == "https://b")
    }

    @Test func `settings that exclude each other are refused`() {
        #expect(
            problems(kubeconfig(cluster: withAuthority + ", certificate-authority: /ca"))
                == [.conflict("certificate-authority", "certificate-authority-data", entry: "clean")])
        #expect(
            problems(kubeconfig(cluster: withAuthority + ", insecure-skip-tls-verify: true"))
                == [.conflict("insecure-skip-tls-verify", "a certificate authority", entry: "clean")])
    }

    @Test func `an authority that is missing or no PEM is refused`() {
        #expect(
            problems(kubeconfig(cluster: "server: https://a, certificate-authority: /ca"))
                == [.unreadable(FileError(.missing, .read, "/ca"))])
        #expect(
            problems(kubeconfig(cluster: "server: https://a, certificate-authority-data: AAAA"))
                == [.notPEM(field: "certificate-authority", entry: "clean")])
    }

    @Test(arguments: ["http://p:1", "https://u:w@p", "socks5://p", "SOCKS5://p"])
    func `a cluster may have a proxy`(url: String) throws {
        #expect(try access(kubeconfig(cluster: "server: https://a, proxy-url: \"\(url)\"")).proxyURL == url)
    }

    @Test(arguments: ["ftp://p", "p:8080", "http://", "http://a b", "socks4://p", "://"])
    func `a proxy of another kind is refused`(url: String) {
        let cluster = "server: https://a, proxy-url: \"\(url)\""
        #expect(problems(kubeconfig(cluster: cluster)) == [.badProxy(cluster: "clean")])
    }

    @Test func `compression can only be switched off`() throws {
        #expect(try !access(kubeconfig()).disableCompression)
        #expect(try access(kubeconfig()) { $0.disableCompression = true }.disableCompression)
        #expect(try access(kubeconfig(cluster: "server: https://a, disable-compression: true")).disableCompression)
    }
}
