/// What the entries say: the server, the user, flags, the environment, plugins.
extension MirrorKubeconfigs {
    func servers() -> [ParityCase] {
        let (a, p) = (mirror.port("A"), mirror.port("P"))
        let skips = "insecure-skip-tls-verify: true"
        return [
            ParityCase("HTTPS://", text(server: "HTTPS://127.0.0.1:\(a)")),
            ParityCase("HtTpS:// without verification", text(server: "HtTpS://127.0.0.1:\(a)", trust: skips)),
            ParityCase("host in capitals", text(server: "https://LOCALHOST:\(a)")),
            ParityCase("http and a token", text(server: server("P"))),
            ParityCase("HTTP:// and a token", text(server: "HTTP://127.0.0.1:\(p)")),
            ParityCase("http, name and password", text(server: server("P"), user: "username: u, password: p")),
            ParityCase("bare host of a TLS server", text(server: "127.0.0.1:\(a)")),
            ParityCase("bare host, no verification", text(server: "127.0.0.1:\(a)", trust: skips)),
            ParityCase("bare host without TLS", text(server: "127.0.0.1:\(p)", trust: "")),
            ParityCase("slash at the end", text(server: server("A") + "/")),
            ParityCase("query and fragment", text(server: server("A") + "?b=c#d")),
            ParityCase("name in the URL", text(server: "https://u:p@127.0.0.1:\(a)"), ours: .fails(.address)),
            ParityCase("ftp", text(server: "ftp://127.0.0.1:\(a)")),
            ParityCase("blank before the URL", text(server: " https://127.0.0.1:\(a)")),
            ParityCase("no server", text(server: "")),
            ParityCase("proxy", text(server: "https://api.invalid:1", trust: "proxy-url: \(server("P"))")),
            ParityCase(
                "HTTP:// proxy", text(server: "https://api.invalid:1", trust: "proxy-url: HTTP://127.0.0.1:\(p)")),
            ParityCase("proxy without a scheme", text(trust: "proxy-url: 127.0.0.1:\(p)")),
            ParityCase("socks5h", text(trust: "proxy-url: socks5h://127.0.0.1:\(p)")),
        ]
    }

    func users() throws -> [ParityCase] {
        let (certificate, key) = (try mirror.base64(mirror.certificate), try mirror.base64(mirror.key))
        let signed = "client-certificate-data: \(certificate), client-key-data: \(key)"
        let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: "
        return [
            ParityCase("token", text()),
            ParityCase("name and password", text(user: "username: u, password: p")),
            ParityCase("token, name and password", text(user: "token: t, username: u, password: p")),
            ParityCase("certificate", text(user: signed)),
            ParityCase(
                "certificate in files",
                text(user: "client-certificate: mirror.crt, client-key: \(mirror.key)")),
            ParityCase("certificate and token", text(user: "\(signed), token: t")),
            ParityCase("certificate without a key", text(user: "client-certificate-data: \(certificate)")),
            ParityCase("nobody", text(user: "")),
            ParityCase(
                "token in a file that is not there", text(user: "tokenFile: /nowhere")),
            ParityCase("token and its file", text(user: "tokenFile: mirror.token, token: t")),
            ParityCase("plugin that is not there", text(user: exec + "no-such-plugin}")),
            ParityCase("plugin that fails", text(user: exec + "\"false\"}")),
            ParityCase("plugin and certificate", text(user: exec + "\"false\"}, \(signed)")),
            ParityCase("plugin without a version", text(user: "exec: {command: cat, interactiveMode: Never}")),
            ParityCase(
                "plugin of v1alpha1",
                text(user: "exec: {command: cat, apiVersion: client.authentication.k8s.io/v1alpha1}")),
            ParityCase("auth-provider of azure", text(user: "auth-provider: {name: azure}")),
            ParityCase("as another user", text(user: "token: t, as: you")),
            ParityCase("as a group of nobody", text(user: "token: t, as-groups: [g]")),
            ParityCase("no current context", text().replacing("current-context: x\n", with: "")),
            ParityCase(
                "context that is not there", text().replacing("current-context: x\n", with: "current-context: gone\n")),
            ParityCase(
                "cluster that is not there", text().replacing("{cluster: x, ", with: "{cluster: gone, "),
                ours: .fails(.entries)),
            ParityCase(
                "user that is not there", text().replacing(", user: x}", with: ", user: gone}"), ours: .fails(.entries)),
        ]
    }

    func flagsAndVariables() -> [ParityCase] {
        let (text, p) = (text(), mirror.port("P"))
        let two = [Array(text.utf8), other]
        let far = self.text(server: "https://api.invalid:1", trust: "insecure-skip-tls-verify: true")
        func through(_ name: String, _ more: [String: String] = [:]) -> [String: String] {
            more.merging([name: "http://127.0.0.1:\(p)"]) { _, last in last }
        }
        return [
            ParityCase("--context", two, flags: ["context": "other"]),
            ParityCase("--cluster", two, flags: ["cluster": "other"]),
            ParityCase("--user", two, flags: ["user": "other"]),
            ParityCase("--context that is not there", two, flags: ["context": "gone"]),
            ParityCase("--user that is not there", two, flags: ["user": "gone"]),
            ParityCase("--server", two, flags: ["server": server("B")]),
            ParityCase("--token", two, flags: ["token": "flag"]),
            ParityCase("--as", two, flags: ["as": "you"]),
            ParityCase(
                "--certificate-authority", self.text(trust: ""), flags: ["certificate-authority": mirror.certificate]),
            ParityCase(
                "--insecure-skip-tls-verify", self.text(trust: ""), flags: ["insecure-skip-tls-verify": "true"]),
            ParityCase("ALL_PROXY", far, variables: through("ALL_PROXY")),
            ParityCase("HTTPS_PROXY", far, variables: through("HTTPS_PROXY")),
            ParityCase("https_proxy", far, variables: through("https_proxy")),
            ParityCase("HTTP_PROXY", far, variables: through("HTTP_PROXY")),
            ParityCase("NO_PROXY", far, variables: through("HTTPS_PROXY", ["NO_PROXY": "api.invalid"])),
            ParityCase(
                "HTTPS:// through HTTPS_PROXY", far.replacing("https://", with: "HTTPS://"),
                variables: through("HTTPS_PROXY")),
            ParityCase("HTTPS_PROXY and this machine", text, variables: through("HTTPS_PROXY")),
        ]
    }

    func plugins() throws -> [ParityCase] {
        let head = #""kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1""#
        let yaml = "kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: t\n"
        let answers: [(String, String)] = [
            ("JSON", "{\(head), \"status\": {\"token\": \"t\"}}"), ("YAML", yaml), ("YAML after ---", "---\n" + yaml),
            ("YAML after a byte-order mark", "\u{FEFF}" + yaml), ("two documents", yaml + "---\nx: y\n"),
            ("YAML with an end", yaml + "  expirationTimestamp: 2999-01-01T00:00:00Z\n"),
            ("YAML with !!binary", yaml.replacing("token: t", with: "token: !!binary dG9rZW4=")),
            ("number for a token", yaml.replacing("token: t", with: "token: 5")),
            ("line before YAML", "Hello\n" + yaml), ("YAML in the flow style", "{kind: ExecCredential, status: {}}"),
            ("last of equal tokens", "{\(head), \"status\": {\"token\": \"a\", \"token\": \"b\"}}"),
            ("last of equal tokens, escaped", "{\(head), \"status\": {\"token\": \"a\", \"tok\\u0065n\": \"b\"}}"),
            ("last of equal kinds", "{\"kind\": \"X\", \(head), \"status\": {\"token\": \"t\"}}"),
            ("no kind", "{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": {\"token\": \"t\"}}"),
            ("another kind", "{\"kind\": \"X\", \"apiVersion\": \"client.authentication.k8s.io/v1\"}"),
            (
                "another version",
                "{\(head)beta1\", \"status\": {\"token\": \"t\"}}".replacing("v1\"beta1", with: "v1beta1")
            ),
            ("text after JSON", "{\(head), \"status\": {\"token\": \"t\"}} x"), ("nothing", ""),
            ("no status", "{\(head)}"), ("empty status", "{\(head), \"status\": {}}"),
            ("an end that is no time", "{\(head), \"status\": {\"token\": \"t\", \"expirationTimestamp\": \"soon\"}}"),
            (
                "expired already",
                "{\(head), \"status\": {\"token\": \"t\", \"expirationTimestamp\": \"2001-01-01T00:00:00Z\"}}"
            ),
        ]
        return try answers.enumerated().map { number, answer in
            ParityCase("plugin: \(answer.0)", text(user: try plugin(printing: answer.1, number)))
        }
    }
}
